"""The example and the names of docs/spacy.md."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import spacy
from spacy.tokens import Doc, Span

from biopipe.components.extensions import DOC_GETTERS, SPAN_GETTERS
from biopipe.pipeline import build

PAGE = (Path(__file__).parents[1] / "docs" / "spacy.md").read_text(encoding="utf-8")


def block(kind: str) -> str:
    (text,) = re.findall(rf"```{kind}\n(.*?)```", PAGE, re.DOTALL)
    return str(text)


def test_the_example_runs() -> None:
    done = subprocess.run(
        [sys.executable, "-c", block("python")], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "Aspirin Chemical" in done.stdout
    assert all(line.endswith(("True", "False")) for line in done.stdout.splitlines())


def test_every_extension_is_named() -> None:
    build({"components": {}})
    named = re.findall(r"`(doc|span)\._\.(\w+)`", PAGE)
    assert set(named) == {("doc", name) for name in DOC_GETTERS} | {
        ("span", name) for name in SPAN_GETTERS
    }
    for owner, name in named:
        assert {"doc": Doc, "span": Span}[owner].has_extension(name)


def test_the_configuration_is_one() -> None:
    config = json.loads(block("json"))
    assert config["spans_key"] == "bio"
    nlp = spacy.blank("en")
    for name in config["components"]:
        nlp.add_pipe(name, config={"spans_key": config["spans_key"]})
        assert nlp.get_pipe(name).options.spans_key == "bio"


def test_the_way_over_many_documents_keeps_no_strings() -> None:
    nlp = build({"components": {"biopipe_abbreviations": {}}})
    names: dict[str, Any] = {}
    exec(block("py"), names)
    texts = [f"Case{number} of lung cancer (LC{number})." for number in range(300)]
    list(names["records"](nlp, texts[:20], size=10))
    before = len(nlp.vocab.strings)
    records = list(names["records"](nlp, texts[20:], size=50))
    assert len(records) == 280
    assert len(nlp.vocab.strings) == before
    # Which is what plain nlp.pipe does not.
    list(nlp.pipe(texts[20:]))
    assert len(nlp.vocab.strings) > before + 280
