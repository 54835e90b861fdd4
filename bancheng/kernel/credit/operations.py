"""Marks noted and repaired."""

from datetime import datetime

from django.db import IntegrityError, transaction

from bancheng.kernel.audit import public as audit
from bancheng.kernel.credit.models import Mark
from bancheng.kernel.credit.rules import Kind
from bancheng.lib.refusal import Refused


def note(
    *, region: str, holder_hash: bytes, kind: Kind, about: str, unit: str, reason: str, law: str, by: str, at: datetime
) -> bool:
    """Hold something against somebody, with its article and the unit that says so; return False when it is held already."""
    try:
        with transaction.atomic():
            Mark.objects.create(
                region=region,
                holder_hash=holder_hash,
                kind=kind.value,
                about=about,
                unit=unit,
                reason=reason,
                law=law,
                noted_by=by,
                noted_at=at,
            )
            detail = {"kind": kind.value, "unit": unit}
            audit.record("credit.noted", who=by, about=about, at=at, region=region, detail=detail)
    except IntegrityError as error:
        if "one_mark_of_a_kind_about" not in str(error):
            raise
        return False
    return True


def repair(*, region: str, kind: Kind, about: str, because: str, by: str, at: datetime) -> None:
    """End what is held about something, saying what was mended; from now on it bars nothing. Raises Refused: no_mark, unmended."""
    if not because.strip():
        raise Refused(
            "unmended",
            "请写明如何改正、依据什么认定修复，没有修复。",
            en="Say what was mended and on what ground; nothing was repaired.",
            status=422,
        )
    with transaction.atomic():
        open_ = Mark.objects.filter(region=region, kind=kind.value, about=about, repaired_at=None)
        if not open_.update(repaired_at=at, repaired_by=by, repaired_because=because):
            raise Refused(
                "no_mark",
                "没有未修复的这项记录，未作任何改动，请刷新后再看。",
                en="There is no such open record; nothing was changed. Reload and look again.",
            )
        audit.record("credit.repaired", who=by, about=about, at=at, region=region, detail={"kind": kind.value})
