"""ratings (好差评): what people say of a service, who calls back when it is bad, and who may leave a rating out.

Promise: everybody served is asked once, nothing is chosen for him, silence is no rating; a bad rating is called back by the unit
that did the work, within days that are counted; nobody judges a rating of himself. For: applicants and visitors, the units'
call-back officers, supervisors, everybody who reads the figures.
Law: 国办发〔2019〕51号 (好差评); 个人信息保护法 第五十一条 (what is known of the rater). The days are local rules, not national ones.
States of a call-back: open → fixing | ledgered | explained → settled → closed; dropped when its rating is left out.
States of an appeal: waiting → excluded | kept; excluded → objected → upheld | restored.
What can go wrong: two devices rate at once (both are kept, the later counts); a rating is bought or forced (none is preselected,
who did the work sees none); a unit does not call (its clock escalates); a bad rating is made to vanish (the log only grows).
"""
