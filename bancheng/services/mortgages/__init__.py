"""抵押登记全程网办: the mortgage is filed with the loan, at the bank's own desk; the registry reviews and records; the proof goes to the bank.

Promise: nobody goes to the registry and nobody hands in paper (零提交、零次跑、零等候、零上门审批). What may be filed by which of the nine channels
is data; a bank files while its agreement is in force; the mortgagor and whoever owns with him agree each on his own account; the paper stays with
the bank, listed page by page, and the registry asks for it when it wants it. Each bank has a chief service officer who answers its requests.
For: clerks, approvers and archivists of banks; officers of the registry; owners, who hear of each step and may object.
Law: 民法典 第三百九十九条、第四百零二条、第四百零六条; 不动产登记暂行条例 第十四条、第十五条; 档案法 第二十四条.
States: agreement proposed → signed → over; request asked → sorted → answered → rated; bundle owed → kept ⇄ lent → handed over | lost.
What can go wrong: an agreement has run out (its outlets file nothing new, payoffs still go); the pages counted are not the pages listed, or a scan
taken anew is another (a finding opens, somebody of the registry closes it); the bank answers late (it escalates); a bank asks for more than the
loan (a complaint).

The application, its clocks, its four eyes and the one proof are the office's (`kernel/registrations`); the book is `kernel/titles`.
"""
