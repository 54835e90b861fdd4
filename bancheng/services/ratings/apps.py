"""The pages of ratings as Django loads them: they keep no table, so their label leaves the plain word to the kernel part."""

from django.apps import AppConfig


class RatingPagesConfig(AppConfig):
    name = "bancheng.services.ratings"
    label = "ratings_pages"
