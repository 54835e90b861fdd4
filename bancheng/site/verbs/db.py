"""`bancheng db status|stop|backup|restore|upgrade`."""

import argparse
import os
import sys
import time
from pathlib import Path

from bancheng.lib.refusal import Refused
from bancheng.site import backup, house
from bancheng.site.postgres import EmbeddedPg, places

HELP = "数据库：状态、停止、备份、恢复、升级 · status, stop, backup, restore, upgrade"
DJANGO = False


def add(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True)
    actions.add_parser("status", help="在哪里、是否运行 · where it is, whether it runs")
    stop = actions.add_parser("stop", help="停止本机数据库 · stop the embedded server")
    stop.add_argument("--force", action="store_true", help="即使有人在用 · even while it is used")
    save = actions.add_parser("backup", help="备份到新文件夹 · back up into a new folder")
    save.add_argument("folder", type=Path, nargs="?", help="默认 · default: var/backups/DATE")
    back = actions.add_parser("restore", help="从备份恢复 · restore a backup")
    back.add_argument("folder", type=Path)
    back.add_argument("--replace", action="store_true", help="替换现有数据（旧库改名保留）· replace what is there")
    newer = actions.add_parser("upgrade", help="升级到新的大版本 · carry the data to a new major version")
    newer.add_argument("--from", dest="old", type=Path, required=True, metavar="BINDIR", help="旧版程序 · old programs")


def run(args: argparse.Namespace) -> int:
    """Do what was asked and say what was done."""
    actions = {"status": status, "stop": stop, "backup": save, "restore": bring_back, "upgrade": upgrade}
    began = time.monotonic()
    actions[args.action](args)
    if args.action != "status":
        tell(f"用时 {time.monotonic() - began:.1f} 秒 · took {time.monotonic() - began:.1f} s")
    return 0


def status(args: argparse.Namespace) -> None:
    """Say where the server is and whether it runs; nothing is started."""
    if house.has_own_database():
        tell("外部数据库（DATABASE_URL）· an outside database, named by DATABASE_URL")
        return
    server = house.embedded()
    tell(f"位置 · place      {server.home}")
    tell(f"账号 · account    {places.describe(server.account)}")
    tell(f"数据 · data       {version_of(server)}")
    tell(f"运行 · running    {'是 · yes' if server.alive() else '否 · no'}")
    tell(f"使用 · in use     {'是 · yes' if server.used() else '否 · no'}")
    tell(f"日志 · log        {server.home / 'log'}")


def stop(args: argparse.Namespace) -> None:
    """Stop the embedded server; it stops by itself with its last user, so this is for the odd case."""
    server = ours()
    if server.used() and not args.force:
        raise Refused(
            "database_in_use",
            "数据库正在使用；停止各进程后它会自行停止，或加 --force。",
            en="The database is in use; it stops by itself with its last user, or at once with --force.",
        )
    server.stop()
    tell("已停止 · stopped")


def save(args: argparse.Namespace) -> None:
    """Back up database and documents."""
    folder = args.folder or house.var() / "backups" / backup.stamp()
    tell(f"正在备份到 {folder} · backing up to {folder}")
    server = house.open_database()
    try:
        says = backup.back_up(
            os.environ["DATABASE_URL"], folder, files=backup.files_folder(), documents=backup.documents_folder()
        )
    finally:
        leave(server)
    tell(f"{sum(says['rows'].values())} 行 · rows, {len(says['rows'])} 张表 · tables")
    if says["documents"] is None:
        tell(
            "文件在 S3 存储桶里，请用它自己的版本和复制功能备份 · documents are in the S3 bucket: use its versions and replication"
        )
    else:
        tell(f"{says['documents']} 份文件 · documents")
    tell(f"密钥不在备份里，请另行保存：{house.var() / 'keys'} · the keys are not in it: keep them apart")


def bring_back(args: argparse.Namespace) -> None:
    """Restore database and documents."""
    tell("正在恢复… · restoring…")
    server = house.open_database()
    try:
        documents = backup.documents_folder()
        kept = backup.restore(
            os.environ["DATABASE_URL"],
            args.folder,
            replace=args.replace,
            files=backup.files_folder(),
            documents=documents,
        )
        lost = backup.without_blob(os.environ["DATABASE_URL"], documents) if documents else 0
    finally:
        leave(server)
    if lost:
        tell(f"{lost} 份文件只有记录、没有内容 · documents have a row but no content")
    if kept:
        tell(f"原数据库改名保留为 {kept} · the old database is kept as {kept}")
    tell("已恢复；请再运行 bancheng migrate · restored; run bancheng migrate next")


def upgrade(args: argparse.Namespace) -> None:
    """Carry the embedded data to the programs in use."""
    server = ours()
    tell(f"正在升级：{version_of(server)} → {server.binaries().version}")
    kept = backup.upgrade(server, args.old)
    tell(f"已升级；旧数据保留在 {kept}，确认无误后可删除 · upgraded; the old data is kept in {kept}")


def ours() -> EmbeddedPg:
    """Return the embedded server; refuse to touch an outside one."""
    if house.has_own_database():
        raise Refused(
            "outside_database",
            "DATABASE_URL 指定了外部数据库，请用它自己的工具。",
            en="DATABASE_URL names an outside database: use its own tools.",
        )
    return house.embedded()


def version_of(server: EmbeddedPg) -> str:
    """Return the major version of the data, or that there is none."""
    version = server.data / "PG_VERSION"
    return f"PostgreSQL {version.read_text(encoding='utf-8').strip()}" if version.exists() else "无 · none"


def leave(server: EmbeddedPg | None) -> None:
    """Release the server if it is ours."""
    if server:
        server.release()


def tell(text: str) -> None:
    """Print one line at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
