"""clocks: the only clock, calendars as data, and dates that explain themselves."""
