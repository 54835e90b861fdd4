"""credit: who may be trusted with a promise, and who has to mend one first.

Promise: what is held against somebody is written down with its article and the unit that says so, bars only what the law lets it bar,
and ends with its repair. Three kinds are kept apart (R-CR-7): a promise of conditions that was found false, a paper that did not come
by its day, a listing as seriously dishonest. For: every service whose matters offer 告知承诺 or 容缺; the credit service feeds it later.
Law: 河南省优化营商环境条例 第三十四、三十五条; 国办发〔2020〕42号; 河南省社会信用条例 第十三、十六、三十一、四十三条.
States: open → repaired; a mark is never deleted.
What can go wrong: the same failure is told twice (one mark of one kind about one thing); a mark outlives its repair (asked at the second of
the act, nothing is copied); an identifier leaks (only its keyed hash is here).
"""
