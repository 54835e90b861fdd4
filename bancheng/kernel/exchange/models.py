"""Partners with their keys and scopes; requests and answers of theirs; events, their numbers, and the webhooks that carry them."""

from django.db import models
from django.db.models import F, Q

from bancheng.kernel.exchange.rules.words import Act, State
from bancheng.lib import sigalgs


def region_is_an_area_code(table: str) -> models.CheckConstraint:
    """Return the constraint that `region` is a six-digit area code."""
    return models.CheckConstraint(condition=Q(region__regex=r"^[0-9]{6}$"), name=f"{table}_region_is_an_area_code")


class Partner(models.Model):
    """Another organisation's system, and its account."""

    region = models.CharField(max_length=6)
    code = models.CharField(max_length=40)
    name = models.CharField(max_length=100)
    user = models.OneToOneField("identity.User", on_delete=models.PROTECT, related_name="+")
    unit = models.CharField(max_length=64, blank=True, db_default="")  # a bank's, in the pack: it keeps its own keys
    agreement = models.CharField(max_length=80, blank=True, db_default="")  # number of the cooperation agreement
    agreed_until = models.DateField(null=True)  # its last day
    opened_by = models.CharField(max_length=80)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["region", "code"], name="one_partner_of_a_code"),
            models.UniqueConstraint(
                fields=["region", "unit"], condition=~Q(unit="") & Q(closed_at=None), name="one_open_partner_of_a_unit"
            ),
            region_is_an_area_code("partner"),
        ]

    def __str__(self) -> str:
        return self.code


class PartnerKey(models.Model):
    """A key a partner signs with: the shared secret sealed, or its public key, which is no secret."""

    region = models.CharField(max_length=6)
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="keys")
    key_id = models.CharField(max_length=40)
    algorithm = models.CharField(max_length=20)
    secret_sealed = models.BinaryField()  # empty for a public key
    public_key = models.BinaryField()  # empty for a shared secret
    signer = models.CharField(
        max_length=64, blank=True, db_default=""
    )  # SM2's user id, when another than the usual is agreed
    made_by = models.CharField(max_length=80)
    made_at = models.DateTimeField()
    before = models.DateTimeField(null=True)  # it works until then, once it has a successor
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.CharField(max_length=80, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key_id"], name="one_partner_key_of_an_id"),
            models.CheckConstraint(
                condition=Q(algorithm__in=[sigalgs.HMAC, *sigalgs.PUBLIC]), name="key_algorithm_is_known"
            ),
            region_is_an_area_code("partner_key"),
        ]


class KeyOffer(models.Model):
    """A public key that a partner handed in: its owner proves that he has the secret, and somebody else lets it work."""

    region = models.CharField(max_length=6)
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="offers")
    algorithm = models.CharField(max_length=20)
    public_key = models.BinaryField()
    signer = models.CharField(max_length=64, blank=True, db_default="")
    challenge = models.CharField(max_length=64)
    offered_by = models.CharField(max_length=80)
    offered_at = models.DateTimeField()
    proven_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=80, blank=True, db_default="")
    key = models.OneToOneField(PartnerKey, on_delete=models.PROTECT, null=True, related_name="+")  # it became this one

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["partner"], condition=Q(ended_at=None), name="one_open_key_offer_of_a_partner"
            ),
            models.CheckConstraint(
                condition=Q(key=None)
                | Q(proven_at__isnull=False, ended_at__isnull=False) & ~Q(ended_by=F("offered_by")),
                name="a_key_works_when_it_is_proven_and_another_confirmed_it",
            ),
            region_is_an_area_code("key_offer"),
        ]


class Scope(models.Model):
    """One thing a partner may do: the act, in a service, for a unit ("": what it handed in itself, "*": every unit)."""

    region = models.CharField(max_length=6)
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="scopes")
    act = models.CharField(max_length=10)
    service = models.CharField(max_length=40)
    unit = models.CharField(max_length=64, blank=True)
    given_by = models.CharField(max_length=80)
    given_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    closed_by = models.CharField(max_length=80, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["region", "partner", "act", "service", "unit"],
                condition=Q(closed_at=None),
                name="one_open_scope_of_a_kind",
            ),
            models.CheckConstraint(condition=Q(act__in=[act.value for act in Act]), name="scope_act_is_known"),
            models.CheckConstraint(
                condition=~Q(act__in=["handle", "decide"]) | ~Q(unit__in=["", "*"]),
                name="who_handles_or_decides_does_so_for_one_unit",
            ),
            region_is_an_area_code("scope"),
        ]


