"""Accounts and their sessions, persons, organisations, agencies, grants and consents. Personal identifiers are sealed bytes and keyed hashes."""

from typing import Any

from django.contrib.auth.models import AbstractUser
from django.contrib.postgres.fields import ArrayField
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Length

from bancheng.kernel.identity import rules

models.BinaryField.register_lookup(Length)

REGION = r"^[0-9]{6}$"


def region_is_code(table: str) -> models.CheckConstraint:
    return models.CheckConstraint(condition=Q(region__regex=REGION), name=f"{table}_region_is_an_area_code")


def hash_is_whole(field: str, name: str) -> models.CheckConstraint:
    return models.CheckConstraint(condition=Q(**{f"{field}__length": 32}) | Q(**{field: None}), name=name)


class Person(models.Model):
    """A natural person. `id` is a UUIDv7 made with the instant of registration."""

    id = models.UUIDField(primary_key=True, editable=False)
    region = models.CharField(max_length=6)
    name = models.CharField(max_length=100)
    citizen_id_sealed = models.BinaryField()
    citizen_id_hash = models.BinaryField()
    mobile_sealed = models.BinaryField(null=True)
    mobile_hash = models.BinaryField(null=True)
    special_sealed = models.BinaryField(null=True)  # P-9: 高龄, 残疾; words joined by commas
    created_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["region", "citizen_id_hash"], name="one_person_per_citizen_id"),
            region_is_code("person"),
            hash_is_whole("citizen_id_hash", "person_citizen_id_hash_is_32_bytes"),
            hash_is_whole("mobile_hash", "person_mobile_hash_is_32_bytes"),
            models.CheckConstraint(
                condition=Q(mobile_sealed=None, mobile_hash=None)
                | Q(mobile_sealed__isnull=False, mobile_hash__isnull=False),
                name="person_mobile_is_sealed_and_hashed_or_absent",
            ),
        ]
        indexes = [models.Index(fields=["region", "mobile_hash"], name="person_by_mobile")]

    def __str__(self) -> str:
        return f"person:{self.pk}"


class Organisation(models.Model):
    """A legal person or sole trader. Its credit code is public; the hash is there to match holders of licences."""

    id = models.UUIDField(primary_key=True, editable=False)
    region = models.CharField(max_length=6)
    name = models.CharField(max_length=200)
    uscc = models.CharField(max_length=18)
    uscc_hash = models.BinaryField()
    created_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)  # its registration was cancelled: nobody acts for it any more

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["region", "uscc"], name="one_organisation_per_credit_code"),
            region_is_code("organisation"),
            hash_is_whole("uscc_hash", "organisation_uscc_hash_is_32_bytes"),
        ]

    def __str__(self) -> str:
        return f"organisation:{self.pk}"


class User(AbstractUser):
    """A sign-in account: staff, a citizen known by the city's identity provider, or a machine (P-7)."""

    kind = models.CharField(
        max_length=8,
        choices=[(kind.value, kind.name) for kind in rules.AccountKind],
        default=rules.AccountKind.STAFF.value,
    )
    person = models.OneToOneField(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="account")
    display_name = models.CharField(max_length=100, blank=True)
    unit = models.CharField(max_length=20, blank=True)  # code of the unit a staff account works for
    title = models.CharField(max_length=100, blank=True)
    demo_code = models.CharField(max_length=40, blank=True)  # one-press door of the demonstration
    acts_as: rules.Actor | None = None  # where the row came with its session: who it acts as in this request

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="citizen", person__isnull=False) | (~Q(kind="citizen") & Q(person=None)),
                name="citizens_and_only_citizens_are_persons",
            ),
            models.UniqueConstraint(fields=["demo_code"], condition=~Q(demo_code=""), name="one_account_per_demo_door"),
        ]


class Session(AbstractBaseSession):
    """A signed-in browser. Beside what Django keeps it names its account, which is read with it (`sessions`)."""

    account = models.ForeignKey(User, on_delete=models.CASCADE, null=True, related_name="sessions")

    @classmethod
    def get_session_store_class(cls) -> Any:
        from bancheng.kernel.identity.sessions import SessionStore

        return SessionStore


