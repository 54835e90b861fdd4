"""The promises of case fourteen, each asked of the cases, flows, forms and guides; every one of them can be found broken.

Where nothing has happened yet there is nothing to keep or break: `Cannot`, with the sentence that says so. `detail` always
says how many were looked at and how many break the promise.
"""

from collections.abc import Callable
from typing import Any

from django.db import connection

from bancheng.kernel.catalogue import public as catalogue
from bancheng.kernel.claims import public as claims
from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.forms import public as forms
from bancheng.kernel.identity import public as identity
from bancheng.lib.manifest import PUBLIC
from bancheng.lib.text import Text
from bancheng.services.onething import figures, papers, queries
from bancheng.web import entrances

MOVE, RESTAURANT, CHANGE, CLOSING = "move-in", "open-restaurant", "change-information", "close-business"
OFFICE_STEPS = ("out-check", "archive")  # done by the offices, without the applicant
NAMED = ("business-licence-check", "food-business-new", "fire-check")  # what the source names of a restaurant
CHANGES, CANCELLATIONS = 6, 7


def kept(broken: int, zh: str, en: str) -> claims.Value:
    """Return 1 when nothing breaks the promise, else 0."""
    return claims.Value(int(not broken), detail=Text(zh, en))


def _row(query: str, *params: Any) -> tuple[Any, ...]:
    with connection.cursor() as cursor:
        cursor.execute(query, list(params))
        return tuple(cursor.fetchone())


def _public(name: str) -> bool:
    return any(door.name == name and PUBLIC in door.who for door in entrances.every())


def _bundle(code: str) -> queries.Bundle:
    found = next((one for one in queries.bundles() if one.code == code), None)
    if found is None:
        raise claims.Cannot("本市没有这个“一件事”，无从检验", "The city has no such bundle")
    return found


def _none_yet(zh: str, en: str) -> claims.Cannot:
    return claims.Cannot(f"还没有{zh}，无从检验", f"No {en} yet")


def one_step_move() -> claims.Value:
    """F14.1: a completed migration was one application of one matter, and the offices did their part between themselves."""
    done, several, by_applicant = _row(
        f"""
        select count(*),
               count(*) filter (where (select count(distinct c.step) from cases_case c
                                        where c.root_id = r.id and c.step <> '') <> 1),
               count(*) filter (where (select count(distinct a.step)
                                         from cases_case c join cases_caseaction a on a.region = c.region and a.case_id = c.id
                                        where c.root_id = r.id and a.act = 'done' and a.step = any(%s)
                                          and a.by like 'staff:%%') <> %s)
          from cases_case r join cases_flowversion f on f.id = r.flow_id
         where r.service = 'onething' and r.step = '' and f.code = %s and {figures.COMPLETED}
           and exists (select from cases_case c where c.root_id = r.id and c.outcome = 'granted')
        """,
        list(OFFICE_STEPS),
        len(OFFICE_STEPS),
        MOVE,
    )
    if not done:
        raise _none_yet("办结的企业迁移", "migration has been completed")
    return kept(
        several + by_applicant,
        f"办结{done}件，其中不止一次申请的{several}件，核查、移交未由部门办理的{by_applicant}件",
        f"{done} completed, {several} of more than one application, {by_applicant} where offices left their part undone",
    )


def one_form() -> claims.Value:
    """F14.2: a restaurant's form asks each thing once, its papers are listed once, and all matters live by one submission."""
    bundle = _bundle(RESTAURANT)
    missing = [code for code in NAMED if code not in {step.matter for step in bundle.flow.steps}]
    elements = [field for section in _form_of(bundle).sections for field in section.fields]
    twice = len(elements) - len({field.element.code for field in elements})
    names = [paper.name for paper in papers.listed(bundle.matters)]
    filed, apart = _row(
        """
        select count(*), count(*) filter (where exists (
                   select from cases_submission s join cases_case c on c.region = s.region and c.id = s.case_id
                    where c.root_id = r.id and c.id <> r.id))
          from cases_case r join cases_flowversion f on f.id = r.flow_id
         where r.service = 'onething' and r.step = '' and f.code = %s
        """,
        RESTAURANT,
    )
    if not filed:
        raise _none_yet("开餐饮店的申请", "application for a restaurant")
    return kept(
        len(missing) + twice + (len(names) - len(set(names))) + apart,
        f"申请{filed}件，另行填表的{apart}件；表单{len(elements)}项，重复{twice}项；点名的事项缺{len(missing)}个",
        f"{filed} filed, {apart} with a form apart; {len(elements)} fields, {twice} asked twice; {len(missing)} named matters missing",
    )


