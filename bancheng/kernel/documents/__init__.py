"""documents: what people hand in, kept sealed and whole.

Promise: a file is taken as what its bytes are, whatever its name says; what could harm the reader, or cannot be read, is
refused with a sentence before anything is written; what was taken is there until nobody needs it, sealed on disk, and
every reading leaves a line. The same content is kept once in a region, and what was handed in for one matter need not be
handed in for the next. For whom: every service with materials (F14). Law: 个人信息保护法 第十九条 (kept no longer than
needed), 第五十一条 (sealed, reading logged); 国务院令第716号 第十条 (an electronic document equals paper).
States: stored → used by one or more cases → unused → forgotten after the days of the setting.
What can go wrong: a file that is two things at once, a bomb, a script, a macro, a password (refused); bytes behind a
picture's end, a path in a name (cut off, and said so); a crash between blob and row (an orphan, swept a day later; a
row without its blob cannot come about, for the blob is on disk before the row is written); a scanner that does not
answer (nothing is taken meanwhile).
"""
