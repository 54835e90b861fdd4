"""exchange: other programs, let in by name, told what happened, and never told twice that it was done once.

Promise: a partner system has an account of its own kind (P-7) and does what its scopes name, no more (P-8); the same request
sent again has the effect of one; who reads the events from where he stopped misses none, in whatever order they were committed;
a webhook comes signed, in order, until it is taken or a person looks at it. For: banks, platforms, department systems.
Law: 国务院关于在线政务服务的若干规定 第八条 (systems are joined); 个人信息保护法 第二十三条 (who is given data is named), 第五十一条.
States: a key works → is replaced (both work for a while) → revoked. A delivery waits → delivered, or tried in vain → a person tries again or passes over it.
What can go wrong: a request is replayed (refused, its nonce is known to every process); a database copy is stolen (it holds no
secret: they are sealed, or were never here); a worker dies while it sends (the delivery goes again, under the same id); the receiver
is down for a day (its line waits, others go on); the database is restored elsewhere (positions, once given, stay: decision 0018).
"""
