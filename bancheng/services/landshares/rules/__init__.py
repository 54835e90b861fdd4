"""What land shares decide without a database."""
