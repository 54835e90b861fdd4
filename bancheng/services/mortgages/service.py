"""The manifest: all that connects mortgages to the rest."""

from bancheng.lib.manifest import Service

SERVICE = Service(code="mortgages", name="抵押登记全程网办", name_en="Mortgages from the bank")
