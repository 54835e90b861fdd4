"""国有建设用地使用权量化登记: the land-use right of a parcel, divided unit by unit into shares that follow each flat from plan to owner.

Promise: whoever sells, mortgages, seizes or buys sees to 0.01 m² what is still there, and nothing is disposed of twice (F7.10); a buyer gets his
title although the rest of the land is mortgaged or seized.
For: developers, buyers, banks and courts; surveyors and officers of the registry; the leading group; leaders.
Law: 民法典 356, 357, 397 (house and land go together), 209, 214 (a right exists from the entry), 221 (advance notice); 查封规定 19, 21, 26.
States: five stages of new land (取得使用权、未开始预售、预售、首次登记、全部完结), four types of existing land.
What can go wrong: a survey that differs from permit or plan (B7.1), a unit sold twice (B7.2), a seizure larger than what is left (B7.4), areas that are no
decimals (B7.8), a code that cannot be one (B7.9).

The book itself is the kernel's (`kernel/titles`), the way into it the registration office (`kernel/registrations`): this folder has pages that ask
the book and hand applications in. It records nothing itself but a court's order, which takes effect when it is served.
"""
