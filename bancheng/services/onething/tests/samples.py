"""What the generated tests of every door try of one-thing: one holder's drafts and cases, one unit's tasks, few or many."""

from uuid import UUID

from bancheng.kernel.cases import public as cases
from bancheng.kernel.certificates import public as certificates
from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.documents.testing import stored as kept
from bancheng.kernel.identity import public as identity
from bancheng.kernel.identity import testing as people
from bancheng.kernel.letters import testing as letters
from bancheng.services.onething import operations, papers
from bancheng.services.onething.models import Overlooked
from bancheng.web.testing import Samples, World

MARK = "样例饭店"
PAPER = "经营场所平面图、设备布局和操作流程文件"
BUNDLE = "open-restaurant"


def fill(world: World, first: int, last: int) -> None:
    """File cases number `first` to `last` of the holder; they wait for the unit."""
    for number in range(first, last + 1):
        filed(world, f"样例{number:04d}")
        cases.accept(case_id=filed(world, f"受理{number:04d}").id, by="staff:1", at=clocks.now())
        late = filed(world, f"迟补{number:04d}")
        overlooked_of(world, late)
        written(late.id)


def filed(world: World, key: str, *, flow: str = "business-licence-check") -> cases.Filed:
    """File a single matter of the holder in the unit."""
    citizen_id = people.citizen_id(1)
    return cases.file(
        region=world.region,
        service="onething",
        flow=flow,
        unit=world.unit,
        applicant=cases.Applicant(
            "person",
            f"{MARK}{key}",
            identity.find_hash(citizen_id, kind="citizen_id"),
            identity.seal(citizen_id, kind="citizen_id"),
            "citizen_id",
        ),
        said=cases.Said({"wants_sign": True}),
        key=key,
        by=f"person:{world.holder.person_id}",
        at=clocks.now(),
    )


def stored(world: World, about: str) -> UUID:
    """Keep a file of the holder and return its use."""
    material = PAPER if about.startswith("draft:") else "营业执照"
    holder = identity.find_hash(people.citizen_id(1), kind="citizen_id")
    by = f"person:{world.holder.person_id}"
    given = {"region": world.region, "about": about, "material": material, "holder_hash": holder, "by": by}
    return kept(**given, at=clocks.now()).id


def written(case_id: UUID) -> UUID:
    """Return a letter of the case, drawn and not sealed."""
    return letters.drawn(case_id, kind="accepted")


def overlooked_of(world: World, case: cases.Filed) -> int:
    """Put what the unit overlooked before its administrator, in a case of its own."""
    row, _ = Overlooked.objects.get_or_create(
        region=world.region,
        case_id=case.id,
        decided_at=None,
        defaults={
            "unit": world.unit,
            "number": case.number,
            "title": f"{MARK}核验",
            "title_en": MARK,
            "defects": [{"about": "field:uscc", "says": "样例", "law": ""}],
            "reason": "首次没有看到",
            "asked_by": "staff:1",
            "asked_at": clocks.now(),
        },
    )
    return int(row.pk)


def result(world: World) -> tuple[UUID, int]:
    """Return a matter of the holder that the unit granted, and the licence it issued, whose certificate is made."""
    case = filed(world, "结果0001", flow="food-business-new")
    now = clocks.now()
    if not case.again:
        cases.accept(case_id=case.id, by="staff:1", at=now)
        cases.decide(case_id=case.id, outcome=cases.Outcome.GRANTED, because=cases.Because(""), by="staff:2", at=now)
    view = cases.view(case.id)
    assert view is not None
    (licence,) = (line.detail["licence"] for line in view.case.lines if line.act is cases.Act.ISSUED)
    certificates.make(licence_id=licence, at=now)
    return case.id, licence


def samples(world: World) -> Samples:
    holder = people.actor(world.holder, at=world.at)
    subject = f"person:{world.holder.person_id}"
    draft = operations.begin(bundle=BUNDLE, subject=subject, by=holder, at=clocks.now())
    because = {"reason": "样例", "law": "行政许可法 第三十二条", "remedy": "可以申请行政复议"}
    case = filed(world, "样例0001")
    case_id = case.id
    filed(world, f"partner:town-{world.unit}:A-1")  # as the sample partner's own
    result_case, licence = result(world)
    officer = {"officer": "A01"}
    finding = officer | {"finding": True, "reason": "现场核查与承诺一致"}
    paper = papers.slug_of(PAPER)
    letter, waiting = written(case_id), overlooked_of(world, case)
    on_draft, on_case = (stored(world, about) for about in (f"draft:{draft.id}", f"case:{case_id}"))
    return Samples(
        values={
            "case_id": case_id,
            "reference": "A-1",
            "paper": paper,
            "onething:draft_file/use_id": on_draft,
            "onething:case_file/use_id": on_case,
            "onething:desk_file/use_id": on_case,
            "onething:supply/paper": papers.slug_of("营业执照"),
            "onething:counter_supply/paper": papers.slug_of("营业执照"),
            "letter_id": letter,
            "request_id": waiting,
            "api:onething:desk_file/file_id": on_case,
            "api:onething:results/case_id": result_case,
            "api:onething:result_file/case_id": result_case,
            "api:onething:result_file/licence_id": licence,
            "draft_id": draft.id,
            "section": "applicant",
            "code": BUNDLE,
        },
        sends={
            "onething:start": {"subject": subject},
            "onething:section": {"seen": draft.version},
            "onething:paper": {"act": "ordinary"},
            "onething:supply": {},
            "onething:visit": {"day": "2020-01-01", "half": "am"},
            "onething:counter_start": {"bundle": BUNDLE},
            "onething:check": {"seen": draft.version},
            "onething:correction": {"about": "field:uscc", "says": "样例"},
            "onething:refuse": because,
            "onething:done": {"result": "样例"},
            "onething:decide": because | {"outcome": "denied"},
            "onething:visit_cancel": {"reason": "样例"},
            "onething:verify": because | {"true": "yes"},
            "onething:settle": because | {"mended": "yes"},
            "onething:repair": {"reason": "样例"},
            "onething:hand_over": because | {"to": "nowhere"},
            "onething:waive": because,
            "onething:late_ask": {"about": "field:uscc", "says": "样例", "reason": "样例"},
            "onething:late_decide": {"allow": "no"},
            "onething:counter_supply": {},
            "api:onething:submit": {"code": "x"},
            "api:onething:subscribe": {"url": "no address"},
            "api:onething:accept": officer,
            "api:onething:ask_correction": {**officer, "defects": [{"about": "field:x", "says": "请补正"}]},
            "api:onething:refuse": officer | because,
            "api:onething:result": {**officer, "result": "已核查"},
            "api:onething:verify": finding,
            "api:onething:settle": finding,
            "api:onething:decide": {**officer, "outcome": "granted"},
            "api:onething:correct": {"answers": {}},
            "api:onething:supply_paper": {"files": [str(on_case)]},
        },
        marks=(MARK, case.number[:16]),  # a list for programs names cases by number, the newest first
        own=frozenset({"onething:start"}),
        # an officer's queue holds what his role does next, not every case of his unit
        figures=frozenset({"api:onething:my_queue", "onething:board", "onething:board_csv"}),
    )
