"""The replay of a year (回放一年): the licence alarm and one-thing-done-once live through it, and the source's figures come of it.

The outside is played by `bancheng.sim`: ledgers of 37 units, holders who act, phones that ring. Everything else is the platform's
own doing: import, inspection, messages over signed HTTP with their receipts, tasks, renewals on the issuing unit's word. No figure
is set; `bancheng prove` recomputes them from what happened.

`year` tells the story, `days` lives a day (`bundles` that of one-thing-done-once, `raters` what is said of it, shared among `helpers`), `cast` opens accounts,
`peers` finds the house or starts what it needs, `diary` keeps how far it has come.
"""

from bancheng.site.replay.year import Outcome as Outcome
from bancheng.site.replay.year import replay as replay
