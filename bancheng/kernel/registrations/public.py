"""The face of registrations."""
