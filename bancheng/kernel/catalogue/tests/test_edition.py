"""What comes of the pack is read once for each edition, and every write of the pack's tables is another edition."""

from typing import Any

import pytest
from django.apps import apps
from django.db import connection, transaction

from bancheng.kernel.catalogue import models, public, testing

pytestmark = pytest.mark.django_db
WATCHED = """
SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'another_edition' AND tgenabled = 'O'
"""
NOT_OF_THE_PACK = {"catalogue_edition"}


def test_what_was_read_is_read_again_only_in_another_edition(django_assert_num_queries: Any) -> None:
    testing.matter("food-business")
    first = public.matters()
    with django_assert_num_queries(1):  # the look
        assert public.matters() == first
    testing.matter("sign-board")
    assert {one.code for one in public.matters()} == {"food-business", "sign-board"}


def test_one_look_serves_everything_within(django_assert_num_queries: Any) -> None:
    testing.matter("food-business")
    public.matters()
    public.units()
    with django_assert_num_queries(1), public.one_look():
        public.matters()
        public.units()
        public.unit("market")


def test_the_look_of_one_request_is_not_the_next_ones() -> None:
    with public.one_look():
        before = public.edition()
        testing.unit("health", "卫生健康委员会")
        assert public.edition() == before
    with public.one_look():
        assert public.unit("health").code == "health"


def test_a_write_by_any_way_is_another_edition() -> None:
    testing.unit()
    for write in (
        lambda: models.Unit.objects.update(phone="0374-2999999"),
        lambda: connection.cursor().execute("UPDATE catalogue_unit SET phone_office = ''"),
        lambda: models.Unit.objects.filter(code="market").delete(),
    ):
        before = public.edition()
        write()
        assert public.edition() != before


def test_what_is_rolled_back_leaves_the_edition_as_it_was() -> None:
    testing.unit()
    before, units = public.edition(), public.units()
    with transaction.atomic():
        testing.unit("health", "卫生健康委员会")
        assert len(public.units()) == 2
        transaction.set_rollback(True)
    assert (public.edition(), public.units()) == (before, units)


def test_no_table_of_the_pack_is_left_unwatched() -> None:
    with connection.cursor() as cursor:
        cursor.execute(WATCHED)
        watched = {table for (table,) in cursor.fetchall()}
    own = {model._meta.db_table for model in apps.get_app_config("catalogue").get_models()}
    assert watched >= own - NOT_OF_THE_PACK | {"forms_element", "forms_matterform", "cases_flowversion"}


def test_only_the_last_editions_are_kept() -> None:
    from bancheng.kernel.catalogue import edition

    for code in ("market", "health", "traffic"):
        testing.unit(code, f"{code}局")
        public.units()
    assert len(edition._kept) <= 2
