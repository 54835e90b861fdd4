"""Mine (我的): what the city tells me, and what I let it tell me.

Promise: every message to a person can be read again here, with its date, links and the way it came; each kind can be stopped
and started by one press, signed in or from the link in the message itself (R-ID-7: 个人信息保护法 第二十四条).
For: anybody the city has sent something, and those who act for another within their scope.
Also who read a whole number of theirs, who used a licence, and what an agent did in their name (`looks.py`, P-3 to P-5).
What can go wrong: a message of somebody else is asked for (not found, never "forbidden": its existence is private too); a stop
link is opened by a mail scanner (opening changes nothing, the press does); receipts are forged (refused and logged).

The messages themselves are the kernel's (`kernel/notices`); this folder has its doors, the gateways' receipt door among them.
"""
