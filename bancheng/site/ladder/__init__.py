"""The ladder of kill -9: one process of the whole house after the other, at moments of chance, while people scan, pay, use and leave.

`houses` says what a house is and runs the real one, `people` are those who use it, `wild` is a gateway that says what it must not, `rounds`
kills and waits, `books` asks in the end whether anybody lost or gained anything: our books, the channels', the meters' registers. The
long ladder is `bancheng bench --only faults`, the short one stands in the tests.
"""
