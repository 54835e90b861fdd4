"""`bancheng prove`: recompute every figure of the source document that can be, and show the rest as what it is."""

import argparse
import sys

HELP = "案例自证：复算原文数字 · recompute the source document's figures and check its promises"


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--json", action="store_true", help="输出一份 JSON · print one JSON document")
    parser.add_argument(
        "--service", default="", metavar="S10", help="只看一项服务，不留记录 · one service; nothing is kept"
    )


def run(args: argparse.Namespace) -> int:
    """Return 0, 1 when a computed figure differs or a check fails, 2 when no claims are loaded."""
    # these need settings, and a verb is imported before they are read
    from bancheng.kernel.claims import public as claims
    from bancheng.kernel.clocks import public as clocks
    from bancheng.site import house
    from bancheng.site.verbs import _proof

    proving = claims.prove(at=clocks.now(), service=args.service.upper(), by="command")
    if not proving.proofs:
        house.say("没有可复算的条目：请先运行 bancheng load，或核对 --service。")
        house.say("There are no claims: run bancheng load first, or check --service.")
        return 2
    if args.json:
        sys.stdout.write(_proof.document(proving))
    else:
        _proof.show(proving)
    return 0 if proving.ok else 1
