"""clocks: the only clock, calendars as data, and dates that explain themselves.

Promise: a date is never wrong, and says in one sentence how it came about. For: every service that has a time
limit, the administrators who load a year's holiday notice, whoever asks "until when?".
Law: 行政许可法 第四十二、四十五、五十、八十二条; 行政复议法 第八十八条; 行政处罚法 第八十五条; 民事诉讼法
第八十五条; the yearly holiday notices of the State Council. A running clock: running → paused → running → done |
lapsed | cancelled.
What can go wrong: a year is not published yet (dates are provisional and worked out again, R-CLK-9); a notice is
revised (a new version, the old one kept); a pause was never served (it never happened, R-CLK-5); two workers look
at the same midnight (silence acts once, R-CLK-7); a demonstration moves the clock (never in production).
"""
