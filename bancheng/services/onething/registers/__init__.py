"""Registers of other offices: what they know of a firm that wants to move, or to be cancelled the simplified way.

Promise: what a register says is shown to the applicant with its number, as of when, and whom to turn to; a firm is asked about once a
day, for a purpose the law names, and every question is on record (R-E-3). For: applicants, the officers who decide.
Law: 市场主体登记管理条例 第二十七、三十三条; 市场主体登记管理条例实施细则 第四十八条; 行政许可法 第三十二条.
What can go wrong: no register answers (the application is taken in all the same, it says 未核验, and the question is repeated until it is
answered); an answer is forged, of another firm or of another day (it counts as none).
"""
