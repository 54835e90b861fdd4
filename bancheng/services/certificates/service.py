"""The manifest of certificates."""

from bancheng.kernel.audit import public as audit
from bancheng.lib.manifest import CITIZEN, PUBLIC, Page, Service
from bancheng.services.certificates import api, pages, trail

POST = ("POST",)

SERVICE = Service(
    code="certificates",
    name="电子证照",
    name_en="Certificates",
    law="国务院令第716号 第十条",
    pages=(
        Page(
            "mine/",
            pages.own,
            "own",
            (CITIZEN,),
            title="我的电子证照|My certificates",
            owner="holder",
            nav="电子证照|Certificates",
        ),
        Page(
            "mine/<int:licence_id>/",
            pages.licence,
            "licence",
            (CITIZEN,),
            title="一份电子证照|One certificate",
            owner="holder",
        ),
        Page("mine/<int:licence_id>/make/", pages.make, "make", (CITIZEN,), POST, "申请制作|Ask for one", "holder"),
        Page(
            "files/<uuid:certificate_id>.pdf",
            pages.download,
            "download",
            (CITIZEN,),
            title="下载电子证照|Download",
            owner="holder",
        ),
        Page("verify/", pages.check, "check", (PUBLIC,), title="核验电子证照|Check a certificate"),
        Page("verify/file/", pages.check_file, "check_file", (PUBLIC,), POST, "上传文件核验|Check a file"),
        Page("verify/<str:code>/", pages.verify, "verify", (PUBLIC,), title="核验结果|Result of the check"),
        Page("roots.pem", pages.roots, "roots", (PUBLIC,), title="信任的签章根证书|Trusted authorities"),
    ),
    api=api.router,
    on={audit.things_of: trail.things_of},
)
