"""partners: the systems of banks and other organisations, as their own people and ours see them.

Promise: a bank keeps its own secret and hands in the public half; nobody lets a key in alone; a key is revoked at once by whoever notices; what two books
say differently has a name, an owner and a day. For: a bank's administrator and approver; operators; the registry that clears differences up.
Law: 中华人民共和国密码法 第二十七条 (commercial cryptography where the law asks for it); 个人信息保护法 第五十一条; 不动产登记暂行条例 第二十八条.
States: a key is handed in → proven → let in, or withdrawn, or too old after seven days; a difference is open → closed with its cause.
What can go wrong: a key is handed in by somebody who does not have it (its proof fails); the one operator is deceived (a second compares the fingerprint);
the agreement ran out (no key is let in, no new filing is taken); a bank does not answer a day (that is a difference itself).
"""
