"""What the generated tests of every door try of the inbox: a message of the holder."""

from bancheng.kernel.identity import public as identity
from bancheng.kernel.identity import testing as people
from bancheng.kernel.notices import public as notices
from bancheng.kernel.notices import testing
from bancheng.web.testing import Samples, World

KIND = "test.reminder"


def fill(world: World, first: int, last: int) -> None:
    """Accept messages number `first` to `last` for the holder."""
    if first == 1:
        testing.published_kind(KIND, at=world.at, ladder=testing.SMS_ONLY, quiet=notices.Quiet())
    for number in range(first, last + 1):
        key = f"sample-{number}"
        to = notices.Recipient.of(mobile="13800000001", holder_hash=holder())
        values = {"due": "2031-05-05"}
        notices.accept(kind=KIND, region=world.region, key=key, subject=key, to=to, values=values, at=world.at)


def holder() -> bytes:
    return identity.find_hash(people.citizen_id(1), kind="citizen_id")


def samples(world: World) -> Samples:
    message = notices.inbox([holder()], count=1)[0].id
    return Samples(
        values={"message_id": message, "token": testing.stop_token(message)},
        sends={"mine:change_preference": {"kind": "", "channel": "sms", "want": "0"}},
        marks=("2031年5月5日",),
        figures=frozenset({"mine:preferences", "mine:looks"}),
        own=frozenset({"mine:change_preference"}),
    )
