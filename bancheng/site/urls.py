"""Every address of the site: the shell's own doors, each service below its prefix, sign-in, and the API."""

from django.urls import URLPattern, URLResolver, include, path

from bancheng.web import api, doors
from bancheng.web.service import SERVICE as SHELL

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include((doors.urls_for(SHELL), SHELL.code))),
    *doors.service_urls(),
    path("accounts/", include("bancheng.kernel.identity.urls")),
    path(f"api/{api.VERSION}/", api.site_api().urls),
]

handler400 = "bancheng.web.errors.bad_request"
handler403 = "bancheng.web.errors.forbidden"
handler404 = "bancheng.web.errors.not_found"
handler500 = "bancheng.web.errors.server_error"
