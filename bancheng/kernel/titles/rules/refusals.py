"""The book's own refusals, each with what to do next."""

from bancheng.lib.refusal import Refused

KEPT = "没有登簿。"
KEPT_EN = " Nothing was recorded."


def _no(code: str, zh: str, en: str, *, law: str = "", status: int = 409) -> Refused:
    return Refused(f"title_{code}", zh + KEPT, en=en + KEPT_EN, law=law, status=status)


def no_parcel(code: str) -> Refused:
    """Return the refusal of a parcel that is not in the book."""
    return _no(
        "no_parcel",
        f"登记簿中没有宗地 {code}，请核对代码。",
        f"There is no parcel {code} in the register: check the code.",
        status=404,
    )


def no_lot(code: str) -> Refused:
    """Return the refusal of a lot that is not in the book, or not open."""
    return _no(
        "no_lot",
        f"登记簿中没有 {code}，或其份额已经细分，请核对代码。",
        f"There is no open lot {code} in the register: check the code.",
        status=404,
    )


def no_right(number: str) -> Refused:
    """Return the refusal of a right that is not in the book, or of another kind."""
    return _no(
        "no_right",
        f"登记簿中没有 {number}，请核对编号。",
        f"There is no {number} in the register: check the number.",
        status=404,
    )


def ended(number: str) -> Refused:
    """Return the refusal to act on a right that has ended."""
    return _no("ended", f"{number} 已经终止，请查阅登记簿。", f"{number} has ended: look it up in the register.")


def key_taken() -> Refused:
    """Return the refusal of a key that stands for something else."""
    return _no(
        "key_taken", "同一编号已用于另一项登簿，请换用新的编号。", "This key stands for another act: use a new one."
    )


def number_taken(number: str) -> Refused:
    """Return the refusal of a right's number that is in use."""
    return _no(
        "number_taken",
        f"编号 {number} 已在登记簿中，请核对。",
        f"The number {number} is in the register already: check it.",
    )


def open_already(code: str) -> Refused:
    """Return the refusal to open a parcel twice."""
    return _no("open_already", f"宗地 {code} 已经登记。", f"The parcel {code} is open already.")


def closed(code: str) -> Refused:
    """Return the refusal to act on a closed parcel."""
    return _no("closed", f"宗地 {code} 已经注销。", f"The parcel {code} is closed.")


def term_over() -> Refused:
    """Return the refusal to dispose of land whose term has ended (B7.6)."""
    return _no(
        "term_over",
        "土地使用权期限已经届满，请先办理续期。",
        "The term of the land-use right is over: have it renewed first.",
        law="民法典 第三百五十九条",
    )


def fractions() -> Refused:
    """Return the refusal of holders whose fractions do not sum to one."""
    return _no(
        "share_sum", "共有份额之和应等于一，请核对。", "The holders' fractions must sum to one: check them.", status=422
    )


def not_registered(lot: str) -> Refused:
    """Return the refusal to transfer a unit whose house is not first-registered."""
    return _no(
        "not_registered",
        f"{lot} 的房屋尚未首次登记，请先办理首次登记。",
        f"The house of {lot} is not first-registered yet: do that first.",
    )


def no_permit() -> Refused:
    """Return the refusal of a presale without a permit."""
    return _no(
        "no_permit",
        "没有预售许可，不能预售，请先取得许可。",
        "There is no presale permit: obtain it first.",
        law="城市房地产管理法 第四十五条",
    )


def no_acceptance() -> Refused:
    """Return the refusal of a first registration without the building's acceptance."""
    return _no(
        "no_acceptance",
        "缺少竣工验收材料，请补齐。",
        "The building's acceptance document is missing: supply it.",
        status=422,
    )


def unmeasured(code: str) -> Refused:
    """Return the refusal of what needs a measured survey."""
    return _no(
        "unmeasured",
        f"{code} 没有实测成果，请先完成实测入库。",
        f"{code} has no measured survey: have it measured first.",
    )


def units_differ(code: str) -> Refused:
    """Return the refusal of a survey whose units are not those of the plan, with no explanation."""
    return _no(
        "units_differ",
        f"{code} 的户清单与计划表不一致，请说明原因或核对测绘成果。",
        f"The units of {code} differ from the plan: explain why, or check the survey.",
        status=422,
    )


def permit_differs(total: int, permit: int) -> Refused:
    """Return the refusal of floor areas beyond the plan permit (B7.1)."""
    return _no(
        "permit_differs",
        f"建筑面积合计 {total / 100:.2f} 平方米与规划许可 {permit / 100:.2f} 平方米不符，请核查测绘成果。",
        f"The floor areas, {total / 100:.2f} m², differ from the {permit / 100:.2f} m² of the plan permit: check the survey.",
        status=422,
    )


