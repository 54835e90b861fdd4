"""Where a lot is and what an entry is about, as one reads it."""

from bancheng.lib.text import Text


def place(code: str) -> Text:
    """Return where a lot is, as one reads it: the whole parcel, a building, a unit."""
    if code[19] == "W":
        return Text("整宗地", "The whole parcel")
    building, unit = int(code[20:24]), code[24:]
    if not unit:
        return Text(f"{building}幢", f"Building {building}")
    return Text(f"{building}幢{unit}", f"Building {building}, unit {unit}")


def subject_words(subject: str) -> Text:
    """Return what an entry is about: the place of a lot, the number of a right and the place where it rests."""
    kind, _, rest = subject.partition(":")
    if kind == "lot":
        return place(rest)
    number, _, lot = rest.partition("@")
    where = place(lot) if lot else None
    return Text(f"{number} · {where.zh}", f"{number} · {where.en}") if where else Text(number, number)
