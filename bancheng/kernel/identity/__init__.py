"""identity: people, organisations, staff, roles and sealed identifiers."""
