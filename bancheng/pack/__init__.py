"""Read, check and load a city pack: the folder of data that makes this software a city's own."""
