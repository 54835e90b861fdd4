"""The manifest: all that connects landshares to the rest."""

from bancheng.lib.manifest import Service

SERVICE = Service(code="landshares", name="量化登记", name_en="Land shares")
