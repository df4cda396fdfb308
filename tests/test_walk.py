"""The walk of one text in docs/architecture.md is the one it takes, and nothing is computed twice."""

import re
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path

import pytest

import biopipe
from biopipe import bulk
from biopipe.document import Document
from biopipe.io.codecs import jsonl
from biopipe.text.abbreviations import find_abbreviations
from biopipe.text.sentences import sentence_spans

ROOT = Path(__file__).resolve().parent.parent
TEXT = (
    "Metformin lowers blood glucose in type 2 diabetes mellitus (T2DM) with BRAF V600E. "
    "No lactic acidosis was seen."
)


@pytest.fixture(scope="module")
def calls_of_run(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Names of the functions that a run over one document calls, in order, repetitions too."""
    folder = tmp_path_factory.mktemp("walk")
    jsonl.write([Document("1", TEXT)], folder / "one.jsonl")
    with traced() as calls:
        bulk.run([str(folder / "one.jsonl")], folder / "out", workers=0)
    return calls


@pytest.fixture(scope="module")
def calls_of_doc() -> list[str]:
    """Those of `nlp(text)`."""
    nlp = biopipe.load()
    with traced() as calls:
        nlp(TEXT)
    return calls


def test_the_walk_of_a_run_is_the_one_of_the_page(calls_of_run: list[str]) -> None:
    walk = [name for name in walk_of("From `biopipe run` to the tables") if "cli.run" not in name]
    assert_in_order(walk, calls_of_run)


def test_the_walk_of_a_text_is_the_one_of_the_page(calls_of_doc: list[str]) -> None:
    assert_in_order(walk_of("From `nlp(text)` to the Doc"), calls_of_doc)


@pytest.mark.parametrize("calls", ["calls_of_run", "calls_of_doc"])
def test_nothing_is_computed_twice(calls: str, request: pytest.FixtureRequest) -> None:
    counts = Counter(request.getfixturevalue(calls))
    for function in (sentence_spans, find_abbreviations):
        assert counts[name_of(function)] == 1
    # `concept_mentions` is asked again and answers with what the document carries; this groups.
    assert counts["biopipe.text.concepts:_long_forms"] == 1
    predictors = [name for name in counts if name.endswith(".predict")]
    assert len(predictors) >= 5
    assert {counts[name] for name in predictors} == {1}


def test_every_function_that_the_page_names_is_there() -> None:
    names = re.findall(r"`(biopipe[\w.]+):([\w.]+)`", page())
    assert len(names) > 40
    for module, name in names:
        value = import_module(module)
        for part in name.split("."):
            value = getattr(value, part)


def test_the_floors_of_the_page_are_those_of_the_contract() -> None:
    setup = (ROOT / "setup.cfg").read_text(encoding="utf-8")
    contract = re.search(r"^layers =\n((?:    .+\n)+)", setup, re.MULTILINE)
    drawn = re.search(r"^## Floors\n.*?```\n(.*?)```", page(), re.MULTILINE | re.DOTALL)
    assert contract is not None
    assert drawn is not None
    floors = [line.strip() for line in contract[1].splitlines()]
    assert drawn[1].splitlines() == [floor for floor in floors if floor != "__main__"]


def page() -> str:
    return (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")


def walk_of(title: str) -> list[str]:
    """The functions of a walk's table, in order."""
    section = page().split(f"### {title}\n")[1].split("\n#")[0]
    return re.findall(r"^\| \w+ \| `(biopipe[\w.]+:[\w.]+)` \|", section, re.MULTILINE)


def assert_in_order(walk: list[str], calls: list[str]) -> None:
    assert len(walk) > 15
    assert not [name for name in walk if name not in calls]
    first_calls = [calls.index(name) for name in walk]
    out_of_order = [
        walk[place] for place in range(1, len(walk)) if first_calls[place] < first_calls[place - 1]
    ]
    assert not out_of_order


def name_of(function: Callable[..., object]) -> str:
    return f"{function.__module__}:{function.__qualname__}"


@contextmanager
def traced() -> Iterator[list[str]]:
    """The functions of biopipe that are called meanwhile, in all threads that begin meanwhile."""
    calls: list[str] = []

    def on_event(frame, event, argument):  # type: ignore[no-untyped-def]
        if event != "call":
            return
        module = frame.f_globals.get("__name__", "")
        if module.startswith("biopipe."):
            calls.append(f"{module}:{qualified_name(frame)}")

    before = sys.getprofile()
    threading.setprofile(on_event)
    sys.setprofile(on_event)
    try:
        yield calls
    finally:
        sys.setprofile(before)
        threading.setprofile(None)


def qualified_name(frame) -> str:  # type: ignore[no-untyped-def]
    """The name with its class; code knows it from Python 3.11 on."""
    code = frame.f_code
    if hasattr(code, "co_qualname"):
        return code.co_qualname
    owner = frame.f_locals.get("self")
    for kind in type(owner).__mro__ if owner is not None else ():
        if code.co_name in vars(kind) and getattr(vars(kind)[code.co_name], "__code__", 0) is code:
            return f"{kind.__name__}.{code.co_name}"
    return code.co_name
