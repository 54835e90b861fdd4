"""expiry (许证闹钟): nobody loses a licence because a date slipped by.

Promise: a holder is told in time, to the day and with what to bring, when a licence must be renewed; whoever has still not
done so three days before is called or visited; and the agency is warned before its own silence renews a licence.

For whom: licence holders and those who act for them; unit administrators, section officers, supervisors, auditors.

Law: 行政许可法 第五十条 (apply 30 days before expiry unless otherwise provided; undecided at expiry counts as renewed),
第七十条 (an expired permit is cancelled); 市场主体登记管理条例 第二十六条; 国务院令第716号 第七条 (data for this purpose only).

The trap: at T-30 the lawful window may already be closing or closed. So every date counts from the close of the renewal window
as well as from expiry (`rules.STAGES`), and the one that comes first speaks first.

States of a watch: live → pending (applied) → renewed or deemed, or → given_up, deregistered, revoked, lapsed; `rules.NEXT` says
who moves it.

Life of a day: after midnight the kernel's clocks let silence act on undecided applications (`operations/applications.py`). At half
past two `inspect` finds by index what is due, writes one reminder a stage (a unique key makes a second run harmless), asks the
kernel to send messages, opens the T-3 tasks, closes the terms that ended and opens their cancellation. At eight the clocks warn
of applications about to be decided by silence; at nine on working days staff are told what the day holds (`operations/desk.py`).

What can go wrong: a dirty ledger (rows come back with a reason), a missed night (caught up), a dead phone (push, SMS, then a
person), a renewal in the second before sending (checked again then), one phone for forty licences (one digest).
"""
