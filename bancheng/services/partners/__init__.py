"""partners: other organisations' systems: keys, events, reconciliation."""
