"""licences: the city's library of electronic licences.

Promise: one row for each licence, as its issuing unit says it is; whoever relies on it learns its status at that
second, and the holder can see who did. For whom: services that reuse a licence instead of asking for paper, and the
alarm before it runs out. Law: 国务院令第716号 第十条 (an electronic licence equals paper), 行政许可法 第七十条 (what
ran out is cancelled). States: valid → changed | suspended | revoked | cancelled | expired (`rules.NEXT`).
What can go wrong: a stale list would bring a revoked licence back (refused: only a later issue does); the same licence
stands twice in one list (the later issue wins, both are reported); a copy in somebody's cache outlives the licence
(`reuse` asks the row, not the copy). The platform itself never changes a licence: every change names the unit that
issued it (`rules.Source`).
"""
