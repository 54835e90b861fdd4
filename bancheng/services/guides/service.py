"""The manifest of guides."""

from bancheng.lib.manifest import PUBLIC, Page, Service
from bancheng.services.guides import pages

SERVICE = Service(
    code="guides",
    name="办事指南",
    name_en="Guides",
    law="行政许可法 第三十条",
    pages=[
        Page("", pages.home, "home", who=(PUBLIC,), title="查找办事指南|Find a guide", nav="办事|Guides"),
        Page("units/", pages.units, "units", who=(PUBLIC,), title="按单位查|By unit"),
        Page("units/<slug:code>/", pages.unit, "unit", who=(PUBLIC,), title="单位|Unit"),
        Page("domains/<slug:code>/", pages.domain, "domain", who=(PUBLIC,), title="按领域查|By field"),
        Page("outlets/<slug:code>/", pages.outlet, "outlet", who=(PUBLIC,), title="网点|Outlet"),
        Page("guides.csv", pages.export, "export", who=(PUBLIC,), title="下载全部指南|Download all guides"),
        Page("<slug:code>/", pages.guide, "guide", who=(PUBLIC,), title="办事指南|Guide"),
    ],
)
