"""Provisional: the least of sites, units and sockets that sessions stand on, until the room `places` is merged."""

from django.db import models


class Site(models.Model):
    """A site."""

    region = models.CharField(max_length=6)
    code = models.CharField(max_length=32)
    name = models.CharField(max_length=100)
    name_en = models.CharField(max_length=160)


class Unit(models.Model):
    """A unit: one gateway."""

    region = models.CharField(max_length=6)
    site = models.ForeignKey(Site, on_delete=models.PROTECT)
    gateway = models.CharField(max_length=32)


class Socket(models.Model):
    """A socket."""

    region = models.CharField(max_length=6)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT)
    code = models.CharField(max_length=32)
    wire = models.CharField(max_length=32)
    rated_ma = models.PositiveIntegerField(default=16000)
