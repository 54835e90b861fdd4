"""The pages of ratings as Django loads them: they keep no table, so their label leaves the plain word to the kernel part."""

from typing import TYPE_CHECKING

from django.apps import AppConfig

if TYPE_CHECKING:
    from bancheng.kernel.ratings import public as ratings


class RatingPagesConfig(AppConfig):
    name = "bancheng.services.ratings"
    label = "ratings_pages"

    def ready(self) -> None:
        from bancheng.kernel.ratings import public as ratings

        ratings.declare_terms(_terms)


def _terms() -> "ratings.Terms | None":
    from bancheng.services.ratings import terms  # with the reader of packs, which not every process wants

    return terms.of_city()
