"""jobs: work promised in the transaction that makes it due."""