def permit_short(total: int, permit: int) -> Refused:
    """Return the refusal to divide floor areas that fall short of the plan permit, with no explanation (B7.1)."""
    return _no(
        "permit_short",
        f"建筑面积合计 {total / 100:.2f} 平方米比规划许可 {permit / 100:.2f} 平方米少 {(permit - total) / 100:.2f} 平方米，请核查测绘成果并提交核查说明。",
        f"The floor areas, {total / 100:.2f} m², are {(permit - total) / 100:.2f} m² short of the {permit / 100:.2f} m² of the plan permit: "
        "have the survey checked and hand in the explanation.",
        status=422,
    )


def nothing_to_plan() -> Refused:
    """Return the refusal of a plan without a survey that would change anything."""
    return _no(
        "nothing_to_plan",
        "没有可据以编制计划表的测绘成果，请先完成测绘入库。",
        "No survey calls for a plan: accept one first.",
    )


def stale() -> Refused:
    """Return the refusal of a draft that was overtaken."""
    return _no(
        "stale",
        "计划表编制后登记簿已有变动，请重新编制。",
        "The register changed since this plan was drafted: draft it anew.",
    )


def consent_missing(lots: list[str]) -> Refused:
    """Return the refusal of a plan that takes too much from a buyer without his word (§4.5)."""
    return _no(
        "consent_missing",
        f"本次调整使 {len(lots)} 户买受人的最终份额减少超过容许值（首户 {lots[0]}），须取得其书面同意。",
        f"This change takes more than the tolerance from the final share of {len(lots)} buyers (the first: {lots[0]}): their written consent is needed.",
    )


def release_list() -> Refused:
    """Return the refusal of a release list that is empty or names a lot that is not covered (§8.4)."""
    return _no(
        "release_list",
        "解押清单为空，或其中有不在抵押范围、已经解押的份额，请核对后整单重报。",
        "The list is empty or names a lot that the mortgage does not cover: check it and submit it whole again.",
        status=422,
    )


def renewal_late() -> Refused:
    """Return the refusal to renew a seizure that has expired, or for too long."""
    return _no(
        "renewal_late",
        "续行查封应在期限届满前办理，且每次不超过三年；届满后须重新查封。",
        "A seizure is renewed before it expires, by three years at most; after that it is a new one.",
        law="民诉法解释 第四百八十五条",
    )


def no_term() -> Refused:
    """Return the refusal of a seizure longer than three years."""
    return _no(
        "seizure_term",
        "查封不动产的期限不得超过三年，请核对期限。",
        "Real property is seized for three years at most: check the term.",
        law="民诉法解释 第四百八十五条",
        status=422,
    )


def ranks() -> Refused:
    """Return the refusal of ranks that are not 1 to n."""
    return _no(
        "ranks",
        "抵押顺位应从一开始连续且不重复，并包括该份额上的全部抵押权。",
        "Ranks are 1 to n without gap or tie, over all mortgages on the lot.",
        status=422,
    )


def fixed_amount(number: str) -> Refused:
    """Return the refusal of a fixed claim that is nothing, or above the maximum."""
    return _no(
        "fixed_amount",
        f"{number} 确定的债权额须是以分为单位的整数，大于零且不超过最高债权额，请核对。",
        f"What {number} secures is whole fen, more than nothing and at most the maximum: check it.",
        law="民法典 第四百二十条",
        status=422,
    )


def fixed_day(number: str) -> Refused:
    """Return the refusal of a day on which a claim cannot have been fixed."""
    return _no(
        "fixed_day",
        f"{number} 的债权确定日须在抵押权设立之后，不晚于今天，已因查封确定的不晚于查封之日，请核对。",
        f"The claim of {number} was fixed after the mortgage was set up, not in the future, and no later than a seizure that fixed it: "
        "check the day.",
        law="民法典 第四百二十三条",
        status=422,
    )


def no_notice() -> Refused:
    """Return the refusal of a pre-mortgage before the buyer's advance notice."""
    return _no(
        "no_notice",
        "预购商品房抵押预告登记须先办理或一并办理买受人的预告登记。",
        "A pre-mortgage needs the buyer's advance notice first or with it.",
    )


def cannot_merge() -> Refused:
    """Return the refusal to merge lots with different holders or burdens."""
    return _no(
        "cannot_merge",
        "各户的权利人、抵押和查封不完全相同，不能合并。",
        "The units differ in holder, mortgages or seizures, so they cannot be merged.",
    )


def burdened() -> Refused:
    """Return the refusal to close a parcel on which something rests."""
    return _no(
        "burdened",
        "宗地上仍有未注销的权利或已转移的份额，不能注销。",
        "Rights still rest on the parcel or shares are with others: it cannot be closed.",
    )


def not_due(number: str) -> Refused:
    """Return the refusal to let a notice lapse before its 90 days are over."""
    return _no(
        "not_due",
        f"预告登记 {number} 尚未届满九十日。",
        f"The 90 days of the notice {number} are not over.",
        law="民法典 第二百二十一条",
    )


def nothing_to_seize() -> Refused:
    """Return the refusal of a seizure whose scope finds nothing."""
    return _no(
        "nothing_to_seize",
        "被执行人在该宗地没有可供查封的份额，请核对被执行人和宗地。",
        "The debtor has no share of this parcel that could be seized: check both.",
    )
