"""The kinds of notice about land shares; their texts stand in the pack."""

from bancheng.lib.text import Text
from bancheng.pack.texts import INBOX, PUSH_THEN_SMS, Kind

KINDS: dict[str, Kind] = {
    "landshares.reduced": Kind(Text("土地份额已核减", "Land share reduced"), INBOX),
    "landshares.collateral": Kind(
        Text("抵押物变动，登簿前告知", "Collateral will change: told before the entry"), INBOX
    ),
    "landshares.court": Kind(Text("查封份额变动", "Seized share changed"), INBOX),
    "landshares.title_ready": Kind(Text("可以办证了", "Ready for the title"), PUSH_THEN_SMS),
    "landshares.residue": Kind(Text("第五阶段余额未清", "A residue at stage five"), INBOX),
}
