"""The words of certificates, in both languages."""

from collections.abc import Iterator, Mapping

from bancheng.kernel.catalogue import public as catalogue
from bancheng.kernel.certificates import public as certificates
from bancheng.kernel.certificates.public import Standing
from bancheng.kernel.identity import public as identity
from bancheng.lib.text import Text

NONE_YET = Text("尚未制作", "not made yet")
ENDED = Text("证照已失去效力", "No longer in force")
PLATFORM, STAFF = Text("平台自动办理", "The platform itself"), Text("工作人员", "A member of staff")
PERSON = Text("本人或代办人", "You or your agent")

KINDS: Mapping[Standing, str] = {
    Standing.VALID: "ok",
    Standing.NOT_YET: "warn",
    Standing.SUPERSEDED: "warn",
    Standing.OUTDATED: "warn",
    Standing.CHANGED: "bad",
    Standing.SUSPENDED: "bad",
    Standing.REVOKED: "bad",
    Standing.CANCELLED: "bad",
    Standing.EXPIRED: "bad",
}

VERDICTS: Mapping[Standing, Text] = {
    Standing.VALID: Text("这份电子证照此刻有效", "This certificate is valid at this moment"),
    Standing.NOT_YET: Text("这份电子证照尚未生效", "This certificate is not yet in force"),
    Standing.SUPERSEDED: Text(
        "这份电子证照已被新版取代，不能使用", "This certificate has been superseded: do not accept it"
    ),
    Standing.OUTDATED: Text("证照内容已变更，这份文件不能使用", "The licence has changed: do not accept this file"),
    Standing.CHANGED: Text("证照已换发新证号，这份文件不能使用", "The licence was replaced: do not accept this file"),
    Standing.SUSPENDED: Text("证照已暂停，此刻不能使用", "The licence is suspended: do not accept it now"),
    Standing.REVOKED: Text("证照已被撤销，不能使用", "The licence has been revoked: do not accept it"),
    Standing.CANCELLED: Text("证照已被注销，不能使用", "The licence has been cancelled: do not accept it"),
    Standing.EXPIRED: Text("证照已过有效期，不能使用", "The licence has expired: do not accept it"),
}

ASK_UNIT = Text("有疑问请拨打发证单位电话。", "In doubt call the issuing unit.")
ASK_NEWER = Text("请持证人登录后下载最新一版。", "Ask the holder to sign in and download the newest version.")
ADVICE: Mapping[Standing, Text] = {
    Standing.VALID: Text(
        "请再核对出示人是否就是持证人。状态可能随时变化，用到时请重新核验。",
        "Please also make sure that it is the holder who shows it. Its state may change: check again when you rely on it.",
    ),
    Standing.NOT_YET: Text("请在有效期开始后再使用。", "It may be used once its term has begun."),
    Standing.SUPERSEDED: ASK_NEWER,
    Standing.OUTDATED: ASK_NEWER,
    Standing.CHANGED: ASK_NEWER,
    Standing.SUSPENDED: ASK_UNIT,
    Standing.REVOKED: ASK_UNIT,
    Standing.CANCELLED: ASK_UNIT,
    Standing.EXPIRED: ASK_UNIT,
}

STRANGE = Text("这不是本平台制发的电子证照", "This file is not a certificate of this platform")
STRANGE_ADVICE = Text(
    "请持证人提供从本平台下载的原始文件；打印件、截图、扫描件请用二维码或核验码核验。",
    "Ask for the very file that was downloaded here. Check a print, a picture or a scan by its QR code or its sixteen characters.",
)
ALTERED = Text("文件被改动过，不能使用", "This file has been altered: do not accept it")
ALTERED_ADVICE = Text(
    "它带有本平台的核验码，但内容与制发的文件不一致（有的软件“另存为”也会改动文件）。请持证人重新下载原始文件。",
    "It bears a code of this platform, but its content is not what was issued (some programs alter a file when they save it). "
    "Ask the holder to download it again.",
)
BROKEN = Text("印章核验未通过，不能使用", "The seal does not hold: do not accept this file")


def of_file(found: certificates.Examined, standing: tuple[Text, Text] | None) -> tuple[Text, Text]:
    """Return the verdict on a file and what to do."""
    if standing is None:
        return STRANGE, STRANGE_ADVICE
    if not found.same:
        return ALTERED, ALTERED_ADVICE
    if found.seal is None or not found.seal.holds:
        return BROKEN, ASK_UNIT
    return standing


Said = tuple[str, Text, Text, str]  # how it came out, what was checked, what that means, who sealed


def steps(found: certificates.Examined) -> Iterator[Said]:
    """Yield what was checked of a file, in the order in which it was, and what was not."""
    yield _origin(found)
    yield _seal(found)
    yield _state(found)


def _origin(found: certificates.Examined) -> Said:
    what = Text("文件是否原样", "Is it the very file that was issued?")
    if found.same:
        return "ok", what, Text("是：与制发时逐字节一致。", "Yes: the same to the byte as when it was issued."), ""
    if found.certificate:
        return "bad", what, Text("否：与制发的文件不一致。", "No: its bytes are not those that were issued."), ""
    return "bad", what, Text("否：本平台没有制发过这个文件。", "No: this platform never issued this file."), ""


def _seal(found: certificates.Examined) -> Said:
    what = Text("电子印章", "Electronic seal")
    seal = found.seal
    if not found.same:
        return "", what, Text("未检查：不是制发的原始文件。", "Not checked: it is not the file that was issued."), ""
    if seal is None or not seal.holds:
        failed = Text(
            "未通过：印章与文件或信任的机构不符。", "Failed: it fits neither the file nor a trusted authority."
        )
        return "bad", what, failed, ""
    if found.certificate and found.certificate.sample:
        sample = Text(
            "完好；这是演示用的测试印章，不具法律效力。盖章者：",
            "Unbroken; a test seal for demonstrations, without legal effect. Sealed by: ",
        )
        return "ok", what, sample, seal.signer
    return "ok", what, Text("完好。盖章者：", "Unbroken. Sealed by: "), seal.signer


def _state(found: certificates.Examined) -> Said:
    what = Text("证照此刻的状态", "State of the licence at this moment")
    if found.certificate is None:
        return (
            "",
            what,
            Text("未检查：文件里没有本平台的核验码。", "Not checked: the file bears no code of this platform."),
            "",
        )
    standing = found.certificate.standing
    says = certificates.SAYS[standing]
    kind = "ok" if standing is Standing.VALID else "bad"
    return kind, what, Text(f"{says.zh}。", f"{says.en[:1].upper()}{says.en[1:]}."), ""


def who(ref: str, desk: identity.Desk, units: Mapping[str, catalogue.Unit]) -> Text:
    """Return who used a licence: unit and role; a person is told apart from staff, no name is given."""
    if ref.startswith("person:"):
        return PERSON
    unit = units.get(desk.unit) or units.get(ref.rpartition(":")[2])
    role = next((role.name for role in desk.roles), None)
    said = [each for each in (unit and unit.title, role) if each]
    if not said:
        return STAFF if ref.startswith("staff:") else PLATFORM
    return Text(" ".join(each.zh for each in said), ", ".join(each.en for each in said))
