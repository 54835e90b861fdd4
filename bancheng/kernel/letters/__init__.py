"""letters: what an office has to give in writing, dated and under its seal.

Promise: accepting a case, not accepting it, asking for corrections, and each decision that needs one, yields a letter that says who, what,
by which article and until when; it is the same to the byte however often it is fetched, and anybody who is shown it can check it. For:
applicants, the desks that owe them the letter, courts and others who are shown it.
Law: 行政许可法 第三十二、三十八、四十五条 (a dated written receipt under the office's seal; reasons and remedy in writing); 国务院令第716号 第八、九条.
States: none: a letter is what was written then. What became of the case since, its own page says.
What can go wrong: the office has no seal (nothing is promised, the case goes on; the desk sees that it is missing); a name holds a character
that the faces lack (refused with a sentence, the operators are told); the log line was taken back meanwhile (nothing is written).
Letters are made by a job from the log, never by the act itself: acting costs no more for them.
"""
