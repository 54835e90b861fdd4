"""An application as it is sent, whoever sends it: filled in on the pages, at the counter, or handed in by a partner's system.

Each way makes a `Sending`; what follows is one way (`operations.take_in`): the same check (`checking`), the same case.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from bancheng.kernel.cases import public as cases
from bancheng.kernel.catalogue import public as catalogue
from bancheng.kernel.forms import public as forms
from bancheng.lib.conditions import Value
from bancheng.services.onething import papers
from bancheng.services.onething.papers import Library, Paper
from bancheng.services.onething.queries import Bundle


@dataclass(frozen=True)
class Sending:
    """What is sent: the bundle or single matter, the one form with its answers, and one set of papers."""

    bundle: Bundle
    form: forms.Form
    values: Mapping[str, Value]
    applicant: cases.Applicant
    papers: Sequence[Paper]
    library: Library  # asked once: papers are fetched from it, and the name is compared with what stands there
    region: str
    key: str  # the sender's own name for it: sent twice, it is taken in once
    about: str  # what it is called before it is a case: "draft:…", a partner's own number
    under_way: Sequence[cases.Brief]  # of the applicant: the last of his cases
    uscc: str = field(default="", repr=False)  # of the firm it is about
    unread: Sequence[forms.Problem] = ()  # what was typed and cannot be read, or is not asked
    ask_again: bool = False  # what registers said today is not true any more, says who sends it

    @property
    def matters(self) -> list[str]:
        """Return the matters that follow from the answers."""
        return matters_of(self.bundle, self.values)

    @property
    def for_the_firm(self) -> bool:
        """Return whether the firm itself applies: only it is told what registers say of it."""
        return self.applicant.kind == "organisation"


def matters_of(bundle: Bundle, values: Mapping[str, Value]) -> list[str]:
    """Return the matters that follow from the answers: those of a bundle that apply, or the single one."""
    if not bundle.flow.is_bundle:
        return [bundle.flow.matter]
    return [step.matter for step in bundle.flow.steps if step.when.holds(values)]


def papers_asked(bundle: Bundle, form: forms.Form, values: Mapping[str, Value], today: date) -> list[Paper]:
    """Return each paper that the answers ask for once; nothing is known of any yet."""
    wanted = set(matters_of(bundle, values))
    guides = [matter for matter in bundle.matters if matter.code in wanted]
    return papers.listed(guides, papers.shown_of(form, values, today))


def guides_of(bundle: Bundle) -> Bundle:
    """Return a bundle with the guides of its matters, where they were left out."""
    if bundle.matters:
        return bundle
    return replace(bundle, matters=tuple(catalogue.matters(codes=[step.matter for step in bundle.flow.steps])))
