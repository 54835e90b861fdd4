"""The shell's own pages, guarded by the same doors as every service's."""

from django.conf import settings

from bancheng.lib.manifest import PUBLIC, STAFF, Page, Service
from bancheng.web import pages, paychannels

WORKSHOP = (PUBLIC,) if settings.DEBUG or settings.DEMO else (STAFF,)  # invented values only; for those who build pages

SERVICE = Service(
    code="web",
    name="办成",
    name_en="Bancheng",
    prefix="",
    pages=[
        Page("", pages.home, "home", who=(PUBLIC,), title="首页|Home", nav="首页|Home"),
        Page("sign-in/", pages.sign_in, "sign_in", who=(PUBLIC,), title="选择登录方式|Choose how to sign in"),
        Page(
            "sign-in/demo/",
            pages.demo_sign_in,
            "demo_sign_in",
            who=(PUBLIC,),
            methods=("POST",),
            title="演示登录|Demo sign-in",
        ),
        Page(
            "language/", pages.language, "language", who=(PUBLIC,), methods=("POST",), title="切换语言|Switch language"
        ),
        Page("size/", pages.size, "size", who=(PUBLIC,), methods=("POST",), title="切换字号|Switch letter size"),
        Page("help/", pages.help_line, "help", who=(PUBLIC,), title="帮助与投诉|Help and complaints"),
        Page("ui/", pages.patterns, "patterns", who=WORKSHOP, title="界面样式|Page patterns"),
        Page("ui/<slug:state>/", pages.pattern_part, "pattern_part", who=WORKSHOP, title="界面样式示例|Pattern parts"),
        Page(
            "payments/<str:channel>",
            paychannels.called,
            "paychannel",
            who=(PUBLIC,),
            methods=("POST",),
            title="支付渠道通知|Calls of payment channels",
            signed=True,
        ),
        Page(
            ".well-known/bancheng-keys",
            pages.house_keys,
            "house_keys",
            who=(PUBLIC,),
            title="本站公钥|This site's keys",
        ),
        Page("healthz", pages.healthz, "healthz", who=(PUBLIC,), title="进程存活|Process is alive"),
        Page("readyz", pages.readyz, "readyz", who=(PUBLIC,), title="可以接单|Ready to serve"),
        Page("metrics", pages.metrics, "metrics", who=(PUBLIC,), title="运行指标|Metrics"),
    ],
)
