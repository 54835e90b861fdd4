"""Composition only: settings, the list of services, urls and process entry points."""
