"""Words of certificates in templates."""
