"""forms: what applicants are asked, each thing once, and the drafts they leave.

Promise: a datum is defined once for the city (`Element`: its kind, the law that lets us ask, the unit that answers for its
truth); a matter's form only names elements; forms of several matters make one (`union`). What we hold already is offered
with its source and never typed again; what the applicant corrects goes to the unit that keeps it (R2.3). A draft is saved at
any time, resumed anywhere, undone, and never overwritten unseen (B14.11). For whom: services that take applications. Law:
优化营商环境条例 第三十六条 (nothing asked twice), 个人信息保护法 第六条 (nothing asked without need). States: a draft is open →
submitted; a data-quality item is open → accepted | declined (`rules.NEXT`). What can go wrong: two agents edit one field (the
later is told which, by whom, when); the pack changes under a draft (it is read by the new form; its `digest` tells); a
source answers rubbish (it is not offered). One evaluator, `rules`, serves pages, programs and the load of a pack.
"""
