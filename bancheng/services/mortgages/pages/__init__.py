"""The pages: each asks one query or calls one operation."""
