"""Every read of land shares."""
