"""The reference city with a home in its book, its owner, a bank and the three officers of the county's registry, each in a browser."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.identity import testing as people
from bancheng.kernel.jobs import testing as jobs
from bancheng.kernel.registrations import public as registrations
from bancheng.kernel.registrations import testing
from bancheng.services.registry import jobs as own

HOME, REGISTRY = testing.HOME, testing.REGISTRY


@pytest.fixture(autouse=True)
def _own_seals(settings: Any, tmp_path: Path) -> None:
    """Let each test make its own test authority, under a var folder of its own."""
    settings.VAR = tmp_path


@dataclass
class Town:
    """Who takes part, each in a browser, and what the office has of them."""

    office: testing.Office
    owner: Client
    stranger: Client
    acceptor: Client
    reviewer: Client
    booker: Client

    def certify(self) -> None:
        """Number and make the certificates that wait."""
        registrations.certify(region=testing.REGION, registry=REGISTRY, at=clocks.now())


def work() -> None:
    """Send what the registry promised to say; no message leaves the house."""
    for _, args in jobs.promised("registry.tell"):
        own.tell(**args)


@pytest.fixture
def town(loaded_city: None) -> Town:
    office = testing.office(demo_registries=False)
    stranger = people.client_for(people.citizen("李四", serial=72))
    desk = [client(each.user_id) for each in (office.acceptor, office.reviewer, office.booker)]
    return Town(office, people.client_for(office.owner_user), stranger, *desk)


def client(user_id: int | None) -> Client:
    """Return the browser of a staff account."""
    return people.client_for(get_user_model().objects.get(pk=user_id))
