"""The rules of time: pure, quoting the law, knowing no clock, no table and no framework.

`calendar` knows which days are worked; `law` holds what statutes say of units, pauses and silence; `deadline` works
a date out; `explain` says in one sentence how it was worked out.
"""
