"""Parts of shared power, one file a subject."""
