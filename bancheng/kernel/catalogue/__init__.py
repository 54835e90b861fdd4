"""catalogue: areas, units, matters and outlets of the city."""
