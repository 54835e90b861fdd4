"""Where the power is: sites, units (one gateway each), sockets, meters, and where they stood before.

Nothing is deleted: what is given up is retired, because sessions, bills and tickets name it. A register belongs to one socket or to nothing.
"""

from django.db import models
from django.db.models import F, Q

from bancheng.services.sockets.models.regions import region_is_an_area_code
from bancheng.services.sockets.rules.places import RATINGS_A, Form, Protocol, Scenario, SiteState, SocketState


class Site(models.Model):
    """A place with sockets. One public-user account holds its supply contract, so that the passer-by needs none (F1.4)."""

    region = models.CharField(max_length=6)
    code = models.CharField(max_length=32)
    name = models.CharField(max_length=100)
    name_en = models.CharField(max_length=160)
    area = models.CharField(max_length=9, blank=True)
    township = models.CharField(max_length=40, blank=True)
    township_en = models.CharField(max_length=80, blank=True)
    address = models.CharField(max_length=160, blank=True)
    address_en = models.CharField(max_length=240, blank=True)
    scenario = models.CharField(max_length=12, default=Scenario.NIGHT)
    host = models.CharField(max_length=40, blank=True)  # code of a unit of the pack
    public_account = models.CharField(max_length=32, blank=True)
    price_class = models.CharField(max_length=32, default="commercial")  # the utility decides which
    longitude = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    latitude = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    datum = models.CharField(max_length=8, default="WGS-84")
    photo = models.CharField(max_length=120, blank=True)
    state = models.CharField(max_length=8, default=SiteState.LIVE)
    sample = models.BooleanField(default=False)  # made up for a demonstration
    retired_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["region", "code"], name="one_site_per_code"),
            models.UniqueConstraint(
                fields=["region", "public_account"], condition=~Q(public_account=""), name="one_public_account_per_site"
            ),
            region_is_an_area_code("site"),
            models.CheckConstraint(condition=Q(scenario__in=[str(s) for s in Scenario]), name="scenario_is_known"),
            models.CheckConstraint(condition=Q(state__in=[str(s) for s in SiteState]), name="site_state_is_known"),
            models.CheckConstraint(
                condition=Q(longitude=None, latitude=None) | Q(longitude__isnull=False, latitude__isnull=False),
                name="a_point_has_both_coordinates",
            ),
            models.CheckConstraint(
                condition=Q(state="retired", retired_on__isnull=False) | (~Q(state="retired") & Q(retired_on=None)),
                name="a_retired_site_says_since_when",
            ),
        ]
        indexes = [models.Index(fields=["host"], condition=~Q(host=""), name="sites_of_a_host")]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class Unit(models.Model):
    """A device with one gateway (terminal), known on the wire by its name and by the fingerprint of its credential."""

    region = models.CharField(max_length=6)
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="units")
    gateway = models.CharField(max_length=32)
    serial = models.CharField(max_length=40, blank=True)
    form = models.CharField(max_length=8, default=Form.BOX)
    protocol = models.CharField(max_length=8, default=Protocol.MQTT)
    firmware = models.CharField(max_length=32, blank=True)
    fingerprint = models.CharField(max_length=64, blank=True)
    retired_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["region", "gateway"], name="one_unit_per_gateway"),
            models.UniqueConstraint(fields=["region", "serial"], condition=~Q(serial=""), name="one_unit_per_serial"),
            models.UniqueConstraint(
                fields=["region", "fingerprint"], condition=~Q(fingerprint=""), name="one_unit_per_credential"
            ),
            region_is_an_area_code("unit"),
            models.CheckConstraint(condition=Q(form__in=[str(f) for f in Form]), name="form_is_known"),
            models.CheckConstraint(condition=Q(protocol__in=[str(p) for p in Protocol]), name="protocol_is_known"),
        ]

    def __str__(self) -> str:
        return self.gateway


class Stay(models.Model):
    """Where a unit stood and from when (F1.2): a mobile one has many. A new stay closes the one before."""

    region = models.CharField(max_length=6)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="stays")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="stays")
    since = models.DateTimeField()
    before = models.DateTimeField(null=True)
    moved_by = models.CharField(max_length=80)
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["region", "unit"], condition=Q(before=None), name="a_unit_stands_in_one_place"
            ),
            models.CheckConstraint(
                condition=Q(before=None) | Q(before__gt=F("since")), name="a_stay_ends_after_it_began"
            ),
            region_is_an_area_code("stay"),
        ]
        indexes = [models.Index(fields=["unit", "-since"], name="stays_of_a_unit")]

    def __str__(self) -> str:
        return f"{self.unit_id} at {self.site_id}"


