"""Pictures of the service for its templates. `{% load onething %}`"""

from collections.abc import Collection, Mapping
from typing import Any

from django import template
from django.utils.translation import get_language

from bancheng.kernel.cases import public as cases
from bancheng.lib.text import Text
from bancheng.services.onething import diagram

register = template.Library()


@register.filter(name="of")
def of_filter(found: Mapping[str, Any], key: str) -> Any:
    """Return what stands under a key, None for nothing."""
    return found.get(key)


@register.filter
def before(code: str, picture: diagram.Picture) -> list[Text]:
    """Return the names of what stands before a step, of the steps that are drawn."""
    return picture.before(code)


@register.inclusion_tag("onething/_flow.html")
def flow_picture(flow: cases.Flow) -> dict[str, Any]:
    """Draw a flow, as the guide shows it before anybody has begun."""
    return _drawn(flow)


@register.inclusion_tag("onething/_flow.html")
def matter_picture(matter: cases.Matter) -> dict[str, Any]:
    """Draw the flow of a case, what is done and where it stands; steps that its answers do not call for are left out."""
    steps = matter.steps
    waiting = {*steps.open, *steps.held, *steps.waiting}
    now = steps.open  # behind the end of a case its follow-ups are
    left_out = steps.skipped
    done = [step.code for step in matter.flow.steps if step.code not in waiting and step.code not in left_out]
    return _drawn(matter.flow, done=done, now=now, left_out=left_out)


def _drawn(flow: cases.Flow, **more: Collection[str]) -> dict[str, Any]:
    picture = diagram.drawn(flow, **more)
    language = get_language()
    boxes = [(box, _placed(box, diagram.words_in_lines(box.name.of(language)))) for box in picture.boxes]
    return {"flow": flow, "picture": picture, "boxes": boxes, "wide": diagram.WIDE, "high": diagram.HIGH}


def _placed(box: diagram.Box, lines: list[str]) -> list[tuple[int, str]]:
    first = box.y + diagram.HIGH // 2 + 5 - (8 if len(lines) > 1 else 0)
    return [(first + 17 * n, line) for n, line in enumerate(lines)]