def _form_of(bundle: queries.Bundle) -> forms.Form:
    """Return the form of a bundle with every matter in it."""
    known = forms.specs(queries.region())
    return forms.form(queries.region(), [step.matter for step in bundle.flow.steps if step.matter in known])


def window_and_guides() -> claims.Value:
    """F14.3: the guide is open to everybody, every matter of a restaurant can be had at a counter, and somebody sits there.

    Panels, leaflets and training leave no trace here: of them nothing is said.
    """
    bundle = _bundle(RESTAURANT)
    clerks = identity.role_holders(role="window_clerk", service=queries.SERVICE, at=clocks.now())
    if not clerks:
        raise claims.Cannot("还没有登记窗口人员，无从检验", "No window clerk is appointed yet")
    away = [one.code for one in bundle.matters if not _at_counter(one)]
    shown = _public("onething:bundle")
    return kept(
        len(away) + (not shown),
        f"办事指南{'公开' if shown else '未公开'}；窗口人员{len(clerks)}名；{len(bundle.matters)}个事项中不能到窗口办的{len(away)}个"
        "（展板、培训不在平台留痕，未检验）",
        f"guide {'open' if shown else 'not open'}; {len(clerks)} window clerks; {len(away)} of {len(bundle.matters)} matters have no "
        "counter (panels and training leave no trace here and were not checked)",
    )


def _at_counter(matter: catalogue.Matter) -> bool:
    return bool(matter.outlets) and any(one.kind is catalogue.ChannelKind.COUNTER for one in matter.channels)


def six_changes() -> claims.Value:
    """F14.4: six changes are one bundle, and whoever changed something applied once for all that followed."""
    return _all_in_one(CHANGE, CHANGES, "信息变更", "change")


def seven_cancellations() -> claims.Value:
    """F14.5: seven cancellations are one bundle, sent in once; every result was served, and can be fetched at several ends."""
    bundle = _bundle(CLOSING)
    single = [one.code for one in bundle.matters if len({channel.kind for channel in one.channels}) < 2]
    found = _all_in_one(CLOSING, CANCELLATIONS, "注销", "cancellation")
    (unserved,) = _row(
        """
        select count(*) from cases_case c join cases_case r on r.id = c.root_id join cases_flowversion f on f.id = r.flow_id
         where c.service = 'onething' and f.code = %s and c.outcome = 'granted' and c.closed_at is not null
           and not exists (select from cases_caseaction a
                            where a.region = c.region and a.case_id = c.id and a.act = 'served')
        """,
        CLOSING,
    )
    return kept(
        (not found.number) + len(single) + unserved,
        f"{found.detail.zh}；只有一个获取渠道的事项{len(single)}个，准予而未送达的{unserved}件",
        f"{found.detail.en}; {len(single)} matters with one end only, {unserved} granted and not served",
    )


def _all_in_one(code: str, wanted: int, zh: str, en: str) -> claims.Value:
    """Look whether a bundle holds as many matters as promised, and whether one of them was ever applied for apart."""
    flow = _bundle(code).flow
    filed, apart = _row(
        """
        select count(*) filter (where f.code = %s and r.step = ''),
               count(*) filter (where r.step = '' and r.matter = any(%s))
          from cases_case r join cases_flowversion f on f.id = r.flow_id where r.service = 'onething'
        """,
        code,
        [step.matter for step in flow.steps],
    )
    if not filed:
        raise _none_yet(f"{zh}申请", f"{en} has been applied for")
    missing = max(wanted - len(flow.steps), 0)
    return kept(
        missing + apart,
        f"集成事项{len(flow.steps)}个；申请{filed}件，另行单独申请的{apart}件",
        f"{len(flow.steps)} matters joined; {filed} applications, {apart} made apart for a single matter",
    )


