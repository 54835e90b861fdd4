"""certificates as Django loads it: it keeps no table, so its label leaves the plain word to the kernel part."""

from django.apps import AppConfig


class CertificatePagesConfig(AppConfig):
    name = "bancheng.services.certificates"
    label = "certificates_pages"
