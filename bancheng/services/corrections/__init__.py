"""数据更正: whoever finds that the city holds something wrong about him says so, and the unit that keeps it looks into it.

Also where departments share what they hold, so that no form asks for it (R2.4): a wrong datum is corrected where it came from.

Promise: what was filled in for somebody and is wrong is corrected by saying so in a form (R2.3); his application goes on with what he
said, and within ten working days the unit that answers for the datum agrees, or says with a reason why not; he is told either way.
For: applicants; the section officers of the unit that answers for a datum; its administrator, who sees how long things wait.
Law: 个人信息保护法 第四十六条 (whoever finds his data wrong may have it corrected, in time), 第五十条 (a refusal carries its reason).
States: open → accepted | declined; accepted, it is over when the source says so too (at once, where the unit shares the datum).
What can go wrong: a unit is silent (its administrator hears of it from the first working day after); two officers decide at once (the
second is told); the datum stands in a register that is not ours (a task says who changes it, and waits until he says it is done).

The items themselves are the kernel's (`kernel/forms`); this folder has their desk.
"""
