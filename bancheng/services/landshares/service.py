"""The manifest: all that connects landshares to the rest."""

from bancheng.lib.manifest import Service
from bancheng.services.landshares import loading

SERVICE = Service(
    code="landshares", name="量化登记", name_en="Land shares", law="民法典 第三百五十六条", load=loading.load
)
