"""What the devices said. Readings and events are one append-only log a socket, partitioned by the day they say they were taken on.

The day is taken from the message itself, so that a message said again finds its first copy; clocks that lie far off end in the default
partition. Raw days are dropped after a month; what a bill was made of stays in `Segment`.
"""

from django.db import models

from bancheng.services.sockets.models.regions import region_is_an_area_code


class Reading(models.Model):
    """A reading, or an event with its register. The table is written out in a migration: Django knows no partitions."""

    pk = models.CompositePrimaryKey("region", "gateway", "wire", "boot", "seq", "day")
    region = models.CharField(max_length=6)
    gateway = models.CharField(max_length=32)
    wire = models.CharField(max_length=32)
    boot = models.BigIntegerField()
    seq = models.BigIntegerField()
    day = models.DateField()
    up_ms = models.BigIntegerField()
    ts_ms = models.BigIntegerField()
    received_at = models.DateTimeField()
    meter = models.CharField(max_length=12)
    session = models.CharField(max_length=36)  # what the device says it was for
    e_10wh = models.IntegerField()
    u_dv = models.IntegerField(null=True)
    i_ma = models.IntegerField(null=True)
    p_w = models.IntegerField(null=True)
    t_dc = models.IntegerField(null=True)
    flags = models.IntegerField(null=True)
    kind = models.CharField(max_length=16)  # of an event; empty: a reading
    code = models.CharField(max_length=24)
    closed = models.BooleanField(null=True)
    value = models.BigIntegerField(null=True)

    class Meta:
        managed = False
        db_table = "sockets_reading"

    def __str__(self) -> str:
        return f"{self.gateway}/{self.wire} {self.boot}.{self.seq} {self.e_10wh}"


class SocketState(models.Model):
    """A socket since one boot of its gateway: how far its log is stored without a gap, when the boot began, and the last that was heard.

    What it says of relay and current is a hint; a birth with a newer boot voids it.
    """

    region = models.CharField(max_length=6)
    gateway = models.CharField(max_length=32)
    wire = models.CharField(max_length=32)
    boot = models.BigIntegerField()
    began_at = models.DateTimeField()  # of the boot, by its earliest message
    live = models.BooleanField(default=False)  # it was connected during this boot
    stored = models.BigIntegerField(default=0)  # up to here without a gap
    ahead = models.JSONField(default=list)  # beyond: stored, but something is missing before it
    seq = models.BigIntegerField(default=0)  # the last that was heard of it
    heard_at = models.DateTimeField()
    meter = models.CharField(max_length=12, blank=True)
    session = models.CharField(max_length=36, blank=True)
    closed = models.BooleanField(null=True)
    e_10wh = models.IntegerField(null=True)
    u_dv = models.IntegerField(null=True)
    i_ma = models.IntegerField(null=True)
    p_w = models.IntegerField(null=True)
    t_dc = models.IntegerField(null=True)
    flags = models.IntegerField(default=0)
    left_wh = models.IntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["region", "gateway", "wire", "boot"], name="one_state_per_socket_and_boot"),
            region_is_an_area_code("socketstate"),
        ]

    def __str__(self) -> str:
        return f"{self.gateway}/{self.wire} boot {self.boot}"


class GatewayState(models.Model):
    """A gateway as last heard: is it there, since which boot, and what it said that was refused."""

    region = models.CharField(max_length=6)
    gateway = models.CharField(max_length=32)
    boot = models.BigIntegerField(default=0)
    online = models.BooleanField(default=False)
    since = models.DateTimeField()
    heard_at = models.DateTimeField()
    firmware = models.CharField(max_length=32, blank=True)
    clock_off_ms = models.BigIntegerField(default=0)
    garbled = models.PositiveIntegerField(default=0)
    foreign = models.PositiveIntegerField(default=0)
    flooded = models.PositiveIntegerField(default=0)
    alarmed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["region", "gateway"], name="one_state_per_gateway"),
            region_is_an_area_code("gatewaystate"),
        ]

    def __str__(self) -> str:
        return f"{self.gateway} {'on' if self.online else 'off'}"
