"""The face of titles."""
