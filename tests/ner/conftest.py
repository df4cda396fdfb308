"""A tagger that finds what is marked in a text and needs to see a mention from its start to do
so.
"""

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def marking_tagger() -> Path:
    """A model directory whose tagger finds each "(" with all up to its ")", if it sees both "(" and
    what follows; tests/data/make_marking.py makes it.
    """
    return Path(__file__).resolve().parents[1] / "data" / "marking"
