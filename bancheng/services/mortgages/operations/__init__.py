"""Every change of the service: one function, one transaction, one line in the record."""
