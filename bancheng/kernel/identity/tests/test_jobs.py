"""The nightly job and the rotation job do what their operations do."""

from datetime import timedelta

import pytest

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.identity import public as identity
from bancheng.kernel.identity import testing
from bancheng.kernel.identity.models import RoleGrant
from bancheng.kernel.jobs import public as jobs
from bancheng.kernel.jobs import testing as jobs_testing

pytestmark = pytest.mark.django_db


def test_grants_that_ran_out_are_closed_at_night():
    user = testing.staff("auditor", before=clocks.now() - timedelta(days=1), since=clocks.now() - timedelta(days=2))
    jobs.later("identity.expire_grants")
    jobs_testing.run_all()
    assert RoleGrant.objects.get(user=user).closed_by == "platform"


def test_rotation_is_one_job_away(settings):
    """D7."""
    settings.FIELD_KEYS = "11" * 32
    testing.citizen()
    settings.FIELD_KEYS = f"{'22' * 32},{'11' * 32}"
    jobs.later("identity.rotate")
    jobs_testing.run_all()
    assert not any(count for name, count in identity.still_old().items() if name.startswith("identity."))
