"""The manifest: all that connects shared power to the rest."""

from bancheng.lib.manifest import PUBLIC, Page, Service
from bancheng.services.sockets import loading, trail  # noqa: F401  the import of `trail` names the events
from bancheng.services.sockets.pages import use

POST = ("POST",)
BOTH = ("GET", "POST")

# what a passer-by opens: his link, or the cookie of his phone, is the secret; there is no account
USE = (
    Page("s/<str:code>/", use.socket, "socket", (PUBLIC,), BOTH, "扫码用电|Scan and use"),
    Page("mine/", use.mine, "mine", (PUBLIC,), title="本机用电记录|Uses of this phone"),
    Page("u/<str:secret>/", use.use, "use", (PUBLIC,), title="一次用电|One use"),
    Page("u/<str:secret>/live/", use.live, "live", (PUBLIC,), title="实时用电|Live figures"),
    Page("u/<str:secret>/pay/", use.sheet, "sheet", (PUBLIC,), title="支付|Pay"),
    Page("u/<str:secret>/stop/", use.stop, "stop", (PUBLIC,), POST, "结束用电|End"),
    Page("u/<str:secret>/receipt/", use.receipt, "receipt", (PUBLIC,), title="电费收据|Receipt"),
)

SERVICE = Service(
    code="sockets",
    name="共享电源",
    name_en="Shared power",
    law="电力供应与使用条例",
    pages=(*USE,),
    schedule={"sockets.keep_log": "10 0 * * *"},
    load=loading.load,
)
