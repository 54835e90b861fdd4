"""The API: one's own ratings, and the figures."""

import json

from django.test import Client

from bancheng.kernel.identity import testing as people
from bancheng.services.ratings.tests.conftest import Town

BASE = "/api/v1/ratings"


def test_one_reads_and_makes_one_s_rating(town: Town) -> None:
    """R-RT-1."""
    found = town.occasion(town.decided())
    (one,) = town.applicant.get(f"{BASE}/mine").json()
    assert (one["id"], one["grade"], one["may_rate"]) == (str(found.id), None, True)
    made = town.applicant.post(
        f"{BASE}/mine/{found.id}", {"grade": 4, "tags": ["quick"], "words": "好"}, content_type="application/json"
    )
    assert made.status_code == 200, made.content
    assert made.json()["said"][0]["says"]["zh"] == "满意"
    assert town.applicant.get(f"{BASE}/mine/{found.id}").json()["grade"] == 4


def test_no_grade_no_rating(town: Town) -> None:
    """R-RT-6."""
    found = town.occasion(town.decided())
    for sent in ({}, {"grade": 0}, {"grade": 6}):
        answer = town.applicant.post(f"{BASE}/mine/{found.id}", sent, content_type="application/json")
        assert answer.status_code == 422
    assert town.applicant.get(f"{BASE}/mine/{found.id}").json()["said"] == []


def test_another_s_does_not_exist(town: Town) -> None:
    found = town.occasion(town.decided())
    stranger = people.client_for(people.citizen("钱二", serial=9))
    assert stranger.get(f"{BASE}/mine/{found.id}").status_code == 404
    assert stranger.get(f"{BASE}/mine").json() == []


def test_the_figures_are_everybody_s_and_name_nobody(town: Town) -> None:
    """R-RT-6."""
    town.call_back()
    answer = Client().get(f"{BASE}/figures")
    assert answer.status_code == 200
    found = json.loads(answer.content)
    total = found["total"]
    assert (total["served"], total["rated"], total["unrated"], total["satisfied"]) == (1, 1, 0, 0.0)
    assert found["units"] == []
    assert "王芳" not in answer.content.decode()
