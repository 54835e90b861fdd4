"""What the city asks, what units told of holders, drafts with their changes, and corrections that wait for a unit.

Values of personal and sensitive elements stand in sealed columns only; what could not be read may be anything and is sealed
too.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Length
from django.db.models.lookups import Exact

from bancheng.kernel.forms.facts import ItemState

STATES = [state.value for state in ItemState]


def region_is_an_area_code(name: str) -> models.CheckConstraint:
    """Return the constraint that `region` is a six-digit area code."""
    return models.CheckConstraint(condition=Q(region__regex=r"^[0-9]{6}$"), name=name)


class Element(models.Model):
    """A data element as the pack defines it. Never deleted: drafts and items name it."""

    region = models.CharField(max_length=6)
    code = models.CharField(max_length=64)
    content = models.JSONField()
    retired_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["region", "code"], name="one_element_per_code"),
            region_is_an_area_code("element_region_is_an_area_code"),
        ]


class MatterForm(models.Model):
    """What one matter asks, as the pack says."""

    region = models.CharField(max_length=6)
    code = models.CharField(max_length=64)  # of the matter
    content = models.JSONField()
    retired_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["region", "code"], name="one_form_per_matter"),
            region_is_an_area_code("form_region_is_an_area_code"),
        ]


class SharedFact(models.Model):
    """What a unit told the city of a holder, so that no form asks him for it (优化营商环境条例 第三十六条). Open or not, it is sealed."""

    region = models.CharField(max_length=6)
    holder_hash = models.BinaryField()
    source = models.CharField(max_length=100)  # "shared.tax.finance_officer_name": its unit is named in it
    unit = models.CharField(max_length=64)
    sealed = models.BinaryField()
    as_of = models.DateField()
    told_by = models.CharField(max_length=60)
    told_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["region", "holder_hash", "source"], name="one_shared_fact_per_holder"),
            region_is_an_area_code("shared_fact_region_is_an_area_code"),
            models.CheckConstraint(condition=Exact(Length("holder_hash"), 32), name="shared_fact_holder_is_32_bytes"),
        ]


class Draft(models.Model):
    """An application that is being filled in. `version` counts the saves that changed anything."""

    id = models.UUIDField(primary_key=True, editable=False)
    region = models.CharField(max_length=6)
    purpose = models.CharField(max_length=100)
    matters = ArrayField(models.CharField(max_length=64))
    subject_ref = models.CharField(max_length=60)
    subject_hash = models.BinaryField()
    acting_ref = models.CharField(max_length=60, blank=True)
    opened_by = models.CharField(max_length=60)
    opened_at = models.DateTimeField()
    digest = models.CharField(max_length=64)  # of the form it was last read by
    version = models.IntegerField()
    open_held = models.JSONField()  # open elements: values with where they come from
    sealed = models.BinaryField()  # the others, and what could not be read
    updated_at = models.DateTimeField()
    kept_until = models.DateField()
    submitted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["region", "subject_hash", "purpose"],
                condition=Q(submitted_at=None),
                name="one_open_draft_per_subject_and_purpose",
            ),
            region_is_an_area_code("draft_region_is_an_area_code"),
            models.CheckConstraint(condition=Exact(Length("subject_hash"), 32), name="draft_subject_hash_is_32_bytes"),
            models.CheckConstraint(condition=Q(version__gte=1), name="draft_version_counts_from_one"),
        ]
        indexes = [models.Index(fields=["kept_until"], name="draft_by_its_last_day")]


class DraftChange(models.Model):
    """What a draft said before a change. Rows are only ever added; they go with their draft and never before it."""

    region = models.CharField(max_length=6)
    draft = models.ForeignKey(Draft, on_delete=models.DO_NOTHING, related_name="changes")
    version = models.IntegerField()  # of the draft after the change
    elements = ArrayField(models.CharField(max_length=64))
    before_sealed = models.BinaryField()
    undoes = models.IntegerField(null=True)  # the version this change took back
    by = models.CharField(max_length=60)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["region", "draft", "version"], name="one_change_per_draft_version"),
            models.UniqueConstraint(
                fields=["region", "draft", "undoes"],
                condition=Q(undoes__isnull=False),
                name="a_change_is_undone_once",
            ),
            region_is_an_area_code("draft_change_region_is_an_area_code"),
        ]


class DataQualityItem(models.Model):
    """An applicant says that what we showed is wrong (R2.3); the unit that answers for the datum decides."""

    id = models.UUIDField(primary_key=True, editable=False)
    region = models.CharField(max_length=6)
    owner = models.CharField(max_length=64)
    element = models.CharField(max_length=64)
    title = models.CharField(max_length=120)
    title_en = models.CharField(max_length=160)
    source = models.CharField(max_length=200)
    source_en = models.CharField(max_length=300)
    ref = models.CharField(max_length=100, blank=True)
    about = models.CharField(max_length=100)  # the application in which it was said
    draft_id = models.UUIDField()  # in which it was said; the draft itself is forgotten one day
    subject_hash = models.BinaryField()
    sealed = models.BinaryField()  # shown, corrected and evidence
    state = models.CharField(max_length=10)
    opened_by = models.CharField(max_length=60)
    opened_at = models.DateTimeField()
    reason = models.TextField(blank=True)
    decided_by = models.CharField(max_length=60, blank=True)
    decided_at = models.DateTimeField(null=True)
    due_on = models.DateField(null=True)  # null: opened before items had a day
    changed_at = models.DateTimeField(null=True)  # when the source said so too
    changed_by = models.CharField(max_length=60, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["region", "draft_id", "element"], name="one_item_per_element_and_draft"),
            region_is_an_area_code("item_region_is_an_area_code"),
            models.CheckConstraint(condition=Exact(Length("subject_hash"), 32), name="item_subject_hash_is_32_bytes"),
            models.CheckConstraint(condition=Q(state__in=STATES), name="item_state_is_known"),
            models.CheckConstraint(
                condition=Q(state="open", decided_at=None, decided_by="")
                | (~Q(state="open") & Q(decided_at__isnull=False) & ~Q(decided_by="")),
                name="item_is_open_or_says_who_decided",
            ),
            models.CheckConstraint(condition=~Q(state="declined", reason=""), name="declined_item_says_why"),
            models.CheckConstraint(
                condition=Q(changed_at=None, changed_by="")
                | (Q(state="accepted", changed_at__isnull=False) & ~Q(changed_by="")),
                name="changed_item_was_accepted_and_says_who",
            ),
        ]
        indexes = [
            models.Index(fields=["region", "owner", "opened_at"], condition=Q(state="open"), name="items_that_wait")
        ]
