"""Everything that is changed: orders, calls, refunds, days compared."""
