"""What the pages of mine show."""

from collections.abc import Sequence
from dataclasses import dataclass

from bancheng.kernel.notices import public as notices
from bancheng.lib.text import Text

CHANNELS = {"push": Text("小程序消息", "Mini-program messages"), "sms": Text("短信", "Text messages")}
STATES = {
    notices.State.SENDING: Text("正在发送", "Being sent"),
    notices.State.SENT: Text("已发出", "Sent"),
    notices.State.FAILED: Text("没有送到", "Not delivered"),
    notices.State.DELIVERED: Text("已送达", "Delivered"),
    notices.State.READ: Text("已读", "Read"),
}
STAGES = {
    notices.Stage.WAITING: ("info", Text("等待发送", "Waiting")),
    notices.Stage.UNDERWAY: ("pri", Text("发送中", "On its way")),
    notices.Stage.EXHAUSTED: ("warn", Text("没有送到", "Not delivered")),
    notices.Stage.SUPPRESSED: ("", Text("未发送", "Not sent")),
    notices.Stage.REACHED: ("ok", Text("已送达", "Delivered")),
    notices.Stage.READ: ("ok", Text("已读", "Read")),
}
REASONS = {
    "stopped": Text("您已退订这类消息，只在这里保留。", "You stopped this kind of message. It is kept here only."),
    "not_wanted": Text("事情已经办好，不必再提醒。", "The matter was settled, so no reminder was needed."),
}


@dataclass(frozen=True)
class Line:
    """One event in the life of a message, as the timeline component shows it."""

    what: Text
    at: object
    state: str = "done"
    note: Text | str = ""


def life(item: notices.Item) -> list[Line]:
    """Return what happened to a message, oldest first."""
    lines = [Line(Text("收到发送请求", "Taken in for sending"), item.at)]
    for each in notices.history(region=item.region, subjects=[item.subject]):
        if each.message_id == item.id and each.channel and each.state is not None:
            channel, state = CHANNELS[each.channel], STATES[each.state]
            at = each.read_at or each.delivered_at or each.sent_at
            together = Text(f"与另外{each.digest - 1}条合并发送", f"Sent together with {each.digest - 1} others")
            lines.append(
                Line(
                    Text(f"{channel.zh}：{state.zh}", f"{channel.en}: {state.en}"),
                    at,
                    "done" if each.state >= notices.State.DELIVERED else "now",
                    together if each.digest > 1 else "",
                )
            )
    if item.reason in REASONS:
        lines.append(Line(REASONS[item.reason], None, "now"))
    return lines


@dataclass(frozen=True)
class Choice:
    """One thing that can be received or not."""

    kind: str
    channel: str
    words: Text
    wanted: bool
    fixed: bool = False  # cannot be stopped
    quiet: Text | None = None


def choices(holder_hash: bytes) -> list[Choice]:
    """Return everything a person can stop, with what he has stopped: all, by channel, by kind."""
    stopped = notices.stops(holder_hashes=[holder_hash])
    settings = notices.settings_of_all()
    made = [_choice("", "", Text("全部消息", "All messages"), stopped)]
    made += [_choice("", channel, words, stopped) for channel, words in CHANNELS.items()]
    for code, words in notices.kind_names().items():
        if settings[code].ladder:
            made.append(
                _choice(code, "", words, stopped, fixed=not settings[code].may_stop, quiet=_quiet(settings[code]))
            )
    return made


def _choice(
    kind: str,
    channel: str,
    words: Text,
    stopped: set[notices.Stop],
    *,
    fixed: bool = False,
    quiet: Text | None = None,
) -> Choice:
    return Choice(kind, channel, words, notices.Stop(kind, channel) not in stopped, fixed, quiet)


def _quiet(settings: notices.Settings) -> Text | None:
    if settings.quiet is None:
        return None
    first, before = f"{settings.quiet.first:%H:%M}", f"{settings.quiet.before:%H:%M}"
    return Text(f"{first}至次日{before}不发送", f"Nothing is sent from {first} to {before}")


def badge(stage: notices.Stage) -> tuple[str, Text]:
    """Return the colour and the word for where a message stands."""
    return STAGES[stage]


def lines(items: Sequence[notices.Item]) -> list[tuple[notices.Item, str, Text]]:
    """Return inbox items with their badge."""
    return [(item, *badge(item.stage)) for item in items]
