"""`bancheng manage …`: Django's own management commands."""

import argparse

HELP = "Django 管理命令 · Django's management commands: bancheng manage shell, makemigrations, …"
PASS = True


def run(args: argparse.Namespace) -> int:
    """Hand the words on as they are."""
    from django.core.management import execute_from_command_line

    execute_from_command_line(["bancheng manage", *args.words])
    return 0
