"""What an action is called on a page. A service registers the words of its own actions when its manifest is read."""

from collections.abc import Mapping

from bancheng.lib.text import Text

LABELS: dict[str, Text] = {}


def labels(words: Mapping[str, Text]) -> None:
    """Register how actions are shown, e.g. `labels({"expiry.reminded": Text("已提醒", "Reminded")})`."""
    LABELS.update(words)


def label(action: str) -> Text:
    """Return what `action` is called; one that nobody registered is shown by its code."""
    return LABELS.get(action) or Text(action, action)


labels(
    {
        "jobs.retried": Text("重新执行任务", "Job retried"),
        "jobs.run_now": Text("立即执行定时任务", "Scheduled job run now"),
        "jobs.discarded": Text("放弃任务", "Job discarded"),
    }
)
