"""The manifest: all that connects partners to the rest."""

from bancheng.lib.manifest import Service

SERVICE = Service(code="partners", name="合作单位接入", name_en="Partners' systems")
