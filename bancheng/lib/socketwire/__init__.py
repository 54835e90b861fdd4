"""What gateways of shared power and the platform say to one another over MQTT: the one truth of that wire.

    pw/1/{gateway}/status             up, retained   birth, and the last will the broker says for a gateway that is gone
    pw/1/{gateway}/{socket}/state     up, retained   a hint of how a socket stands
    pw/1/{gateway}/{socket}/reading   up             one look at the meter
    pw/1/{gateway}/{socket}/event     up             what happened: relay, protection, power, clock, meter
    pw/1/{gateway}/{socket}/cmdack    up             what became of a command
    pw/1/{gateway}/{socket}/cmd       down, never retained
    pw/1/{gateway}/ack                down           what the database holds, so that the device may erase it
    pw/1/{gateway}/time               both           a question and an answer with both clocks
    pw/1/{gateway}/refused            broker's       what its doorkeeper refused under a gateway's name (embedded broker only)

Readings and events of one socket share one sequence: `seq` is 1 for the first after a boot and has no gaps. The device keeps both
until `Stored` names their number. (gateway, socket, boot, seq) is said again after a lost connection and means the same thing
each time. State and command answers carry the number of the last one before them and take none of their own.

Numbers are whole and carry their unit in the name: 10 Wh, dV (0.1 V), mA, W, 0.1 °C, milliseconds of the epoch (`ts_ms`, the device's
clock, which may be wrong) or since the boot (`up_ms`, which is not). Whatever is not exactly this raises Garbled: it comes from
outside, from anybody who got hold of a gateway. Unknown words beside the known ones are passed over: newer firmware may say more.
"""

from bancheng.lib.socketwire.messages import (
    Command,
    CommandAck,
    Event,
    Message,
    Reading,
    Refusals,
    State,
    Status,
    Stored,
    TimeAsked,
    TimeTold,
)
from bancheng.lib.socketwire.topics import BROKER, DOWN, NAME, OF_SOCKET, RETAINED, ROOT, UP, every, place, topic
from bancheng.lib.socketwire.wire import LARGEST_PAYLOAD, Parcel, read, write
from bancheng.lib.socketwire.words import (
    HARDWARE,
    LIMITS,
    PROTECTIONS,
    REGISTER,
    Cut,
    EventKind,
    Flag,
    Limit,
    Op,
    Result,
)

__all__ = [
    "BROKER",
    "DOWN",
    "HARDWARE",
    "LARGEST_PAYLOAD",
    "LIMITS",
    "NAME",
    "OF_SOCKET",
    "PROTECTIONS",
    "REGISTER",
    "RETAINED",
    "ROOT",
    "UP",
    "Command",
    "CommandAck",
    "Cut",
    "Event",
    "EventKind",
    "Flag",
    "Limit",
    "Message",
    "Op",
    "Parcel",
    "Reading",
    "Refusals",
    "Result",
    "State",
    "Status",
    "Stored",
    "TimeAsked",
    "TimeTold",
    "every",
    "place",
    "read",
    "topic",
    "write",
]
