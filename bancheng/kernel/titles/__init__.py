"""titles: the book of the land: who holds which share of a parcel, and what rests on it, on any day as known on any day."""
