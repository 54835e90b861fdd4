"""Every read; whose row it is is asked here."""
