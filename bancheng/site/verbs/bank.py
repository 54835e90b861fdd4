"""`bancheng bank check URL`: whether a house does for a bank what its interface promises, asked with a bank's own key."""

import argparse
import sys
from pathlib import Path

import httpx

from bancheng.lib import bankkeys, sigalgs
from bancheng.lib.refusal import Refused
from bancheng.site import bankcheck, house

HELP = "银行接口核验 · bancheng bank check URL: does a house keep the bank interface's promises"
DJANGO = False


def add(parser: argparse.ArgumentParser) -> None:
    what = parser.add_subparsers(dest="what", required=True)
    one = what.add_parser("check", help="逐项核验 · check a running house")
    one.add_argument("url", help="http://127.0.0.1:8000")
    one.add_argument("--bank", default="boc", help="演示银行 · a bank of the demonstration (boc)")
    one.add_argument("--key-id", help="密钥编号 · id of a key of your own")
    one.add_argument("--key", type=Path, help="私钥文件（十六进制） · file with its secret, in hex")
    one.add_argument("--algorithm", choices=sigalgs.PUBLIC, default=sigalgs.SM2)
    one.add_argument("--user", default=sigalgs.USER_ID, help="SM2用户标识 · user id of SM2")


def run(args: argparse.Namespace) -> int:
    """Check, print a line each; 1 when something is not kept."""
    with httpx.Client(base_url=args.url, timeout=20, trust_env=False) as client:
        kit = kit_of(args, client)
        bad = 0
        for result in bankcheck.run(kit):
            bad += bool(result.seen)
            mark = f" ✗ {result.what}: {result.seen}" if result.seen else f" ✓ {result.what}"
            sys.stdout.write(f"{mark}\n")
            sys.stdout.flush()
    count = len(bankcheck.CHECKS)
    sys.stdout.write(f"\n{count}项，{bad}项不符 · {count} checks, {bad} not kept\n")
    return 1 if bad else 0


def kit_of(args: argparse.Namespace, client: httpx.Client) -> bankcheck.Kit:
    """Return the kit with the key that was named, or a demonstration bank's. Raises Refused("no_bank_key")."""
    if args.key_id and args.key:
        private = bytes.fromhex(args.key.read_text(encoding="ascii").strip())
        return bankcheck.Kit(client, args.key_id, private, args.algorithm, args.user)
    bank = next((one for one in bankkeys.BANKS if one.unit == args.bank), None)
    key_id = bankkeys.key_id(house.var(), args.bank)
    if bank is None or not key_id:
        raise Refused(
            "no_bank_key",
            "没有这家演示银行的密钥；请先运行make run，或用--key-id和--key指定自己的密钥。",
            en="There is no key of that bank: run `make run` first, or name your own by --key-id and --key.",
        )
    held = bankkeys.held(house.var(), bank)
    return bankcheck.Kit(client, key_id, held.private, held.algorithm, bank.user)
