"""Partners with their keys and scopes; requests and answers of theirs; events, and the webhooks that carry them."""

from django.db import models
from django.db.models import F, Q

from bancheng.kernel.exchange.rules.words import Act, State


def region_is_an_area_code(table: str) -> models.CheckConstraint:
    """Return the constraint that `region` is a six-digit area code."""
    return models.CheckConstraint(condition=Q(region__regex=r"^[0-9]{6}$"), name=f"{table}_region_is_an_area_code")


class Partner(models.Model):
    """Another organisation's system, and its account."""

    region = models.CharField(max_length=6)
    code = models.CharField(max_length=40)
    name = models.CharField(max_length=100)
    user = models.OneToOneField("identity.User", on_delete=models.PROTECT, related_name="+")
    opened_by = models.CharField(max_length=80)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["region", "code"], name="one_partner_of_a_code"),
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
    made_by = models.CharField(max_length=80)
    made_at = models.DateTimeField()
    before = models.DateTimeField(null=True)  # it works until then, once it has a successor
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.CharField(max_length=80, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key_id"], name="one_partner_key_of_an_id"),
            models.CheckConstraint(
                condition=Q(algorithm__in=["hmac-sha256", "ed25519"]), name="key_algorithm_is_known"
            ),
            region_is_an_area_code("partner_key"),
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


class Subscription(models.Model):
    """A webhook: where a partner wants its events, and how far it has them."""

    id = models.UUIDField(primary_key=True, editable=False)
    region = models.CharField(max_length=6)
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="subscriptions")
    service = models.CharField(max_length=40)
    url = models.CharField(max_length=500)
    secret_sealed = models.BinaryField()
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
