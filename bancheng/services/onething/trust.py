"""Who may be trusted with a promise now: what is held against an applicant, here or by a register of the dishonest (R-GC-2, R-RQ-6)."""

from collections.abc import Mapping

from bancheng.kernel.cases import public as cases
from bancheng.kernel.credit import public as credit
from bancheng.kernel.forms import public as forms
from bancheng.lib.conditions import Value
from bancheng.lib.refusal import Refused
from bancheng.lib.text import Text
from bancheng.services.onething.queries import Bundle
from bancheng.services.onething.sending import Sending


def chosen(bundle: Bundle, values: Mapping[str, Value]) -> list[tuple[Text, cases.Promise]]:
    """Return the matters for which the answers choose a promise, by name, with what is promised."""
    flow = bundle.flow
    asked = [(step.name, step.flow) for step in flow.steps if step.when.holds(values)] if flow.is_bundle else []
    named = asked or [(flow.name, flow.code)]
    offered = [(name, bundle.promises[code]) for name, code in named if code in bundle.promises]
    return [(name, promise) for name, promise in offered if promise.chosen(values)]


def barred(sending: Sending, *, listed: Text | None) -> list[forms.Problem]:
    """Return why a promise that was chosen cannot be taken, by the field of the choice; `listed`: what a register of the dishonest says."""
    picked = chosen(sending.bundle, sending.values)
    if not picked:
        return []
    held = [credit.SAYS[kind] for kind in credit.barred(sending.applicant.hash, credit.Instrument.PROMISE)]
    held += [listed] if listed else []
    return [
        forms.Problem(
            promise.element,
            Text(
                f"有未修复的失信记录（{held[0].zh}），“{name.zh}”不能选告知承诺，请改选一般程序，其他内容会保留",
                f"{held[0].en}: choose the ordinary way for “{name.en}”; what you filled in is kept",
            ),
            credit.LAWS[credit.Instrument.PROMISE],
        )
        for name, promise in picked
        if held
    ]


def check_gap(holder_hash: bytes) -> None:
    """Raise Refused("gap_barred") for one who is listed as seriously dishonest (R-RQ-6)."""
    if held := credit.barred(holder_hash, credit.Instrument.GAP):
        says = credit.SAYS[held[0]]
        raise Refused(
            "gap_barred",
            f"申请人{says.zh}且未修复，暂不适用容缺，请现在上传；修复后可以选择容缺。没有改动。",
            en=f"{says.en.capitalize()}: no paper may follow until that is mended. Upload it now. Nothing was changed.",
            law=credit.LAWS[credit.Instrument.GAP],
        )
