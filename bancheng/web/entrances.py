"""Every way into the site, pages and API operations, for the permission matrix, the tests made from it, and promises about who may enter."""

from bancheng.lib.manifest import Service
from bancheng.web import api
from bancheng.web.doors import Door, prefix, services
from bancheng.web.service import SERVICE as SHELL


def every() -> list[Door]:
    """Return every page and API operation of the site, the shell's own first."""
    return [*(door for service in (SHELL, *services()) for door in pages_of(service)), *api.operations()]


def pages_of(service: Service) -> list[Door]:
    """Return the service's pages as doors."""
    return [
        Door(
            service=service.code,
            path=f"/{prefix(service)}{page.path.removeprefix('/')}",
            name=f"{service.code}:{page.name}",
            methods=page.methods,
            who=page.who,
            owner=page.owner,
            kind="page",
            title=page.title,
            signed=page.signed,
        )
        for page in service.pages
    ]