class SiteMove(models.Model):
    """A site that moved: where it was before. Only ever added to."""

    region = models.CharField(max_length=6)
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="moves")
    address = models.CharField(max_length=160)
    address_en = models.CharField(max_length=240)
    longitude = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    latitude = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    moved_at = models.DateTimeField()
    moved_by = models.CharField(max_length=80)
    reason = models.CharField(max_length=200)

    class Meta:
        constraints = [region_is_an_area_code("sitemove")]
        indexes = [models.Index(fields=["site", "-moved_at"], name="moves_of_a_site")]

    def __str__(self) -> str:
        return f"{self.site_id} {self.address}"


class Socket(models.Model):
    """One relay and one metered circuit. `code` is what people see on the post, `wire` what the gateway calls it."""

    region = models.CharField(max_length=6)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="sockets")
    code = models.CharField(max_length=32)
    wire = models.CharField(max_length=32)
    number = models.PositiveSmallIntegerField(default=1)
    phase = models.CharField(max_length=3, default="A")
    rated_ma = models.PositiveIntegerField(default=16000)
    state = models.CharField(max_length=12, default=SocketState.REGISTERED)
    reason = models.CharField(max_length=80, blank=True)  # why it is blocked, in both languages
    reason_en = models.CharField(max_length=120, blank=True)
    blocked_at = models.DateTimeField(null=True)
    tested_at = models.DateTimeField(null=True)
    tested_by = models.CharField(max_length=80, blank=True)
    checks = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["region", "code"], name="one_socket_per_code"),
            models.UniqueConstraint(fields=["region", "unit", "wire"], name="one_socket_per_place_on_the_wire"),
            region_is_an_area_code("socket"),
            models.CheckConstraint(
                condition=Q(rated_ma__in=[amps * 1000 for amps in RATINGS_A]),
                name="a_socket_is_for_10_16_or_32_amperes",
            ),
            models.CheckConstraint(condition=Q(state__in=[str(s) for s in SocketState]), name="socket_state_is_known"),
            models.CheckConstraint(
                condition=~Q(state="blocked") | Q(reason__gt="", blocked_at__isnull=False),
                name="a_blocked_socket_says_why",
            ),
            models.CheckConstraint(
                condition=~Q(state="on_sale") | Q(tested_at__isnull=False), name="what_is_sold_was_tested"
            ),
        ]
        indexes = [models.Index(fields=["unit", "number"], name="sockets_of_a_unit")]

    def __str__(self) -> str:
        return self.code


class Meter(models.Model):
    """A register: of a socket, or a site's master meter. It stays when it is replaced, and names its successor."""

    region = models.CharField(max_length=6)
    address = models.CharField(max_length=12)
    circuit = models.PositiveSmallIntegerField(default=1)  # of a meter with several
    socket = models.ForeignKey(Socket, null=True, on_delete=models.PROTECT, related_name="meters")
    site = models.ForeignKey(Site, null=True, on_delete=models.PROTECT, related_name="masters")
    ct_ratio = models.PositiveSmallIntegerField(default=1)
    verified_until = models.DateField(null=True)
    fitted_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)
    first_10wh = models.PositiveIntegerField(null=True)  # as a fitter read it off
    last_10wh = models.PositiveIntegerField(null=True)
    replaced_by = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="replaces")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["region", "address", "circuit"], name="never_two_sockets_on_one_register"),
            models.UniqueConstraint(
                fields=["region", "socket"],
                condition=Q(removed_at=None, socket__isnull=False),
                name="one_meter_counts_a_socket",
            ),
            models.UniqueConstraint(
                fields=["region", "site"],
                condition=Q(removed_at=None, site__isnull=False),
                name="one_master_meter_per_site",
            ),
            region_is_an_area_code("meter"),
            models.CheckConstraint(
                condition=Q(address__regex=r"^[0-9]{12}$"), name="a_meter_address_has_twelve_digits"
            ),
            models.CheckConstraint(
                condition=Q(socket=None, site__isnull=False) | Q(socket__isnull=False, site=None),
                name="a_meter_counts_a_socket_or_a_site",
            ),
            models.CheckConstraint(condition=Q(ct_ratio__gte=1), name="a_ct_ratio_is_at_least_one"),
            models.CheckConstraint(
                condition=Q(replaced_by=None) | Q(removed_at__isnull=False), name="what_was_replaced_was_removed"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.address}/{self.circuit}"
