"""One folder for each service of the city; none imports another."""
