"""Certificates (电子证照): a holder's licences as sealed files, and the check that anybody can make.

Promise: whoever holds a licence can download it as a file sealed by its unit, see who relied on it, and have one made where there
is none; whoever is shown one learns by its code or from the file itself what it is worth at that second, in plain words, with
masked facts only, and what was checked and what was not.
For: holders and those who act for them within their scope; anybody who is shown a certificate, without an account.
Law: 国务院令第716号 第十条, 电子签名法 第十三条. States are the kernel's (`kernel/certificates`), worked out when asked (R-E-4).
What can go wrong: a revoked certificate goes round as a file (its page says so at once, and no cache keeps the page); somebody
uploads what is no certificate, or an altered one (said so; a stranger's bytes are not taken apart); another's certificate is
asked for (it does not exist for him); the worker is busy (the page says that it is being made and looks again by itself).
"""
