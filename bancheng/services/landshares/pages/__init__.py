"""The pages of land shares."""
