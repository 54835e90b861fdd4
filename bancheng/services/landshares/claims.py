"""What recomputes the figures of case seven from the book (A7): nothing is set, and where there is nothing yet it says so."""

from collections.abc import Callable
from fractions import Fraction

from bancheng.kernel.claims import public as claims
from bancheng.lib.text import Text
from bancheng.services.landshares import figures
from bancheng.services.landshares.rules import amounts

DM2_PER_M2 = 100
NOTHING = (
    "还没有量化登记的楼盘，无从计算；演示可运行 bancheng replay landshares",
    "No estate has its shares divided yet; in a demonstration, run bancheng replay landshares",
)


def _board() -> figures.Board:
    found = figures.board()
    if not found.estates:
        raise claims.Cannot(*NOTHING)
    return found


def estates() -> claims.Value:
    """A7.1"""
    found = _board()
    return claims.Value(
        Fraction(found.estates),
        detail=Text(
            f"登记簿{len(found.lines)}宗，其中已量化且有房屋首次登记的{found.estates}宗",
            f"{len(found.lines)} parcels in the book, {found.estates} of them divided with houses registered",
        ),
    )


def buildings() -> claims.Value:
    """A7.2"""
    found = _board()
    return claims.Value(
        Fraction(found.buildings),
        detail=Text(
            f"已首次登记{found.buildings}幢，已转移给购房人{found.titled}户",
            f"{found.buildings} buildings registered, {found.titled} units with their buyers",
        ),
    )


def area() -> claims.Value:
    """A7.3"""
    found = _board()
    return claims.Value(
        Fraction(found.area_dm2, DM2_PER_M2),
        detail=Text(
            f"{found.estates}宗登记面积之和{amounts.shown(found.area_dm2)}平方米",
            f"{found.estates} parcels, {amounts.shown(found.area_dm2)} m² together",
        ),
    )


def enterprises() -> claims.Value:
    """A7.4a"""
    found = _board()
    return claims.Value(
        Fraction(found.enterprises),
        detail=Text(
            "按量化份额办理、只及于宗地一部分的抵押登记，所涉开发企业数",
            "developers with a mortgage registered by divided shares on a part of the land",
        ),
    )


def raised() -> claims.Value:
    """A7.4b"""
    found = _board()
    return claims.Value(
        Fraction(found.raised_fen, 100),
        detail=Text("上述抵押登记的主债权数额之和", "the sum of what those mortgages secure"),
    )


def stages() -> claims.Value:
    """A7.5"""
    number, names = figures.stages_there()
    return claims.Value(
        Fraction(number), detail=Text("、".join(names), f"{number} stages, each with its steps and papers")
    )


def kinds() -> claims.Value:
    """A7.6"""
    number, codes = figures.kinds_there()
    return claims.Value(
        Fraction(number),
        detail=Text(
            f"登记簿和会议纪要中的类型：{'、'.join(codes)}", f"types in the book and the minutes: {', '.join(codes)}"
        ),
    )


CLAIMS: dict[str, Callable[[], claims.Value]] = {
    "A7.1": estates,
    "A7.2": buildings,
    "A7.3": area,
    "A7.4a": enterprises,
    "A7.4b": raised,
    "A7.5": stages,
    "A7.6": kinds,
}
