"""The manifest: all that connects registry to the rest."""

from bancheng.lib.manifest import Service

SERVICE = Service(code="registry", name="不动产登记", name_en="Land registry")
