"""What a passer-by may prepay, and what he is offered."""

from bancheng.lib.refusal import Refused
from bancheng.services.sockets.rules.places import Protocol

LEAST_FEN, MOST_FEN = 100, 5000
AMOUNTS_FEN = (200, 500, 1000, 2000)
USUAL_FEN = 500
MOST_UNBOUNDED_FEN = 2000  # where the device cannot be given a limit of energy: offline it may give more than was paid, and that is our loss


def most_fen(protocol: Protocol) -> int:
    """Return the most that may be prepaid: less where only the platform can end a session whose money is used up."""
    return MOST_FEN if protocol is Protocol.MQTT else MOST_UNBOUNDED_FEN


def check_amount(fen: int, *, most: int = MOST_FEN) -> None:
    """Raise Refused("bad_amount") for nothing, less than nothing, or more than is safe to hold (B1.8)."""
    if not LEAST_FEN <= fen <= most:
        raise Refused(
            "bad_amount",
            f"预付金额应为{LEAST_FEN // 100}至{most // 100}元，没有扣款；请重新选择，用不完的余额会原路退回。",
            en=f"Prepay {LEAST_FEN // 100} to {most // 100} yuan; nothing was charged. Choose again: what is left over goes back.",
            status=422,
        )


def busy() -> Refused:
    """Return the refusal for a socket that is somebody else's."""
    return Refused(
        "socket_busy",
        "这个插座正在使用或刚被别人选中，没有扣款。请换旁边空闲的插座，或稍后再试。",
        en="This socket is in use or was just taken by somebody else. Nothing was charged. Take a free one beside it, or try again later.",
    )
