"""A bank's request (F13.4): collected, sorted, solved on the spot or with others, answered, rated by the bank."""

from enum import StrEnum

from bancheng.lib.refusal import Refused
from bancheng.lib.text import Text


class State(StrEnum):
    ASKED = "asked"
    SORTED = "sorted"
    ANSWERED = "answered"
    RATED = "rated"


STATES: dict[State, Text] = {
    State.ASKED: Text("待研判", "To be sorted"),
    State.SORTED: Text("办理中", "Being solved"),
    State.ANSWERED: Text("已答复，待评价", "Answered, to be rated"),
    State.RATED: Text("已评价", "Rated"),
}

# state -> what may follow, and who moves it there; a bank that is not content sends it back with its words
NEXT: dict[State, dict[State, str]] = {
    State.ASKED: {State.SORTED: "the service officer"},
    State.SORTED: {State.ANSWERED: "the service officer"},
    State.ANSWERED: {State.RATED: "the bank", State.SORTED: "the bank, which is not content"},
    State.RATED: {},
}


class Route(StrEnum):
    """A13.5: how it is solved."""

    ON_SPOT = "on_spot"
    COORDINATED = "coordinated"


ROUTES: dict[Route, Text] = {
    Route.ON_SPOT: Text("现场办理", "Solved on the spot"),
    Route.COORDINATED: Text("协调相关部门共同解决", "Solved with other departments"),
}


class Topic(StrEnum):
    SYSTEM = "system"
    DATA = "data"
    PROCESS = "process"
    POLICY = "policy"
    ARCHIVE = "archive"
    OTHER = "other"


TOPICS: dict[Topic, Text] = {
    Topic.SYSTEM: Text("系统使用", "Use of the system"),
    Topic.DATA: Text("数据共享", "Data"),
    Topic.PROCESS: Text("流程环节", "Steps of the process"),
    Topic.POLICY: Text("政策口径", "Rules and their reading"),
    Topic.ARCHIVE: Text("档案保管", "Archive"),
    Topic.OTHER: Text("其他", "Other"),
}

CONTENT = (4, 5)  # of five grades, what counts as satisfied; silence is no grade


class Contact(StrEnum):
    """F13.3: how the registry came to the bank."""

    VISIT = "visit"
    GUIDANCE = "guidance"


CONTACTS: dict[Contact, Text] = {
    Contact.VISIT: Text("党员先锋队上门服务", "Pioneer team's visit"),
    Contact.GUIDANCE: Text("现场指导", "Guidance on the spot"),
}


def check_move(now: State, then: State) -> None:
    """Raises Refused("request_moved_on")."""
    if then not in NEXT[now]:
        raise Refused(
            "request_moved_on",
            f"这件诉求已是“{STATES[now].zh}”，没有改动，请刷新后再看。",
            en=f"This request is “{STATES[now].en}” by now; nothing was changed. Look again.",
        )


def check_sorted(route: str, others: str) -> Route:
    """Return the route that was chosen; one solved with others says with whom. Raises Refused: no_route, with_whom."""
    if route not in set(Route):
        raise Refused(
            "no_route",
            "请选择现场办理还是协调解决，没有保存；您填写的内容已保留。",
            en="Choose whether it is solved on the spot or with others; nothing was kept, what you wrote stays.",
            status=422,
        )
    if route == Route.COORDINATED and not others.strip():
        raise Refused(
            "with_whom",
            "协调解决的请写明与哪些部门，没有保存。",
            en="Say with which departments it is solved; nothing was kept.",
            status=422,
        )
    return Route(route)
