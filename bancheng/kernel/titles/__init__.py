"""titles: the book of the land: who holds which share of a parcel, and what rests on it, on any day as known on any day.

Promise: the shares of a parcel are its area, to 0.01 m², after every act; nothing is disposed of twice; whatever stands in the way is named
with its number and what would clear it; nothing recorded is ever changed; every sheet of any day can be derived again.
For: the registration office, which alone writes here; courts, whose orders enter on service; banks, buyers and developers, who read.
Law: 民法典 第二百零九、二百一十四、二百二十一、三百五十六、三百九十七、四百一十四条; 不动产登记暂行条例; 查封规定; 民诉法解释 第四百八十五条.
States: `rules/words.py`; what blocks what is `rules/matrix.py`.
What can go wrong: two record at once (the parcel's row is the lock, one waits and is judged by what then stands); an act comes twice (its
key); a share is off by one dm² (refused by the database at once); a row is changed past the guards (`bancheng land verify` names it).
"""
