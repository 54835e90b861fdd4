"""What people type into the one form of a bundle, as they type it, and what departments told the city before that they need not.

`known` is what each register holds of an applicant, by the name under which its unit shares it. Registers are not complete: a lease
may not have been filed, and some people find that what is shown is not the whole of it (`disputed`).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

STREETS = ("建安大道", "莲城大道", "七一路", "许都路", "尚集街", "永昌大道", "明礼街", "忠武路", "竹林路", "魏武大道")
OFFICES = ("郑州市金水区市场监督管理局", "平顶山市市场监督管理局", "漯河市市场监督管理局", "开封市市场监督管理局")
BANKS = ("许昌示例银行建安路支行", "许昌示例银行新区支行")
MANY = {"changed_items", "seal_kinds", "invoice_kinds", "food_items"}  # of these one may choose several


@dataclass(frozen=True)
class Writer:
    """Who fills in a form: what chance has in store for him, and the day."""

    random: Random
    number: int
    day: date
    person: str
    company: Callable[[], str]  # a name that nobody else bears
    citizen_id: str = ""
    mobile: str = ""

    def ahead(self, days: int) -> str:
        """Return the day so many days from the application."""
        return (self.day + timedelta(days=days)).isoformat()

    def chance(self, share: float) -> bool:
        """Return whether something that is so in that share of cases is so here."""
        return self.random.random() < share

    def address(self) -> str:
        """Return an address in the zone."""
        return f"{self.random.choice(STREETS)}{self.random.randrange(1, 400)}号"


LEASES_FILED = 0.85  # of leases: 商品房屋租赁管理办法 第十四条 asks for it, not everybody does it
DISPUTED = 0.05  # of addresses: written without the floor or the door
HOUSING = ("lease_address", "premises_right", "lease_number", "lease_until", "lease_area")
LAND = ("property_address", "premises_right", "certificate_number", "", "property_area")
PREMISES = ("business_address", "premises_right", "premises_proof", "lease_until", "floor_area")


def known(answers: Mapping[str, Sequence[str]], writer: Writer) -> dict[str, Sequence[str]]:
    """Return what units share of somebody who answers so, and of his premises where those are in a register."""
    leased = answers.get("premises_right") == ["leased"]
    found = {source: answers[code] for source, code in SHARED.items() if code in answers}
    if "premises_right" in answers and (not leased or writer.chance(LEASES_FILED)):
        unit, names = ("housing", HOUSING) if leased else ("land", LAND)
        pairs = zip(PREMISES, names, strict=True)
        found |= {f"shared.{unit}.{name}": answers[code] for code, name in pairs if name and code in answers}
    return found


def of_place(answers: Mapping[str, Sequence[str]]) -> dict[str, Sequence[str]]:
    """Return the answers about the premises alone."""
    return {code: answers[code] for code in PREMISES if code in answers}


def disputed(answers: Mapping[str, Sequence[str]], writer: Writer) -> dict[str, Sequence[str]]:
    """Return what somebody corrects of what he is shown."""
    place = "old_address" if "old_address" in answers else "business_address"
    if place not in answers or not writer.chance(DISPUTED):
        return {}
    return {place: [f"{answers[place][0]}1层"]}


SHARED = {
    "shared.market.register_office": "old_office",
    "shared.market.address": "old_address",
    "shared.market.capital": "capital",
    "shared.market.scope": "scope",
    "shared.market.simplified": "simplified",
    "shared.market.publicity_from": "publicity_from",
    "shared.market.food_officer_name": "food_officer_name",
    "shared.police.seal_kinds": "seal_kinds",
    "shared.tax.finance_officer_name": "finance_officer_name",
    "shared.tax.finance_officer_mobile": "finance_officer_mobile",
    "shared.tax.settled": "tax_settled",
    "shared.tax.invoices_returned": "invoices_returned",
    "shared.labour.insured_people": "insured_people",
    "shared.labour.settled": "arrears_settled",
    "shared.housing-fund.number": "fund_number",
    "shared.housing-fund.people": "fund_people",
    "shared.housing-fund.rate": "fund_rate",
    "shared.housing-fund.sealed": "fund_sealed",
    "shared.bank.name": "bank_name",
    "shared.bank.account": "bank_account",
}


def typed(bundle: str, writer: Writer) -> dict[str, list[str]]:
    """Return what is typed into the form of a bundle, by element."""
    return {code: text.split(",") if code in MANY else [text] for code, text in FORMS[bundle](writer).items()}


def _premises(writer: Writer) -> dict[str, str]:
    leased = writer.random.random() < 0.7
    return {
        "business_address": f"许昌市示范区{writer.address()}",
        "premises_right": "leased" if leased else "owned",
        "premises_proof": f"豫许房{'租' if leased else '产'}第{writer.number:06d}号",
        "floor_area": str(writer.random.randrange(30, 280)),
    } | ({"lease_until": writer.ahead(writer.random.randrange(400, 1800))} if leased else {})


def _bank(writer: Writer, days: int = 120) -> dict[str, str]:
    return {"bank_name": writer.random.choice(BANKS), "bank_day": writer.ahead(days)}


def _account(writer: Writer) -> dict[str, str]:
    return {"bank_account": f"4100{writer.number:012d}", "fund_number": f"XC{writer.number:08d}"}


def _office(writer: Writer) -> dict[str, str]:
    people = str(writer.random.randrange(1, 12))
    return {
        "insured_people": people,
        "fund_people": people,
        "finance_officer_name": writer.person,
        "finance_officer_mobile": writer.mobile,
    }


def _opening(writer: Writer) -> dict[str, str]:
    sole, people = writer.random.random() < 0.45, writer.random.randrange(12)
    capital = {} if sole else {"capital": str(writer.random.choice((30, 50, 100, 200)) * 10_000)}
    staff = {"insurance_start": writer.ahead(30), "fund_rate": "8"} if people else {}
    return {
        **_premises(writer),
        **capital,
        **staff,
        "real_names": f"股东 {writer.person} {writer.citizen_id}\n董事 {writer.person} {writer.citizen_id}",
        **_bank(writer),
        "proposed_name": writer.company(),
        "entity_type": "sole_trader" if sole else "company",
        "scope": "日用百货销售；信息咨询服务；货物进出口",
        "invoice_kinds": "ordinary" if sole else "ordinary,special",
        "invoice_monthly": str(writer.random.randrange(1, 20) * 10_000),
        "insured_people": str(people),
        "fund_people": str(people),
        "seal_kinds": "official,finance",
        "seal_reason": "new",
    }


def _move(writer: Writer) -> dict[str, str]:
    return {
        **_premises(writer),
        "old_office": writer.random.choice(OFFICES),
        "old_address": writer.address(),
    }


def _change(writer: Writer) -> dict[str, str]:
    return {
        **_bank(writer),
        **_account(writer),
        **_office(writer),
        "changed_items": writer.random.choice(("capital", "scope", "address", "name", "name,address")),
        "new_name": writer.company(),
        "new_address": f"许昌市示范区{writer.address()}",
        "new_capital": "2000000",
        "new_scope": "机械设备租赁；仓储服务",
        "seal_kinds": "official",
        "seal_reason": "change",
        "old_address": f"许昌市{writer.address()}",
        "capital": str(writer.random.choice((30, 50, 100)) * 10_000),
        "scope": "日用百货销售；信息咨询服务",
    }


def _closing(writer: Writer) -> dict[str, str]:
    return {
        **_bank(writer),
        **_account(writer),
        **dict.fromkeys(("tax_settled", "invoices_returned", "simplified", "arrears_settled", "fund_sealed"), "yes"),
        "cancel_reason": "dissolved",
        # over, also where its last day falls into a week of holidays, and the twenty days to apply are not
        "publicity_from": writer.ahead(-writer.random.randrange(31, 39)),
        "insured_people": "0",
    }


def _restaurant(writer: Writer) -> dict[str, str]:
    large = writer.random.random() < 0.35  # large enough for the fire check
    return {
        **_premises(writer),
        "floor_area": str(writer.random.randrange(320, 800) if large else writer.random.randrange(60, 280)),
        "wants_sign": "yes" if writer.random.random() < 0.6 else "no",
        "wants_tobacco": "no",  # its licences are those of the largest ledger, which the replay counts
        "food_business_kind": "catering",
        "food_items": "hot",
        "food_delivery": "no",
        "food_officer_name": writer.person,
        "kitchen_area": "30",
        "seats": "60",
        "opening_date": writer.ahead(120),
        "sign_text": "示例饭店",
        "sign_position": "lintel",
        "sign_width": "400",
        "sign_height": "80",
        "sign_lit": "no",
        "floor_level": "ground",
        "floors_used": "1",
        "safe_exits": "2",
        "decorated": "no",
        "fire_route": "promise" if writer.random.random() < 0.5 else "inspection",
        "fire_promise": "yes",
    }


FORMS: dict[str, Callable[[Writer], dict[str, str]]] = {
    "open-business": _opening,
    "move-in": _move,
    "change-information": _change,
    "close-business": _closing,
    "open-restaurant": _restaurant,
}
