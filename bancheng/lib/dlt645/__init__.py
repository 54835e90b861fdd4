"""DL/T 645-2007, the language of electricity meters: a pure codec, master's and meter's side.

`frames` finds whole frames among noise, `items` knows what a meter can be asked, `asking` makes questions and reads answers, `line`
speaks over TCP. Only the clear-text form of relay control is made; meters of utilities want a secure chip (authority 98).
"""

from bancheng.lib.dlt645.asking import (
    CLEAR_TEXT,
    Order,
    Relay,
    data_of,
    read,
    read_more,
    relay,
    set_time,
    unpack_instant,
    value_of,
    who,
)
from bancheng.lib.dlt645.frames import ANYBODY, EVERYBODY, MOST_DATA, Frame, Function, Reader, Trouble, decode
from bancheng.lib.dlt645.items import ITEMS, RELAY_OPEN, Item, Kind, named

__all__ = [
    "ANYBODY",
    "CLEAR_TEXT",
    "EVERYBODY",
    "ITEMS",
    "MOST_DATA",
    "RELAY_OPEN",
    "Frame",
    "Function",
    "Item",
    "Kind",
    "Order",
    "Reader",
    "Relay",
    "Trouble",
    "data_of",
    "decode",
    "named",
    "read",
    "read_more",
    "relay",
    "set_time",
    "unpack_instant",
    "value_of",
    "who",
]
