"""guides: what can be applied for, what to bring, how long it takes, what it costs, where, and whether it is open now.

For everybody, without signing in. 行政许可法 第三十条: matter, basis, conditions, procedure, time limit and the whole list of
papers are public. Every word comes from the catalogue (R4.2); nothing is typed in here, and nothing is kept: no tables, no states.
What can go wrong: nobody knows the official name (synonyms, pinyin, nearest guides), the door is closed (the next opening is
said), the connection is bad (the page needs no script and prints).
"""
