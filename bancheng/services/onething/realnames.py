"""What the law on registrations keeps from being sent: an operator's change by the wrong way, people who have not proven who they are.

Both are looked up by the day of the application (`registering`).
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime

from bancheng.kernel.forms import public as forms
from bancheng.kernel.identity import public as identity
from bancheng.lib.conditions import Value
from bancheng.lib.days import day_of
from bancheng.lib.text import Text
from bancheng.services.onething import registering
from bancheng.services.onething.registering import Named, RealNames, Way
from bancheng.services.onething.sending import Sending

PEOPLE = "real_names"  # the element that lists shareholders, directors and supervisors
NUMBERS = {  # elements that are the number of somebody who must prove who he is, with the name beside it
    "legal_person_id": ("法定代表人", "legal_person_name"),
    "new_legal_person_id": ("法定代表人", "new_legal_person_name"),
    "applicant_id": ("代理人", "applicant_name"),
}
HOW = Text(
    "请本人登录本平台一次即可；不便刷脸的，可提交公证的身份证明，或本人持证到综合窗口核验",
    "have him sign in here once; who cannot be checked by face may bring a notarised proof, or come to the counter with the card",
)


def of(sending: Sending, at: datetime) -> list[forms.Problem]:
    """Return what keeps an application from being sent by the law on registrations of that day."""
    values, on = sending.values, day_of(at)
    return [*_operator(values, on), *_unproven(sending, on)]


def _operator(values: Mapping[str, Value], on: date) -> Iterator[forms.Problem]:
    """R14.8: the operator of a sole trader changes directly, or, by the law of before, only by closing and registering again."""
    changed = values.get("changed_items")
    uscc = values.get("uscc")
    if not isinstance(changed, tuple) or "legal_person" not in changed or not isinstance(uscc, str):
        return
    if not registering.is_sole_trader(uscc):
        return
    row = registering.operator_change(on, registering.shipped().operator_change)
    if row.value is Way.CLOSE_FIRST:
        yield forms.Problem(
            "changed_items",
            Text(
                "个体工商户变更经营者，须先办理注销登记，由新经营者重新登记；请改办“企业注销”，其他内容会保留",
                "The operator of a sole trader changes by cancelling it and registering anew: apply for that instead",
            ),
            row.law,
        )


def _unproven(sending: Sending, on: date) -> Iterator[forms.Problem]:
    """R14.10: each person the registration names has proven who he is."""
    values = sending.values
    row = registering.must_prove(sending.matters, on, registering.shipped().real_names)
    if row is None:
        return
    named = {
        code: Named(role, str(values.get(name) or role), str(values[code])) for code, role, name in _numbers(values)
    }
    field = sending.form.fields.get(PEOPLE)
    listed, wrong = _listed(values, field.element, row.value, on) if field else ([], [])
    yield from (forms.Problem(PEOPLE, says, row.law) for says in wrong)
    everybody = [*named.items(), *((PEOPLE, one) for one in listed)]
    hashes = {one.citizen_id: identity.find_hash(one.citizen_id, kind="citizen_id") for _, one in everybody}
    proven = identity.proofs(list(hashes.values()), region=sending.region) if hashes else {}
    told: set[str] = set()
    for element, one in everybody:
        if hashes[one.citizen_id] not in proven and one.citizen_id not in told:
            told.add(one.citizen_id)
            yield forms.Problem(
                element,
                Text(
                    f"{one.role}{one.name}还没有实名核验，尚不能提交：{HOW.zh}",
                    f"{one.name} ({one.role}) has not proven who he is, so it cannot be sent yet: {HOW.en}",
                ),
                row.law,
            )


def _numbers(values: Mapping[str, Value]) -> Iterator[tuple[str, str, str]]:
    """Yield who is named by his number; a legal representative who leaves is not of the registration any more."""
    for code, (role, name) in NUMBERS.items():
        leaves = code == "legal_person_id" and values.get("new_legal_person_id") is not None
        if isinstance(values.get(code), str) and not leaves:
            yield code, role, name


def _listed(
    values: Mapping[str, Value], element: forms.Element, row: RealNames, on: date
) -> tuple[list[Named], list[Text]]:
    listed = values.get(PEOPLE)
    if isinstance(listed, tuple):  # the rows of the form; a case of before holds the lines it was asked for
        listed = "\n".join(one.zh for one in forms.said_rows(element, listed))
    return registering.people(listed, row.roles, today=on) if isinstance(listed, str) else ([], [])
