"""Where an actor can go: the pages whose manifest gives them a word for the navigation."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse

from bancheng.kernel.identity.public import Actor
from bancheng.lib.manifest import CITIZEN, PUBLIC, STAFF, Page, Service
from bancheng.lib.text import Text
from bancheng.web import doors, roles


@dataclass(frozen=True)
class Place:
    """One entry of the navigation."""

    url: str
    words: Text
    title: Text  # the page's whole name, where there is room for it
    name: str
    icon: str = "chevron-right"


# a picture for a place, by what its page's name or its service is called
ICONS = {
    "guides": "list-check",
    "search": "search",
    "inbox": "bell",
    "messages": "bell",
    "licences": "certificate",
    "proof": "shield-check",
    "jobs": "database",
    "audit": "history",
    "calendars": "calendar",
    "templates": "message-2",
    "roles": "users",
    "import": "upload",
    "imports": "upload",
    "upload": "upload",
    "dashboard": "chart-bar",
    "tasks": "phone-call",
    "expiry": "certificate",
    "certificates": "file-certificate",
    "onething": "clipboard-check",
    "ratings": "star",
    "mine": "user",
    "console": "settings",
}


@dataclass(frozen=True)
class Group:
    """The places of one service."""

    code: str
    words: Text
    places: tuple[Place, ...]


def service_words(service: Service) -> Text:
    """Return the service's name in both languages."""
    return Text(service.name, service.name_en or service.name)


def _place(service: Service, page: Page, *, titled: bool = False) -> Place | None:
    try:
        url = reverse(f"{service.code}:{page.name}")
    except NoReverseMatch:  # its path needs a value: it cannot stand in a navigation
        return None
    icon = ICONS.get(page.name) or ICONS.get(service.code) or "chevron-right"
    words = roles.two(page.title if titled else page.nav)
    return Place(url, words, roles.two(page.title), f"{service.code}:{page.name}", icon)


def _places(service: Service, pages: Iterable[Page], *, titled: bool = False) -> tuple[Place, ...]:
    return tuple(place for page in pages if (place := _place(service, page, titled=titled)))


def _for_citizens(page: Page) -> bool:
    return PUBLIC in page.who or CITIZEN in page.who


def tabs(actor: Actor) -> tuple[Place, ...]:
    """Return the places of the citizen's bar, at most four beside home: public and citizen pages in manifest order.

    Who is not signed in sees what signing in opens; staff see no page that is a citizen's alone.
    """
    shut = {CITIZEN} if actor.is_staff else set()
    found: list[Place] = []
    for service in doors.services():
        pages = (page for page in service.pages if page.nav and _for_citizens(page) and set(page.who) - shut)
        found += _places(service, pages)
    return tuple(found[:4])


def desk(actor: Actor) -> tuple[Group, ...]:
    """Return the staff pages `actor` may open, by service, what he shares with citizens (his messages) last.

    Empty for one who is no staff.
    """
    own, shared = [], []
    for service in doors.services():
        pages = [page for page in service.pages if page.nav and doors.may(actor, page.who, service=service.code)]
        if places := _places(service, (page for page in pages if not _for_citizens(page))):
            own.append(Group(code=service.code, words=service_words(service), places=places))
        both = (page for page in pages if actor.is_staff and STAFF in page.who and _for_citizens(page))
        if places := _places(service, both, titled=True):
            shared.append(Group(code=service.code, words=service_words(service), places=places))
    return (*own, *shared)
