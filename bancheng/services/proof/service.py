"""The manifest of proof."""

from bancheng.lib.manifest import PUBLIC, Page, Service
from bancheng.services.proof import pages

SERVICE = Service(
    code="proof",
    name="案例自证",
    name_en="Proof",
    pages=[
        Page("", pages.board, "proof", who=(PUBLIC,), title="案例自证|The text proves itself", nav="自证|Proof"),
        Page("claims.csv", pages.as_csv, "csv", who=(PUBLIC,), title="下载（CSV）|As CSV"),
        Page("claims.json", pages.as_json, "json", who=(PUBLIC,), title="下载（JSON）|As JSON"),
        Page("claims/<str:code>/", pages.claim, "claim", who=(PUBLIC,), title="一条数字或承诺|One claim"),
        Page("run/", pages.ask, "run", who=("operator",), methods=("POST",), title="要求复算|Ask for a proving"),
    ],
    schedule={"proof.prove": "50 4 * * *"},
)
