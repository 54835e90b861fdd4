"""The command line: `bancheng keys`."""

import argparse

import pytest

from bancheng.kernel.identity import testing as people
from bancheng.site.verbs import keys as verb

pytestmark = pytest.mark.django_db
NEW = "22" * 32


def run(capsys, word):
    parser = argparse.ArgumentParser()
    verb.add(parser)
    assert verb.run(parser.parse_args([word])) == 0
    return int(capsys.readouterr().out.splitlines()[-1].split()[0])


def test_values_and_hashes_move_to_new_keys_on_the_command_line(capsys, settings):
    """D7: number of a person's sealed values, then of his hashes; afterwards nothing is left to move."""
    people.citizen()
    settings.FIELD_KEYS = f"{NEW},{settings.FIELD_KEYS}"
    settings.FIELD_HASH_KEY = f"{NEW},{settings.FIELD_HASH_KEY}"
    assert [run(capsys, word) for word in ("status", "rotate", "status")] == [2, 2, 0]
    assert [run(capsys, word) for word in ("rehash", "rehash")] == [2, 0]
