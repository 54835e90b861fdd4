"""What a no has to carry, whoever says it."""

from bancheng.kernel.cases.facts import Because
from bancheng.lib.refusal import Refused


def check_founded(because: Because) -> None:
    """Raise Refused("unfounded") unless a refusal says why, by which article, and what can be done about it."""
    if not (because.reason.strip() and because.law.strip() and because.remedy.strip()):
        raise Refused(
            "unfounded",
            "不予受理、不予准予、认定承诺不实或撤销许可，须写明理由、法律依据和救济途径，尚未提交，请补全。",
            en="A refusal needs its reason, its legal article and the remedy. Nothing was submitted: complete it.",
            law="行政许可法 第三十八条",
            status=422,
        )