class Nonce(models.Model):
    """A nonce that was used: no process lets it in again."""

    key_id = models.CharField(max_length=40)
    nonce = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key_id", "nonce"], name="a_nonce_is_used_once")]
        indexes = [models.Index(fields=["at"], name="nonce_by_age")]


class Pace(models.Model):
    """How many requests a partner sent in the minute that runs; one row each, written over."""

    partner = models.OneToOneField(Partner, on_delete=models.CASCADE, primary_key=True, related_name="+")
    minute = models.BigIntegerField()
    count = models.IntegerField()


class Answer(models.Model):
    """What was answered to a change that carried an Idempotency-Key; `asked` is a keyed digest of the request."""

    region = models.CharField(max_length=6)
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="+", db_index=False)
    key = models.CharField(max_length=64)
    asked = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    content_type = models.CharField(max_length=80)
    body_sealed = models.BinaryField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["region", "partner", "key"], name="one_answer_to_a_key"),
            region_is_an_area_code("answer"),
        ]
        indexes = [models.Index(fields=["at"], name="answer_by_age")]


class Event(models.Model):
    """Something that happened, for those outside. No personal data. `position` comes after the commit: see operations/outbox.py."""

    region = models.CharField(max_length=6)
    service = models.CharField(max_length=40)
    kind = models.CharField(max_length=60)
    unit = models.CharField(max_length=64, blank=True)
    owner = models.CharField(max_length=80, blank=True)  # ref of the partner whose thing it is
    about = models.CharField(max_length=120)
    data = models.JSONField()
    at = models.DateTimeField()
    xid = models.BigIntegerField()  # of the transaction that wrote it
    position = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["position"], name="one_event_at_a_position"),
            region_is_an_area_code("event"),
        ]
        indexes = [
            models.Index(fields=["xid", "id"], name="event_unplaced", condition=Q(position=None)),
            models.Index(fields=["service", "position"], name="event_of_service"),
            models.Index(fields=["owner", "position"], name="event_of_owner", condition=~Q(owner="")),
            models.Index(fields=["at"], name="event_by_age"),
        ]


class Stream(models.Model):
    """How far the events of a service are numbered for one partner, and how far it says it has them."""

    region = models.CharField(max_length=6)
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="+", db_index=False)
    service = models.CharField(max_length=40)
    position = models.BigIntegerField(db_default=0)  # events up to there were looked at
    seq = models.BigIntegerField(db_default=0)  # the last number given
    acked = models.BigIntegerField(db_default=0)
    acked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["region", "partner", "service"], name="one_stream_of_a_partner_and_service"
            ),
            models.CheckConstraint(condition=Q(acked__lte=F("seq")), name="what_is_acknowledged_was_numbered"),
            region_is_an_area_code("stream"),
        ]


class Numbered(models.Model):
    """An event's number in a partner's stream: 1, 2, 3 … without a gap, whatever else happens in the city."""

    region = models.CharField(max_length=6)
    stream = models.ForeignKey(Stream, on_delete=models.PROTECT, related_name="numbered", db_index=False)
    seq = models.BigIntegerField()
    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["region", "stream", "seq"], name="one_event_of_a_number"),
            models.UniqueConstraint(fields=["stream", "event"], name="one_number_of_an_event"),
            region_is_an_area_code("numbered"),
        ]


class Subscription(models.Model):
    """A webhook: where a partner wants its events, and how far it has them."""

    id = models.UUIDField(primary_key=True, editable=False)
    region = models.CharField(max_length=6)
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="subscriptions")
    service = models.CharField(max_length=40)
    url = models.CharField(max_length=500)
    secret_sealed = models.BinaryField()  # empty: the house's own key signs, and its events are numbered
    position = models.BigIntegerField()  # of the last event that was taken or passed over
    made_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(db_default=0)  # in vain, of the delivery at the head
    next_at = models.DateTimeField(null=True)
    busy_until = models.DateTimeField(null=True)  # a worker has it; one that died loses it then
    halted_at = models.DateTimeField(null=True)  # tried in vain too often: a person looks at it
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["region", "id"], name="one_subscription_per_region_and_id"),
            region_is_an_area_code("subscription"),
        ]
        indexes = [models.Index(F("next_at"), name="subscription_open", condition=Q(ended_at=None, halted_at=None))]


