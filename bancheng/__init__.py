"""Bancheng (办成): one open system for a city's public services."""
