"""The face of letters: promise those a log calls for, list them, fetch one, check one."""

from bancheng.kernel.letters.operations import fetch, make, owed, promise
from bancheng.kernel.letters.queries import Examined, View, by_code, examine, of_bundles
from bancheng.kernel.letters.rules import TITLES, Kind

__all__ = ["TITLES", "Examined", "Kind", "View", "by_code", "examine", "fetch", "make", "of_bundles", "owed", "promise"]
