"""高效办成一件事: open, move, change or close a business with one application.

Promise: one form in which what the city knows is filled in, one set of papers, one submission; each department decides its own
matter by its own clock, one notice says all that is to be corrected, results come as they are ready. For: enterprises and
sole traders, their agents, window clerks, the officers of a dozen departments, leaders.
Law: 行政许可法 第二十六、三十二、四十二条; 市场主体登记管理条例 第十九、二十七、三十三条; 消防法 第十五条; 优化营商环境条例 第十九、二十条.
States are those of kernel/cases; a bundle is a case whose steps are matters.
What can go wrong: a department is silent (its clock acts or escalates, the others go on); one matter is refused (no other is, what
waits for it waits, R14.2); the same form is sent twice (one case); two people fill in one form (the later hears which field).
"""
