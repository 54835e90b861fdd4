"""Kinds and templates: defined by services, drafted and published by people."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max

from bancheng.kernel.audit import public as audit
from bancheng.kernel.notices import addresses, queries
from bancheng.kernel.notices.models import PLATFORM, Kind, Template
from bancheng.kernel.notices.rules import texts
from bancheng.kernel.notices.rules.ladder import CHANNELS, Quiet, Rung
from bancheng.lib.refusal import Refused
from bancheng.lib.text import Text


def define_kind(
    *,
    code: str,
    name: Text,
    ladder: Sequence[Rung],
    by: str,
    at: datetime,
    quiet: Quiet | None = Quiet(),  # noqa: B008 frozen
    digest_from: int = 0,
    may_stop: bool = True,
) -> None:
    """Define how messages of one kind travel, or change it; doing it again unchanged writes nothing."""
    unknown = [rung.channel for rung in ladder if rung.channel not in CHANNELS]
    if unknown:
        raise ValueError(f"no such channel: {unknown[0]}")
    values: dict[str, Any] = {
        "name": name.zh,
        "name_en": name.en,
        "ladder": [{"channel": rung.channel, "wait_minutes": int(rung.wait.total_seconds() // 60)} for rung in ladder],
        "quiet_first": quiet.first if quiet else None,
        "quiet_before": quiet.before if quiet else None,
        "digest_from": digest_from,
        "may_stop": may_stop,
    }
    with transaction.atomic():
        row, made = Kind.objects.select_for_update().get_or_create(region=PLATFORM, code=code, defaults=values)
        changed = [each for each, value in values.items() if getattr(row, each) != value]
        if not made and not changed:
            return
        for each in changed:
            setattr(row, each, values[each])
        row.save()
        audit.record(
            "notices.kind_defined", who=by, about=f"notices:{code}", at=at, region=PLATFORM, detail={"changed": changed}
        )


def draft(*, kind: str, text: texts.Draft, by: str, at: datetime) -> int:
    """Write the next version of a template of `kind` as a draft; return its id. Unfit drafts may be saved."""
    queries.settings_of(kind)
    with transaction.atomic():
        versions = Template.objects.filter(region=PLATFORM, kind=kind, variant=text.variant)
        version = (versions.aggregate(newest=Max("version"))["newest"] or 0) + 1
        row = Template.objects.create(
            kind=kind,
            variant=text.variant,
            version=version,
            texts={slot: dict(said) for slot, said in text.texts.items()},
            rows=[[label.zh, label.en, said] for label, said in text.rows],
            page=text.page,
            variables={name: {"type": each.type, "longest": each.longest} for name, each in text.variables.items()},
            names=sorted(text.variables),
            dated=text.dated,
            made_by=by,
            made_at=at,
        )
        audit.record("notices.template_drafted", who=by, about=_about(row), at=at, region=PLATFORM)
    return row.pk


def publish(*, template_id: int, by: str, at: datetime, second_person: bool = False) -> None:
    """Publish a draft; the version before it retires. Messages accepted earlier keep the texts they were accepted with.

    Raises Refused("template_unfit") naming every reason, Refused("template_not_draft"), and with `second_person` set
    Refused("own_template") for the one who wrote it.
    """
    with transaction.atomic():
        row = Template.objects.select_for_update().get(pk=template_id)
        if row.state != Template.DRAFT:
            raise Refused(
                "template_not_draft",
                "这个版本已经发布或停用，不能再次发布，请另起草新版本。",
                en="This version was published or retired already. Draft a new one.",
            )
        if second_person and row.made_by == by:
            raise Refused(
                "own_template",
                "模板须由起草人以外的人发布，草稿已保留，请同事复核后发布。",
                en="A template is published by another person than its author. The draft is kept: ask a colleague.",
            )
        if found := texts.problems(queries.draft_of(row), built_in=addresses.longest()):
            raise Refused(
                "template_unfit",
                f"模板不能发布：{'；'.join(each.zh for each in found)}。草稿已保留，请改好后再发布。",
                en=f"The template cannot be published: {'; '.join(each.en for each in found)}. The draft is kept.",
                status=422,
            )
        Template.objects.filter(region=PLATFORM, kind=row.kind, variant=row.variant, state=Template.PUBLISHED).update(
            state=Template.RETIRED
        )
        row.state, row.published_by, row.published_at = Template.PUBLISHED, by, at
        row.save(update_fields=["state", "published_by", "published_at"])
        audit.record("notices.template_published", who=by, about=_about(row), at=at, region=PLATFORM)


def preview(text: texts.Draft) -> Mapping[str, texts.Rendered]:
    """Return a draft in each language filled with the longest values; raise Unfit when it cannot be filled."""
    return texts.preview(text, built_in=addresses.longest())


def problems(text: texts.Draft) -> list[Text]:
    """Return why a draft may not be published, in order; nothing when it may (B10.7, N-2, N-7, N-9)."""
    return texts.problems(text, built_in=addresses.longest())


def _about(row: Template) -> str:
    return f"notices:{row.kind}/{row.variant}/{row.version}"
