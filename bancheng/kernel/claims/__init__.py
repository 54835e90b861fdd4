"""claims: every promise and figure of the source, recomputed or honestly marked."""
