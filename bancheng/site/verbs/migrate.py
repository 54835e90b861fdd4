"""`bancheng migrate`: bring the database to the code's shape, and load a pack into it."""

import argparse
import importlib
import sys

from bancheng.site import house

HELP = "更新数据库结构 · bring the database to the code's shape [--load PACK]"


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--load", metavar="PACK", help="然后加载城市包 · then load this city pack, as `bancheng load` does"
    )


def run(args: argparse.Namespace) -> int:
    """Migrate if anything is to be done, then load the pack if one is named and packs can be loaded."""
    if steps := pending():
        from django.core.management import call_command

        sys.stdout.write(f"更新数据库结构：{len(steps)} 步 · {len(steps)} steps to the code's shape of the database\n")
        sys.stdout.flush()
        call_command("migrate", verbosity=0, interactive=False)
    if args.load:
        return load(args.load)
    return 0


def pending() -> list[str]:
    """Return the migrations the database lacks, in order."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]


def load(pack: str) -> int:
    """Run the verb `load` in this process: a second start of Django costs a second."""
    if not house.built("bancheng.site.verbs.load"):
        return 0
    verb = importlib.import_module("bancheng.site.verbs.load")
    parser = argparse.ArgumentParser(prog="bancheng load")
    verb.add(parser)
    return int(verb.run(parser.parse_args([pack])) or 0)
