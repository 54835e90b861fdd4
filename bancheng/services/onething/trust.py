"""Who may be trusted with a promise now: what is held against an applicant, here or by a register of the dishonest (R-GC-2, R-RQ-6)."""

from bancheng.kernel.cases import public as cases
from bancheng.kernel.credit import public as credit
from bancheng.kernel.forms import public as forms
from bancheng.lib.refusal import Refused
from bancheng.lib.text import Text
from bancheng.services.onething import queries
from bancheng.services.onething.queries import Application


def chosen(found: Application) -> list[tuple[cases.Step, cases.Promise]]:
    """Return the matters of an application for which a promise is chosen, with what is promised."""
    flows = {flow.code: flow for flow in cases.current_flows(region=queries.region())}
    steps = found.steps if found.bundle.flow.is_bundle else []
    asked = [(step, flows[step.flow].promise) for step in steps if step.flow in flows]
    return [(step, promise) for step, promise in asked if promise and promise.chosen(found.draft.values)]


def barred(found: Application, *, listed: str = "") -> list[forms.Problem]:
    """Return why a promise that was chosen cannot be taken, by the field of the choice; `listed`: on which list a register has him."""
    picked = chosen(found)
    if not picked:
        return []
    held = [credit.SAYS[kind] for kind in credit.barred(found.draft.subject.holder_hash, credit.Instrument.PROMISE)]
    held += [Text(f"列入{listed}", f"listed: {listed}")] if listed else []
    return [
        forms.Problem(
            promise.element,
            Text(
                f"有未修复的失信记录（{held[0].zh}），“{step.name.zh}”不能选告知承诺，请改选一般程序，其他内容会保留",
                f"{held[0].en}: choose the ordinary way for “{step.name.en}”; what you filled in is kept",
            ),
            credit.LAWS[credit.Instrument.PROMISE],
        )
        for step, promise in picked
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
