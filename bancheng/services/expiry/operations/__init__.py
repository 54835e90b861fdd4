"""Every change of the service, one function, one transaction, one audit line each."""
