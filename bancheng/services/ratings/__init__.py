"""好差评: everybody served is asked how it was; a bad rating is called back, answered, and counted.

Promise: five grades, none chosen beforehand, silence is no grade; who did the work never sees who rated; each bad rating gets a call, an
answer and a day; figures with their formula for everybody. For: applicants and visitors, window clerks, units, supervisors, the public.
Law: 国办发〔2019〕51号; GB/T 39735, GB/T 39734 (一次一评、一事一评). The days are the city's own (packs/<city>/services/ratings).
States are those of kernel/ratings. What a case is rated for is heard from `cases.told`, whatever service it is of.
What can go wrong: a city that has no texts (nobody is asked); nobody sits in the unit (its clock escalates all the same); a link is
passed on (who holds it held the phone; it opens one rating and nothing else).
"""
