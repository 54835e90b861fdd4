"""The API: what a certificate is worth at this second, by its code. Masked facts only, as on the page."""

from datetime import date, datetime
from typing import Any

from ninja import Field, Router, Schema

from bancheng.kernel.certificates import public as certificates
from bancheng.kernel.clocks import public as clocks
from bancheng.lib.manifest import PUBLIC
from bancheng.services.certificates import queries
from bancheng.web.api import Words, only
from bancheng.web.doors import Request

router = Router()


class StatusOut(Schema):
    """A certificate as anybody may know it."""

    code: str = Field(alias="certificate.code")
    standing: str = Field(
        alias="certificate.standing",
        description="valid 有效、not_yet 尚未生效、superseded 已有新版、outdated 内容已变更、changed 已变更、suspended 已暂停、"
        "revoked 已撤销、cancelled 已注销、expired 已过期",
    )
    says: Words = Field(alias="verdict", description="一句话结论 · the verdict in a sentence")
    usable: bool = Field(description="此刻能否使用 · whether it may be relied on now")
    name: Words = Field(description="证照名称 · the kind of licence")
    unit: Words = Field(description="发证单位 · the issuing unit")
    number: str = Field(alias="certificate.tail", description="只有末四位 · the last four characters only")
    holder: str = Field(alias="certificate.holder_shown", description="个人已脱敏 · a person's name is masked")
    valid_from: date | None = Field(alias="certificate.valid_from")
    valid_to: date | None = Field(alias="certificate.valid_to", description="null 为长期 · null: no end")
    version: int = Field(alias="certificate.number", description="第几版 · which version")
    sample: bool = Field(alias="certificate.sample", description="true 为样章 · true: sealed by the test authority")
    sha256: str = Field(description="文件的 SHA-256 · of the file")
    made_at: datetime = Field(alias="certificate.made_at")
    at: datetime = Field(alias="certificate.at", description="状态所在的时刻 · the moment it is true of")

    @staticmethod
    def resolve_usable(shown: queries.Facts) -> bool:
        return shown.certificate.standing is certificates.Standing.VALID

    @staticmethod
    def resolve_sha256(shown: queries.Facts) -> str:
        return shown.certificate.file_digest.hex()


@router.get(
    "status/{code}",
    auth=only(PUBLIC),
    response=StatusOut,
    summary="电子证照的状态|A certificate's status",
    description="凭核验码返回脱敏信息和此刻状态；请勿缓存。|Masked facts and the state of this second, by code; not to be cached.",
)
def status(request: Request, code: str) -> Any:
    request.private = True  # R-E-4: no cache on the way keeps it
    return queries.facts(certificates.by_code(code, at=clocks.now()))
