"""`bancheng audit`: seal the record, prove that nobody changed it, print what to publish."""

import argparse
import json
import sys
from typing import Any

from bancheng.lib.refusal import Refused

HELP = "审计记录 · the audit record: verify [--anchor SEQ:HEX] | seal | anchor [--json]"


def add(parser: argparse.ArgumentParser) -> None:
    what = parser.add_subparsers(dest="what", required=True)
    verify = what.add_parser(
        "verify", help="重算并核对全部记录，不符时退出码为1 · recompute everything; exit code 1 if not"
    )
    verify.add_argument(
        "--anchor", default="", metavar="SEQ:HEX", help="与从前公布的封存值比对 · compare with a seal published earlier"
    )
    seal = what.add_parser("seal", help="立即封存 · seal what waits, now")
    anchor = what.add_parser("anchor", help="打印最新封存值，供抄录或公布 · print the newest seal, to note or publish")
    for each in (verify, seal, anchor):
        each.add_argument("--json", action="store_true", help="机器可读 · for machines")


def run(args: argparse.Namespace) -> int:
    """Do what was asked; 1 when the record does not fit its seals."""
    return {"verify": _verify, "seal": _seal, "anchor": _anchor}[args.what](args)


def _verify(args: argparse.Namespace) -> int:
    from bancheng.kernel.audit import public as audit

    if args.anchor and not audit.is_anchor(args.anchor):
        raise Refused(
            "not_an_anchor",
            "封存值应写作“批次:64位十六进制”，即 bancheng audit anchor 打印的内容。",
            en="An anchor is written SEQ:HEX, as `bancheng audit anchor` prints it.",
        )
    report = audit.verify(published=args.anchor, progress=_bar if sys.stderr.isatty() and not args.json else None)
    if args.json:
        _out(report.as_json())
        return 0 if report.ok else 1
    for fault in report.faults:
        _say(f"{fault.says.zh}\n{fault.says.en}")
    if report.more:
        _say(f"另有 {report.more} 处 · {report.more} more")
    verdict = "相符 · everything fits" if report.ok else "不符 · the record does not fit its seals"
    _say(f"{report.events} 条 / {report.batches} 批，待封存 {report.waiting} 条：{verdict}")
    return 0 if report.ok else 1


def _seal(args: argparse.Namespace) -> int:
    from bancheng.kernel.audit import public as audit
    from bancheng.kernel.clocks import public as clocks

    count = audit.seal(at=clocks.now())
    if args.json:
        _out({"sealed": count})
    else:
        _say(f"已封存 {count} 条 · {count} events sealed")
    return 0


def _anchor(args: argparse.Namespace) -> int:
    from bancheng.kernel.audit import public as audit

    anchor = audit.anchor()
    if anchor is None:
        raise Refused("nothing_sealed", "还没有封存过任何记录。", en="Nothing has been sealed yet.")
    if args.json:
        _out({"seq": anchor.seq, "chain": anchor.chain, "sealed_at": anchor.sealed_at.isoformat()})
    else:
        _say(str(anchor))
    return 0


def _bar(done: int, total: int) -> None:
    sys.stderr.write(f"\r{done} / {total}" + ("\n" if done == total else ""))
    sys.stderr.flush()


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")


def _out(values: dict[str, Any]) -> None:
    _say(json.dumps(values, ensure_ascii=False))
