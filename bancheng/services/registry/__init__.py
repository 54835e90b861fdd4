"""registry: the desks of the registration office."""
