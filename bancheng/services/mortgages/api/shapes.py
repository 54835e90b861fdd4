"""Who may call for a bank."""

from bancheng.kernel.exchange import public as exchange
from bancheng.lib.refusal import Refused

SERVICE = "mortgages"


def bank_of(caller: exchange.Caller) -> str:
    """Return the unit of the bank that calls. Raises Refused("not_a_bank")."""
    if not caller.unit:
        raise Refused(
            "not_a_bank",
            "这些接口只供已登记单位的银行系统使用，未作任何改动。",
            en="These operations are for systems of banks; nothing was changed.",
            status=403,
        )
    return caller.unit
