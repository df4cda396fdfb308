import pytest

from biopipe.kb.build.progress import build_bars


def test_the_bar_says_what_is_being_done(capsys: pytest.CaptureFixture[str]) -> None:
    with build_bars("Building it") as bars:
        bars.doing("reading drugs", 2000)
    shown = capsys.readouterr().err
    assert "Building it: reading drugs" in shown
    assert "2000/?" in shown


def test_a_stage_ends_the_reading(capsys: pytest.CaptureFixture[str]) -> None:
    with build_bars("Building it") as bars:
        bars.doing("joining drugs", 2000)
        bars.stage("n-grams", 5, 10)
    shown = capsys.readouterr().err
    assert "joining" not in shown
    assert "2000/2000" in shown
    assert "5/10" in shown
