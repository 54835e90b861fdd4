"""Kinds and templates, messages, deliveries, opt-outs, and how the gateways do.

`region` stands first in every unique constraint, so that the tables can be sharded by it; kinds, templates, opt-outs
and lines belong to the whole platform ("000000"). Messages and deliveries are ready to be partitioned by month of
their first instant.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from bancheng.kernel.notices.rules.states import Stage, State

PLATFORM = "000000"


class Kind(models.Model):
    """A kind of message and how it travels."""

    region = models.CharField(max_length=6, default=PLATFORM)
    code = models.CharField(max_length=60)
    name = models.CharField(max_length=60)
    name_en = models.CharField(max_length=120)
    ladder = models.JSONField()  # [{"channel": "push", "wait_minutes": 60}, …], first tried first
    quiet_first = models.TimeField(null=True)  # null: no quiet hours
    quiet_before = models.TimeField(null=True)
    digest_from = models.PositiveSmallIntegerField(default=0)
    may_stop = models.BooleanField(default=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["region", "code"], name="one_notice_kind_per_code")]


class Template(models.Model):
    """One version of the texts of a kind, or of a variant of it (one licence type, or the digest)."""

    DRAFT, PUBLISHED, RETIRED = "draft", "published", "retired"

    region = models.CharField(max_length=6, default=PLATFORM)
    kind = models.CharField(max_length=60)
    variant = models.CharField(max_length=60, blank=True)
    version = models.PositiveIntegerField()
    state = models.CharField(max_length=10, default=DRAFT)
    texts = models.JSONField()
    rows = models.JSONField(default=list)
    page = models.CharField(max_length=500)
    variables = models.JSONField()
    names = ArrayField(models.CharField(max_length=60))  # of `variables`: one containment test per message
    dated = models.BooleanField(default=True)
    made_by = models.CharField(max_length=200)
    made_at = models.DateTimeField()
    published_by = models.CharField(max_length=200, blank=True)
    published_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["region", "kind", "variant", "version"], name="one_template_per_version"),
            models.UniqueConstraint(
                fields=["region", "kind", "variant"],
                condition=Q(state="published"),
                name="one_published_template_per_variant",
            ),
        ]


class Message(models.Model):
    """Something to tell one person about one subject, whatever the channel; also the line in the person's inbox."""

    region = models.CharField(max_length=6)
    key = models.CharField(max_length=200)  # N-4: subject, kind and due; the same key is never accepted again
    kind = models.CharField(max_length=60)
    subject = models.CharField(max_length=120)
    template = models.ForeignKey(Template, on_delete=models.PROTECT)
    language = models.CharField(max_length=2, default="zh")
    holder_hash = models.BinaryField(default=b"")
    mobile_sealed = models.BinaryField(null=True)  # null: no phone
    mobile_hash = models.BinaryField(default=b"")
    values = models.JSONField()
    accepted_at = models.DateTimeField()
    not_before = models.DateTimeField()
    stage = models.SmallIntegerField(default=Stage.WAITING)
    position = models.SmallIntegerField(default=0)  # on the ladder
    channel = models.CharField(max_length=10, blank=True)  # of that rung; empty: inbox only
    step_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=60, blank=True)
    reached_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField(null=True)  # on a channel or in the inbox, whichever came first
    seen_at = models.DateTimeField(null=True)  # opened in the inbox

    class Meta:
        constraints = [models.UniqueConstraint(fields=["region", "key"], name="one_message_per_key")]
        indexes = [
            models.Index(fields=["channel", "not_before", "id"], name="notices_due", condition=Q(stage=Stage.WAITING)),
            models.Index(fields=["mobile_hash"], name="notices_due_of_phone", condition=Q(stage=Stage.WAITING)),
            models.Index(
                fields=["step_at"], name="notices_step", condition=Q(stage__in=[Stage.WAITING, Stage.UNDERWAY])
            ),
            models.Index(fields=["holder_hash", "-id"], name="notices_inbox", condition=~Q(holder_hash=b"")),
            models.Index(fields=["subject"], name="notices_of_subject"),
            models.Index(fields=["kind", "accepted_at"], name="notices_of_kind"),
        ]


class Delivery(models.Model):
    """One attempt to reach a phone or an account by one channel, for one message or a digest of many."""

    region = models.CharField(max_length=6)
    client_id = models.UUIDField()  # the gateway knows the delivery by region and this
    kind = models.CharField(max_length=60)
    channel = models.CharField(max_length=10)
    state = models.SmallIntegerField(default=State.SENDING)
    attempts = models.SmallIntegerField(default=1)
    next_try_at = models.DateTimeField(null=True)  # the lease while SENDING: after it, somebody else may send again
    ref = models.CharField(max_length=100, blank=True)
    made_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    failed_reason = models.CharField(max_length=60, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["region", "client_id"], name="one_delivery_per_client_id")]
        indexes = [
            models.Index(fields=["channel", "next_try_at"], name="notices_again", condition=Q(state=State.SENDING)),
        ]


class Carried(models.Model):
    """Which messages a delivery carries: one, or those of a digest."""

    region = models.CharField(max_length=6)
    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE)
    message = models.ForeignKey(Message, on_delete=models.CASCADE)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["region", "delivery", "message"], name="a_delivery_carries_a_message_once")
        ]


class OptOut(models.Model):
    """A reader's stop: of one kind or all, on one channel or all, by the phone or the person (R-ID-7)."""

    region = models.CharField(max_length=6, default=PLATFORM)
    holder_hash = models.BinaryField(default=b"")
    mobile_hash = models.BinaryField(default=b"")
    kind = models.CharField(max_length=60, blank=True)
    channel = models.CharField(max_length=10, blank=True)
    since = models.DateTimeField()
    by = models.CharField(max_length=200)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["region", "mobile_hash", "holder_hash", "kind", "channel"], name="one_stop_of_a_kind"
            ),
            models.CheckConstraint(
                condition=~Q(holder_hash=b"") | ~Q(mobile_hash=b""), name="a_stop_belongs_to_somebody"
            ),
        ]
        indexes = [models.Index(fields=["holder_hash"], name="notices_stop_of_holder", condition=~Q(holder_hash=b""))]


class Line(models.Model):
    """How a gateway does: after failures it is left alone until `retry_at`."""

    region = models.CharField(max_length=6, default=PLATFORM)
    channel = models.CharField(max_length=10)
    failures = models.PositiveIntegerField(default=0)
    retry_at = models.DateTimeField(null=True)
    failed_since = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["region", "channel"], name="one_line_per_channel")]