class Delivery(models.Model):
    """One event on its way to one webhook. Its id is what the receiver knows it by, however often it is sent."""

    id = models.UUIDField(primary_key=True, editable=False)
    region = models.CharField(max_length=6)
    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, related_name="deliveries", db_index=False)
    position = models.BigIntegerField()
    state = models.CharField(max_length=10)
    tries = models.PositiveSmallIntegerField(db_default=0)
    error = models.CharField(max_length=200, blank=True)
    body = models.TextField()
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["region", "subscription", "position"], name="one_delivery_of_an_event_to_a_webhook"
            ),
            models.UniqueConstraint(
                fields=["subscription"], condition=Q(state="waiting"), name="one_delivery_at_the_head_of_a_line"
            ),
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in State]), name="delivery_state_is_known"
            ),
            region_is_an_area_code("delivery"),
        ]
        indexes = [models.Index(fields=["ended_at"], name="delivery_by_age")]


class Batch(models.Model):
    """Up to five hundred requests that came as one, worked off one by one."""

    id = models.UUIDField(primary_key=True, editable=False)
    region = models.CharField(max_length=6)
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="+")
    worker = models.CharField(max_length=60)  # what works an item: a registered name
    count = models.IntegerField()
    made_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["region", "id"], name="one_batch_per_region_and_id"),
            region_is_an_area_code("batch"),
        ]


class BatchItem(models.Model):
    """One of them: what was asked (sealed until it is done), and what became of it."""

    region = models.CharField(max_length=6)
    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="items", db_index=False)
    number = models.IntegerField()
    asked_sealed = models.BinaryField()
    status = models.PositiveSmallIntegerField(null=True)
    said = models.JSONField(null=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["region", "batch", "number"], name="one_batch_item_of_a_number"),
            region_is_an_area_code("batch_item"),
        ]


class DayFile(models.Model):
    """What we say was true of a partner's things at a day's end: bytes that never change, chained to the file before (§13.6)."""

    region = models.CharField(max_length=6)
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="+", db_index=False)
    service = models.CharField(max_length=40)
    day = models.DateField()
    number = models.IntegerField()
    previous = models.CharField(max_length=64, blank=True)
    digest = models.CharField(max_length=64)
    count = models.IntegerField()
    sum_fen = models.BigIntegerField()
    body = models.BinaryField()
    signature = models.CharField(max_length=200)
    key_id = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    due_at = models.DateTimeField()  # until then the partner answers
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["region", "partner", "service", "day"], name="one_day_file_of_a_day"),
            models.UniqueConstraint(fields=["region", "partner", "service", "number"], name="one_day_file_of_a_number"),
            region_is_an_area_code("day_file"),
        ]


class Difference(models.Model):
    """What does not agree: a line, or a day nobody answered. It has an owner and a day, and is closed by a person."""

    region = models.CharField(max_length=6)
    file = models.ForeignKey(DayFile, on_delete=models.PROTECT, related_name="differences", db_index=False)
    line = models.CharField(max_length=80, blank=True)  # the proof's number; empty for the whole day
    kind = models.CharField(max_length=12)
    theirs = models.JSONField(null=True)  # what the partner has instead
    owner = models.CharField(max_length=80)  # the unit that has to clear it up
    due_on = models.DateField()
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    closed_by = models.CharField(max_length=80, blank=True, db_default="")
    cause = models.CharField(max_length=300, blank=True, db_default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["region", "file", "line", "kind"], name="one_difference_of_a_line_and_kind"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["missing", "diff", "unknown", "no_answer"]), name="difference_kind_is_known"
            ),
            models.CheckConstraint(
                condition=Q(closed_at=None) | ~Q(cause=""), name="a_difference_is_closed_with_its_cause"
            ),
            region_is_an_area_code("difference"),
        ]
        indexes = [models.Index(fields=["due_on"], name="difference_open", condition=Q(closed_at=None))]
