"""catalogue: what a city is made of and what can be applied for there.

Areas, units, outlets, licence types and matters with their guides, loaded from the city's pack and never typed in
twice. A guide is closed (R-OT-3): nothing may be asked for that does not stand in it. Who governs and which code is on
the map are two things: a zone is a unit with or without a code, and a unit serves any number of areas.
"""
