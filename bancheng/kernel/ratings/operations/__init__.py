"""Every change of a rating, a call-back, an appeal: one function, one transaction, one audit line."""
