"""audit: append-only events, sealed in batches."""
