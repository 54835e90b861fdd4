"""Where the house keeps its things, for those who must know before Django's settings can be read."""

import importlib.util
import os
import sys
from pathlib import Path

from bancheng.site.postgres import EmbeddedPg

ROOT = Path(__file__).resolve().parent.parent.parent
SETTINGS = "bancheng.site.settings"


def var() -> Path:
    """Return the folder for everything that is not code: BANCHENG_VAR, or `var` in the checkout."""
    return Path(os.environ.get("BANCHENG_VAR") or ROOT / "var")


def pack() -> Path:
    """Return the city pack in use: BANCHENG_PACK, or the reference city."""
    return Path(os.environ.get("BANCHENG_PACK") or ROOT / "packs" / "xuchang")


def has_own_database() -> bool:
    """Return whether an outside server is named, so that none is to be started here."""
    return bool(os.environ.get("DATABASE_URL") or os.environ.get("DATABASE_URL_FILE"))


def embedded() -> EmbeddedPg:
    """Return the house's own server; nothing is started yet."""
    return EmbeddedPg(var() / "pg")


def open_database() -> EmbeddedPg | None:
    """Make DATABASE_URL true: start or join the embedded server unless an outside one is named.

    Keep what is returned; the server lives as long as somebody holds it.
    """
    if has_own_database():
        return None
    server = embedded()
    if not server.data.exists():
        say("第一次启动：正在建立数据库… · First start: making the database…")
    os.environ["DATABASE_URL"] = server.start()
    return server


def built(module: str) -> bool:
    """Return whether `module` exists, without importing it; some rooms of the house are furnished later than others."""
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:
        return False


def say(text: str) -> None:
    """Tell the person at the terminal; what programs read goes to standard output, this does not."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()
