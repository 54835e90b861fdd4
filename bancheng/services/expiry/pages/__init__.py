"""The doors of the service: the public directory, the holder, the unit's desk, the figures."""
