"""The service manifest: everything that connects one service to the rest, in one frozen value."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bancheng.lib.hooks import Hook

PUBLIC = "public"  # anybody, signed in or not
CITIZEN = "citizen"  # any signed-in person, acting for himself
STAFF = "staff"  # any signed-in staff account, whatever its roles
PARTNER = "partner"  # another organisation's system, known by its signature; what it may is in its scopes


@dataclass(frozen=True)
class Page:
    """One door: a path, the view behind it and who may open it.

    `path` is a Django route below the service's own prefix; `who` names roles (or PUBLIC, CITIZEN, STAFF), any one of which
    opens the door. An empty `who` opens for nobody. Owner checks (whose unit, whose licence) are the view's queries' task.
    """

    path: str
    view: Callable[..., Any]
    name: str
    who: tuple[str, ...]
    methods: tuple[str, ...] = ("GET",)
    title: str = ""  # Chinese; shown in the permission matrix
    owner: str = ""  # what an owner check compares, e.g. "unit" or "holder"; empty: none needed
    nav: str = ""  # a word for the navigation bar; empty: not in it
    signed: bool = False  # True: a machine's door, CSRF-exempt because the view verifies a signature itself


@dataclass(frozen=True)
class Service:
    """What one service plugs into the rest. `code` is the URL prefix and the folder's name."""

    code: str
    name: str
    name_en: str = ""
    law: str = ""
    pages: Sequence[Page] = ()
    api: Any = None  # a django-ninja Router whose operations carry auth=only(...) of bancheng.web.api
    on: Mapping[Hook[Any], Callable[[Any], Any]] = field(default_factory=dict)
    schedule: Mapping[str, str] = field(default_factory=dict)  # job name -> cron line in Asia/Shanghai
    claims: Mapping[str, Callable[[], Any]] = field(default_factory=dict)  # claim id -> what recomputes it
    load: Callable[..., Any] | None = None  # load(pack_folder) reads the service's own section of a city pack
    prefix: str | None = None  # URL prefix when it is not the code