class RoleGrant(models.Model):
    """A role given to an account for a unit, an area, a service and a time (P-1)."""

    region = models.CharField(max_length=6)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="role_grants")
    role = models.CharField(max_length=40)
    unit = models.CharField(max_length=20, blank=True)
    area = models.CharField(max_length=12, blank=True)
    service = models.CharField(max_length=40, blank=True)
    since = models.DateTimeField()
    before = models.DateTimeField(null=True)
    granted_by = models.CharField(max_length=60)
    granted_at = models.DateTimeField()
    second_by = models.CharField(max_length=60, blank=True)  # P-2
    in_force = models.BooleanField()  # False while a second person has not confirmed it
    closed_at = models.DateTimeField(null=True)
    closed_by = models.CharField(max_length=60, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["region", "user", "role", "unit", "area", "service"],
                condition=Q(closed_at=None),
                name="one_open_grant_of_a_role_and_scope",
            ),
            models.CheckConstraint(condition=Q(role__in=sorted(rules.ROLES)), name="grant_is_of_a_known_role"),
            models.CheckConstraint(condition=~Q(second_by=F("granted_by")), name="second_person_is_another_person"),
            models.CheckConstraint(
                condition=Q(before=None) | Q(before__gt=F("since")), name="grant_ends_after_it_begins"
            ),
            models.CheckConstraint(
                condition=Q(in_force=False)
                | ~Q(role__in=sorted(code for code, role in rules.ROLES.items() if role.needs_second))
                | ~Q(second_by=""),
                name="weighty_grants_have_a_second_person",
            ),
            region_is_code("grant"),
        ]
        indexes = [models.Index(fields=["user"], condition=Q(closed_at=None), name="open_grants_of_an_account")]


class Agency(models.Model):
    """A written power: `agent` acts for a person or an organisation within a scope of services, matters and days (P-5)."""

    region = models.CharField(max_length=6)
    principal_person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="agents")
    principal_organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, related_name="agents")
    agent = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="agencies")
    legal_representative = models.BooleanField(default=False)  # acts by office, not by a written power
    services = ArrayField(models.CharField(max_length=40), default=list, blank=True)  # empty: every service
    matters = ArrayField(models.CharField(max_length=40), default=list, blank=True)  # empty: every matter
    first = models.DateField()
    last = models.DateField(null=True)
    document = models.CharField(max_length=200)  # the written power: number or file
    linked_by = models.CharField(max_length=60)
    linked_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=60, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(principal_person=None, principal_organisation__isnull=False)
                | Q(principal_person__isnull=False, principal_organisation=None),
                name="agency_has_one_principal",
            ),
            models.CheckConstraint(condition=~Q(principal_person=F("agent")), name="nobody_is_his_own_agent"),
            models.CheckConstraint(
                condition=Q(last=None) | Q(last__gte=F("first")), name="agency_ends_after_it_begins"
            ),
            models.CheckConstraint(condition=~Q(document=""), name="agency_is_written"),
            models.UniqueConstraint(
                fields=["region", "principal_person", "principal_organisation", "agent", "document"],
                condition=Q(ended_at=None),
                nulls_distinct=False,
                name="one_open_agency_per_document",
            ),
            region_is_code("agency"),
        ]


class Consent(models.Model):
    """A person's consent to one purpose; taken back as easily as given (R-ID-2)."""

    region = models.CharField(max_length=6)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="consents")
    purpose = models.CharField(max_length=20)
    text_version = models.CharField(max_length=40)  # of the words he agreed to
    given_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["region", "person", "purpose"],
                condition=Q(withdrawn_at=None),
                name="one_open_consent_per_purpose",
            ),
            models.CheckConstraint(
                condition=Q(purpose__in=sorted(rules.PURPOSES)), name="consent_is_to_a_known_purpose"
            ),
            region_is_code("consent"),
        ]


class IdentityProof(models.Model):
    """How a person's identity was proven; what registrations of market entities ask of those who act in them (R-ID-4)."""

    region = models.CharField(max_length=6)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="proofs")
    method = models.CharField(max_length=20)
    document = models.CharField(max_length=200, blank=True)  # number of the notarial deed
    by = models.CharField(max_length=60)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["region", "person", "method"], name="one_proof_per_person_and_method"),
            models.CheckConstraint(condition=Q(method__in=sorted(rules.PROOFS)), name="proof_is_of_a_known_method"),
            models.CheckConstraint(
                condition=~Q(method="notarised") | ~Q(document=""), name="notarised_proof_names_its_deed"
            ),
            region_is_code("proof"),
        ]