def nothing_off_the_list() -> claims.Value:
    """F14.6: every case is of a published matter of its bundle, and nothing was asked that stands in no form and no guide."""
    published = {one.code: one for one in catalogue.matters()}
    with connection.cursor() as cursor:
        cursor.execute("select distinct matter from cases_case where service = 'onething' and step <> ''")
        handled = {code for (code,) in cursor.fetchall()}
        cursor.execute(
            """
            select c.matter, i.about, count(*) from cases_correctionitem i join cases_case c on c.id = i.case_id
             where c.service = 'onething' and i.dropped_at is null group by 1, 2
            """
        )
        asked = cursor.fetchall()
    if not handled:
        raise _none_yet("申请", "application has come in")
    known = forms.specs(queries.region())
    fields = {code: {one.element for one in spec.fields} for code, spec in known.items()}
    off = sorted(handled - set(published))
    beyond = sum(number for matter, about, number in asked if not _listed(about, fields.get(matter, set())))
    total = sum(number for *_, number in asked)
    return kept(
        len(off) + beyond,
        f"办理过的事项{len(handled)}个，清单之外{len(off)}个；要求补正{total}处，超出表单和指南{beyond}处",
        f"{len(handled)} matters handled, {len(off)} off the list; {total} corrections asked, {beyond} beyond form and guide",
    )


def _listed(about: str, fields: set[str]) -> bool:
    kind, _, code = about.partition(":")
    return kind == "material" or not code or code in fields


def nothing_reviewed_twice() -> claims.Value:
    """F14.7: departments read one submission, no case is accepted twice, and no two of them ask for the same in one notice."""
    filed, apart, again, same = _row(
        """
        select (select count(*) from cases_case where service = 'onething' and step <> ''),
               (select count(*) from cases_submission s join cases_case c on c.region = s.region and c.id = s.case_id
                 where c.service = 'onething' and c.step <> ''),
               (select count(*) from (
                    select a.case_id from cases_caseaction a join cases_case c on c.region = a.region and c.id = a.case_id
                     where c.service = 'onething' and a.act in ('accepted', 'deemed_accepted')
                     group by 1 having count(*) > 1) twice),
               (select count(*) from (
                    select i.root_id from cases_correctionitem i join cases_case c on c.id = i.case_id
                     where c.service = 'onething' and i.sent_at is not null and i.dropped_at is null
                     group by i.root_id, i.sent_at, i.about having count(distinct i.case_id) > 1) doubled)
        """
    )
    if not filed:
        raise _none_yet("申请", "application has come in")
    return kept(
        apart + again + same,
        f"事项办件{filed}件，另行报送材料的{apart}件，重复受理的{again}件，多个部门要求同一处补正的{same}处",
        f"{filed} matters handled, {apart} with papers of their own, {again} accepted twice, {same} corrections asked by several",
    )


def four_aims() -> claims.Value:
    """F14.8: of every bundle that was completed, links, papers, days and trips are fewer than before, and it has two ways in."""
    lines = [line for line in figures.by_bundle() if line.completed and line.before]
    if not lines:
        raise _none_yet("办结的申请", "bundle has been completed")
    compared = [
        (line.name.zh, name)
        for line in lines
        for name in ("links", "materials", "days", "trips")
        if (told := getattr(line.before, name).number) is not None and getattr(line, name) >= told
    ]
    ways = {
        one.code: {channel.kind for matter in one.matters for channel in matter.channels} for one in queries.bundles()
    }
    narrow = [line.code for line in lines if len(ways[line.code]) < 2]
    return kept(
        len(compared) + len(narrow),
        f"有办结的“一件事”{len(lines)}个，未减少的指标{len(compared)}项"
        f"{'：' if compared else ''}{'、'.join(f'{name} {what}' for name, what in compared)}；只有一种办理方式的{len(narrow)}个",
        f"{len(lines)} bundles completed, {len(compared)} figures not fewer than before, {len(narrow)} with one way in only",
    )


PROMISES: dict[str, Callable[[], claims.Value]] = {
    "F14.1": one_step_move,
    "F14.2": one_form,
    "F14.3": window_and_guides,
    "F14.4": six_changes,
    "F14.5": seven_cancellations,
    "F14.6": nothing_off_the_list,
    "F14.7": nothing_reviewed_twice,
    "F14.8": four_aims,
}
