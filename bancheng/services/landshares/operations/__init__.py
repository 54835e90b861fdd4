"""Every change of land shares."""
