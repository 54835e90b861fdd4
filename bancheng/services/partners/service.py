"""The manifest: all that connects partners to the rest."""

from bancheng.lib.manifest import Service
from bancheng.services.partners import pages, queries
from bancheng.web import front

SERVICE = Service(
    code="partners",
    name="合作单位接入",
    name_en="Partners' systems",
    pages=[*pages.OWN, *pages.OPERATORS, *pages.DIFFERENCES],
    on={front.to_do: queries.to_do},
)
