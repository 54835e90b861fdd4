"""A kernel form as a page draws it: what each field shows, holds and says, ready for `{% ask field %}`.

    made = forms.form(region, draft.matters)
    shown = asking.sections(made, draft, problems=…, today=…, correcting=request.GET.getlist("correct"), url=request.path)

    {% load bc %}{% errors summary %}
    {% for section in shown %}<h2>{% words section.title %}</h2>{% for one in section.fields %}{% ask one %}{% endfor %}{% endfor %}

Works without scripts: each control is named by its element's code, so `forms.save(raw=dict(request.POST.lists()))` reads it
as it is posted. What we hold already is shown with its source and not posted; 不对？更正 leads to the same page with a control.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from urllib.parse import urlencode

from bancheng.kernel.forms import public as forms
from bancheng.kernel.forms.public import Kind
from bancheng.lib.text import Text

RADIOS = 7  # choices that are shown at once; more go into a list
INPUT_MODES = {Kind.WHOLE: "numeric", Kind.AREA: "decimal", Kind.MONEY: "decimal", Kind.EMAIL: "email"}
INPUT_TYPES = {Kind.DATE: "date", Kind.MOBILE: "tel", Kind.PHONE: "tel", Kind.EMAIL: "email"}
UNITS = {Kind.AREA: Text("平方米", "m²"), Kind.MONEY: Text("元", "yuan")}
CODES = {Kind.CITIZEN_ID, Kind.USCC}  # typed in capitals, nothing to spell
YES_NO = (("yes", Text("是", "Yes")), ("no", Text("否", "No")))


@dataclass(frozen=True)
class Answer:
    """One thing to choose."""

    code: str
    words: Text
    chosen: bool


@dataclass(frozen=True)
class Cell:
    """One field of a row, ready to be drawn: a choice has answers, everything else a value."""

    title: Text
    value: str
    answers: tuple[Answer, ...]
    input_type: str
    input_mode: str
    capitals: bool
    optional: bool


@dataclass(frozen=True)
class Row:
    """One row of a list; the last is empty, for one more."""

    number: int
    cells: tuple[Cell, ...]
    new: bool


@dataclass(frozen=True)
class AskedField:
    """One field, ready to be drawn."""

    code: str
    title: Text
    hint: Text
    notes: tuple[Text, ...]  # why each matter asks, where it says so
    control: str  # input, lines, list, radios, boxes, rows or held
    required: bool
    problem: Text | None
    value: str  # of an input or lines
    answers: tuple[Answer, ...]
    input_type: str = "text"
    input_mode: str = ""
    autocomplete: str = "off"
    enter_key: str = "next"
    capitals: bool = False
    unit: Text | None = None
    held: Text | None = None  # what we hold or held, masked when it is personal
    source: Text | None = None
    as_of: date | None = None
    correct_url: str = ""
    rows: tuple[Row, ...] = ()  # of a list

    @property
    def id(self) -> str:
        """Return the id of the control, or of the first of them: where the summary of errors leads."""
        return field_id(self.code)

    @property
    def described_by(self) -> str:
        """Return the ids of everything that explains the control."""
        parts = {
            "hint": self.hint.zh or self.notes,
            "error": self.problem,
            "unit": self.unit,
            "source": self.source and self.control != "held",
        }
        return " ".join(f"{self.id}-{name}" for name, is_there in parts.items() if is_there)


@dataclass(frozen=True)
class AskedSection:
    """A heading and the fields under it that are shown now."""

    code: str
    title: Text
    fields: tuple[AskedField, ...]

    @property
    def has_rows(self) -> bool:
        """Return whether there is a list among them, whose buttons come before the page's own."""
        return any(one.control == "rows" for one in self.fields)


def field_id(code: str) -> str:
    """Return the id of an element's control on a page."""
    return f"e-{code}"


def summary(problems: Iterable[forms.Problem]) -> list[tuple[str, Text]]:
    """Return what `{% errors … %}` shows on top: each sentence, and the control it leads to."""
    return [(field_id(problem.element), problem.says) for problem in problems]


def sections(
    form: forms.Form,
    draft: forms.Draft,
    *,
    today: date,
    problems: Iterable[forms.Problem] = (),
    correcting: Collection[str] = (),
    url: str = "",
    only: str = "",
) -> tuple[AskedSection, ...]:
    """Return the shown fields of `form` under their headings, as `draft` answers them.

    `problems` is what is to be corrected (of `Saved.errors`, `Unfinished` or `forms.problems`); `correcting` are the fields
    whose prefilled value the applicant wants to change; `url` is this page, to which 更正 leads back; `only` is one section.
    """
    shown = forms.visible(form, draft.values, today)
    required = forms.required(form, draft.values, today)
    told: dict[str, Text] = {}
    for problem in problems:
        told.setdefault(problem.element, problem.says)
    drawn = []
    for section in form.sections:
        fields = [
            _field(one, draft, one.code in required, told.get(one.code), one.code in correcting, url)
            for one in section.fields
            if one.code in shown
        ]
        if fields and only in ("", section.code):
            fields[-1] = replace(fields[-1], enter_key="done")
            drawn.append(AskedSection(section.code, section.title, tuple(fields)))
    return tuple(drawn)


def check_rows(form: forms.Form, draft: forms.Draft, *, today: date) -> list[tuple[Text, list[tuple[Text, Text]]]]:
    """Return the answers to check before sending: headings, each with rows for `{% check title rows url %}`."""
    return [
        (
            section.title,
            [(one.title, _to_check(one, form, draft)) for one in section.fields],
        )
        for section in sections(form, draft, today=today)
    ]


