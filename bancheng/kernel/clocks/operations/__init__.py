"""Every change: calendars are loaded, clocks run, silence acts, a demonstration moves its clock."""
