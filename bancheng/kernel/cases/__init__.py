"""cases: what somebody asked for, how far it is, who has to act and until when.

Promise: a case is what its log says: who did what, when, why and on which paper; its state is worked out from that and from a
flow, which is data. Nobody is stuck, nothing happens twice, no department's no cancels another's yes. For: every service
whose business is a case (S02, S05 to S09, S13 to S15), their applicants, clerks, officers and leaders.
Law: 行政许可法 第二十六、三十二、四十二、四十四条; 优化营商环境条例 第十九、三十六条; 河南省优化营商环境条例 第二十八、三十四、三十五条.
States: draft (kept by forms) → submitted → reviewing ⇄ correcting → accepted | not_accepted → handling ⇄ paused → decided → served →
closed → following_up → archived; side exits withdrawn, terminated, waived, transferred.
What can go wrong: two clerks decide at once (the row is locked, the second is told what happened); a flow is changed (a case
stays on the version it began with); a department is silent (its clock acts or escalates, the others go on); the same form is
sent twice (its key is taken once).
"""
