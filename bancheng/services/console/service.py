"""The console's manifest."""

from bancheng.lib.manifest import Service
from bancheng.services.console.pages import audit, calendars, catalogue, jobs, notices, partners, roles

SERVICE = Service(
    code="console",
    name="运行台",
    name_en="Console",
    pages=[
        *jobs.PAGES,
        *audit.PAGES,
        *roles.PAGES,
        *notices.PAGES,
        *calendars.PAGES,
        *catalogue.PAGES,
        *partners.PAGES,
    ],
    schedule={"console.verify_nightly": "30 4 * * *"},
)
