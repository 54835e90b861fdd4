"""Every address of the site."""

from typing import Any

urlpatterns: list[Any] = []
