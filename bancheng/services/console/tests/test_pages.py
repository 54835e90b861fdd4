"""The console's pages: they work, they refuse the wrong person, they refuse the wrong method."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from bancheng.kernel.audit import public as audit
from bancheng.kernel.audit import testing as audit_testing
from bancheng.kernel.identity import testing as people
from bancheng.kernel.jobs import public as jobs
from bancheng.kernel.jobs import testing as jobs_testing
from bancheng.services.console import operations
from bancheng.services.console.models import AuditCheck

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)


@pytest.fixture
def operator():
    return people.client_for(people.staff("operator"))


@pytest.fixture
def auditor():
    return people.client_for(people.staff("auditor"))


def failed_job():
    jobs.later("audit.seal")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'failed', attempts = 8 RETURNING id")
        return cursor.fetchone()[0]


def text(answer):
    return answer.content.decode()


def test_the_operator_sees_the_queue_and_may_act(operator):
    job_id = failed_job()
    page = text(operator.get("/console/jobs/"))
    assert "audit.seal" in page
    assert f"/console/jobs/{job_id}/retry/" in page
    assert "没有在运行的后台进程" in page
    assert "console.verify_nightly" in page  # the schedule of a service


def test_the_auditor_sees_the_queue_and_may_not_act(auditor):
    job_id = failed_job()
    assert "/retry/" not in text(auditor.get("/console/jobs/"))
    assert auditor.post(f"/console/jobs/{job_id}/retry/").status_code == 403
    assert auditor.post(f"/console/jobs/{job_id}/discard/").status_code == 403
    assert auditor.post("/console/jobs/run/", {"name": "audit.seal"}).status_code == 403
    assert jobs.status().failed == 1


def test_pages_are_in_english_when_the_reader_is(operator):
    operator.cookies["django_language"] = "en"
    assert "No worker is running" in text(operator.get("/console/jobs/"))
    assert "Verify the whole record" in text(operator.get("/console/audit/"))


def test_a_failed_job_is_retried_by_one_press_and_the_record_says_by_whom(operator):
    job_id = failed_job()
    answer = operator.post(f"/console/jobs/{job_id}/retry/", follow=True)
    assert answer.redirect_chain == [("/console/jobs/", 302)]
    assert "任务已重新排队" in text(answer)
    assert jobs_testing.promised("audit.seal") == [("audit.seal", {})]
    assert audit_testing.recorded("jobs.retried")[0].who.startswith("staff:")


def test_a_failed_job_is_given_up_by_one_press(operator):
    job_id = failed_job()
    operator.post(f"/console/jobs/{job_id}/discard/")
    assert (jobs.status().failed, jobs.status().waiting) == (0, 0)


@pytest.mark.parametrize("job_id", ["1", "99999999999999999999"])
def test_a_job_that_is_not_failed_is_refused_in_words(operator, job_id):
    answer = operator.post(f"/console/jobs/{job_id}/retry/")
    assert answer.status_code == 409
    assert "未作任何改动" in text(answer)


def test_a_scheduled_job_is_run_now(operator):
    operator.post("/console/jobs/run/", {"name": "audit.seal"})
    assert jobs_testing.promised("audit.seal")
    assert operator.post("/console/jobs/run/", {"name": "no.such"}).status_code == 404


@pytest.mark.parametrize(
    "path", ["/console/jobs/1/retry/", "/console/jobs/1/discard/", "/console/jobs/run/", "/console/audit/checks/"]
)
def test_what_changes_something_is_not_done_by_a_link(operator, path):
    assert operator.get(path).status_code == 405


@pytest.mark.parametrize("path", ["/console/jobs/", "/console/audit/", "/console/audit/timeline/?about=job:1"])
@pytest.mark.parametrize("role", ["", "unit_admin", "section_officer", "supervisor"])
def test_other_staff_are_refused(path, role):
    assert people.client_for(people.staff(role, unit="x" if role else "")).get(path).status_code == 403


@pytest.mark.parametrize("path", ["/console/jobs/", "/console/audit/"])
def test_nobody_is_sent_to_sign_in(client, path):
    answer = client.get(path)
    assert answer.status_code == 302
    assert answer["Location"].startswith("/sign-in/")


def record(n, **changes):
    values = {"who": "staff:7", "about": f"case:{n}", "at": AT + timedelta(days=n), "region": "411002", **changes}
    audit.record("jobs.retried", **values)


def test_the_record_is_searched_by_about_who_action_and_day(auditor):
    for n in range(3):
        record(n)
    page = text(auditor.get("/console/audit/?about=case:1"))
    assert "case:1" in page
    assert "case:2" not in page
    assert "case:2" in text(auditor.get("/console/audit/?action=jobs.&who=staff:7"))
    day = text(auditor.get("/console/audit/?day=2026-11-03"))
    assert "case:1" in day
    assert "case:0" not in day
    assert "重新执行任务" in day
    assert '<code class="bc-hint fw-normal">jobs.retried</code>' in day  # what the search is typed in
    assert "没有符合条件的记录" in text(auditor.get("/console/audit/?who=staff:8"))


def test_older_events_are_one_link_away(auditor):
    for n in range(60):
        record(n, about="case:long")
    page = text(auditor.get("/console/audit/?about=case:long"))
    assert page.count("timeline/?about=") == 50
    link = page.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    assert text(auditor.get(f"/console/audit/{link}")).count("timeline/?about=") == 10


def test_a_date_that_is_none_is_told(auditor):
    answer = auditor.get("/console/audit/?day=2026-02-30")
    assert answer.status_code == 422


def test_the_history_of_one_thing_is_told_in_order(auditor):
    record(0, about="case:9", detail={"why": "检修"})
    page = text(auditor.get("/console/audit/timeline/?about=case:9"))
    assert "重新执行任务" in page
    assert "检修" in page
    assert "没有关于它的记录" in text(auditor.get("/console/audit/timeline/"))


def test_a_verification_is_promised_runs_and_says_that_nothing_was_changed(auditor):
    record(0)
    audit.seal(at=AT)
    answer = auditor.post("/console/audit/checks/")
    check = AuditCheck.objects.get()
    assert answer["Location"] == f"/console/audit/checks/{check.pk}/"
    assert "等待开始" in text(auditor.get(answer["Location"]))
    assert auditor.get(answer["Location"], headers={"HX-Request": "true"}).status_code == 200
    assert jobs_testing.run_all() == 1
    page = text(auditor.get(answer["Location"]))
    assert "未发现改动" in page
    polled = auditor.get(answer["Location"], headers={"HX-Request": "true"})
    assert (polled.status_code, polled["HX-Refresh"]) == (286, "true")
    assert "未发现改动" in text(auditor.get("/console/audit/"))


def test_a_verification_names_what_was_changed(auditor):
    record(0)
    audit.seal(at=AT)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        # nobody signs in as staff:0: whoever it was, the event is changed
        cursor.execute("UPDATE audit_event SET who = 'staff:0' RETURNING id")
        event = cursor.fetchone()[0]
        cursor.execute("SET LOCAL session_replication_role = origin")
    check = operations.ask_check(by="staff:1", at=AT)
    jobs_testing.run_all()
    page = text(auditor.get(f"/console/audit/checks/{check.pk}/"))
    assert "记录与封存不符" in page
    assert f"第1批的事件 {event} 被改动。" in page


@pytest.mark.parametrize("number", ["1", "99999999999999999999"])
def test_a_verification_that_is_not_there_is_not_found(auditor, number):
    assert auditor.get(f"/console/audit/checks/{number}/").status_code == 404


def test_the_nightly_verification_asks_for_one(auditor):
    from bancheng.services.console import jobs as console_jobs

    console_jobs.verify_nightly()
    assert AuditCheck.objects.get().asked_by == "system:console"


def test_forms_carry_their_token(operator):
    failed_job()
    from django.test import Client

    strict = Client(enforce_csrf_checks=True)
    strict.cookies = operator.cookies
    assert strict.post("/console/jobs/run/", {"name": "audit.seal"}).status_code == 403
    assert "csrfmiddlewaretoken" in text(operator.get("/console/jobs/"))
