"""Every change: `loading` of a pack, `drafts` of applicants, `items` that wait for the unit that answers for a datum."""
