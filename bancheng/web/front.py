"""What stands on the home page: what waits for the reader, told by the services, and what is often looked for."""

from dataclasses import dataclass

from bancheng.kernel.identity.public import Actor
from bancheng.lib.hooks import Hook
from bancheng.lib.text import Text


@dataclass(frozen=True)
class Todo:
    """One thing that waits for the reader; `kind` is "", "warn" or "bad"."""

    words: Text
    url: str
    hint: Text | None = None
    kind: str = ""


@dataclass(frozen=True)
class Scene:
    """A search that many people make."""

    words: Text
    hint: Text
    query: str
    icon: str


# A service answers with a list of Todo for the actor: `on={front.to_do: queries.to_do}`.
to_do: Hook[Actor] = Hook("web.to_do")

SCENES = (
    Scene(
        Text("食品经营", "Food business"),
        Text("许可、变更、到期延续", "Licence, change, renewal"),
        "食品经营",
        "tools-kitchen-2",
    ),
    Scene(Text("药品和医疗器械", "Medicines and devices"), Text("零售许可与备案", "Retail licences"), "药品", "pill"),
    Scene(Text("道路运输", "Road transport"), Text("车辆和从业资格", "Vehicles and drivers"), "道路运输", "truck"),
    Scene(
        Text("烟草零售", "Tobacco retail"), Text("零售许可证延续", "Renewing the retail licence"), "烟草", "certificate"
    ),
    Scene(
        Text("公共场所卫生", "Public hygiene"),
        Text("卫生许可和复核", "Permits and reviews"),
        "卫生许可",
        "heart-handshake",
    ),
    Scene(
        Text("证照快到期了", "A licence is running out"),
        Text("看什么时候、去哪里续办", "When and where to renew"),
        "延续",
        "bell",
    ),
)


def asked(actor: Actor) -> list[Todo]:
    """Return what every service says is waiting for `actor`."""
    return [todo for answer in to_do.fire(actor) for todo in answer]
