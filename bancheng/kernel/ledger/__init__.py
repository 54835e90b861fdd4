"""ledger: what moved from whom to whom, to the last unit, for money and for land.

Promise: every movement is an entry whose lines sum to zero; nothing recorded is ever changed, a mistake is undone by a reversing entry;
the same key posts once, however often it is sent; an account that may not be overdrawn is not; each balance can be recomputed from its lines.
For: shared power (fen), quantified land (dm² = 0.01 m²), every service that holds what belongs to others.
Law: 会计法 第九、十五条 (every account from real vouchers; corrections are visible); 电力供应与使用条例 第二十七条 (what is charged is what was metered).
States: an entry stands, or stands reversed; a hold is open, then released.
What can go wrong: two post to one account at once (one order of locks, one statement); a poster dies (its transaction is gone whole); a
message comes twice (its key); a row is changed past the guards (`bancheng ledger verify` names it).
"""