def _to_check(one: AskedField, form: forms.Form, draft: forms.Draft) -> Text:
    """Return an answer to check: what was typed as it was typed, what we filled in masked, as on its page."""
    if one.control == "held" and one.held:
        return one.held
    return forms.said(form.fields[one.code].element, draft.values.get(one.code))


def _field(
    one: forms.FormField, draft: forms.Draft, required: bool, problem: Text | None, correcting: bool, url: str
) -> AskedField:
    element, held = one.element, draft.held.get(one.code)
    is_held = held is not None and held.how is forms.How.PREFILLED and held.value is not None
    typed = _typed(element, held, draft.typed.get(one.code))
    if is_held and correcting and element.sealed:
        typed = ()  # typed afresh: what we hold is shown masked beside it
    drawn = AskedField(
        code=one.code,
        title=element.title,
        hint=element.explained,
        notes=tuple(dict.fromkeys(ask.note for ask in one.asks if ask.note.zh)),
        control="held" if is_held and not correcting else _control(element),
        required=required,
        problem=problem,
        value=typed[0] if typed else "",
        answers=_answers(element, typed),
        rows=_rows(element, typed) if element.kind is Kind.ROWS else (),
        input_type=_input_type(element, typed),
        input_mode=INPUT_MODES.get(element.kind, ""),
        autocomplete=element.autocomplete or "off",
        capitals=element.kind in CODES,
        unit=UNITS.get(element.kind),
    )
    return _with_source(drawn, element, held, url) if held else drawn


def _with_source(drawn: AskedField, element: forms.Element, held: forms.Held, url: str) -> AskedField:
    """Return the field with what we hold, or held before the applicant corrected it, and where that comes from."""
    if held.source is None:
        return drawn
    shown = held.value if held.how is forms.How.PREFILLED else held.shown
    return replace(
        drawn,
        held=forms.said(element, shown, masked=True),
        source=held.source,
        as_of=held.as_of,
        correct_url=f"{url}?{urlencode({'correct': drawn.code})}#{drawn.id}",
    )


def _typed(element: forms.Element, held: forms.Held | None, unread: Sequence[str] | None) -> tuple[str, ...]:
    """Return what the control holds: the words as they were typed when they could not be read."""
    if unread is not None:
        return tuple(unread)
    return forms.as_typed(element, held.value) if held else ()


def _control(element: forms.Element) -> str:
    if element.kind is Kind.MANY:
        return "boxes"
    if element.kind is Kind.ROWS:
        return "rows"
    if element.kind is Kind.YES_NO or (element.kind is Kind.CHOICE and len(element.choices) <= RADIOS):
        return "radios"
    if element.kind is Kind.CHOICE:
        return "list"
    return "lines" if element.kind is Kind.LONG_TEXT else "input"


def _answers(element: forms.Element, typed: Collection[str]) -> tuple[Answer, ...]:
    if element.kind is Kind.YES_NO:
        return tuple(Answer(code, words, code in typed) for code, words in YES_NO)
    return tuple(Answer(choice.code, choice.title, choice.code in typed) for choice in element.choices)


def _rows(element: forms.Element, typed: Sequence[str]) -> tuple[Row, ...]:
    """Return the rows that were typed and an empty one, as long as there may be one more."""
    filled = [row for row in forms.cells(element, typed) if any(text.strip() for text in row)]
    blank = [] if element.most is not None and len(filled) >= element.most else [[""] * len(element.columns)]
    return tuple(
        Row(n, tuple(_cell(column, text) for column, text in zip(element.columns, row, strict=False)), n > len(filled))
        for n, row in enumerate([*filled, *blank], start=1)
    )


def _cell(column: forms.Column, text: str) -> Cell:
    chosen = text.strip().lower()
    answers = tuple(
        Answer(one.code, one.title, chosen in (one.code, one.name, one.name_en.lower())) for one in column.choices
    )
    return Cell(
        column.title,
        text,
        answers,
        INPUT_TYPES.get(column.kind, "text"),
        INPUT_MODES.get(column.kind, ""),
        column.kind in CODES,
        column.optional,
    )


def changed(
    form: forms.Form, raw: Mapping[str, Sequence[str]], act: str
) -> tuple[str, dict[str, Sequence[str]]] | None:
    """Return the list that a button on a page changes ("real_names:add", "real_names:drop:2"), and what was posted with that done.

    One more row is always there to be filled in, so adding only keeps what stands; None: the button is none of a list's.
    """
    code, _, what = act.partition(":")
    field = form.fields.get(code)
    if field is None or field.element.kind is not Kind.ROWS:
        return None
    name, _, number = what.partition(":")
    filled = [row for row in forms.cells(field.element, raw.get(code, ())) if any(text.strip() for text in row)]
    if name == "drop" and number.isdecimal() and len(number) < 4 and 1 <= int(number) <= len(filled):
        del filled[int(number) - 1]
    elif name != "add":
        return None
    return code, {**raw, code: [text for row in filled for text in row] or [""]}


def _input_type(element: forms.Element, typed: Sequence[str]) -> str:
    """A date that could not be read stays to be seen: a date control would drop it."""
    if element.kind is Kind.DATE and typed and not _is_iso(typed[0]):
        return "text"
    return INPUT_TYPES.get(element.kind, "text")


def _is_iso(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
