"""Template filters of the service."""
