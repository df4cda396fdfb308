import pickle
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import spacy
from spacy.language import Language
from spacy.tokens import Doc

from biopipe.components.base import Component
from biopipe.components.factories import ComponentOptions, component_factory
from biopipe.document import Document, Mention, Predictor, PredictorInfo
from biopipe.errors import InputError, ModelError

TEXTS = ["one", "two", "bad", "four", "five"]


class Whole(Predictor):
    """Finds that every text is one mention, and that some are bad."""

    info = PredictorInfo(name="whole", labels=("All",), gives=frozenset({"mentions"}))

    def __init__(self) -> None:
        self.batches: list[list[str]] = []

    def predict(self, documents: Sequence[Document]) -> list[Document]:
        self.batches.append([document.text for document in documents])
        if any("bad" in document.text for document in documents):
            raise InputError("bad text")
        return [replace(d, mentions=(Mention(0, len(d.text), "All"),)) for d in documents]


@dataclass(frozen=True, slots=True, kw_only=True)
class FinderOptions(ComponentOptions):
    broken: bool = False


class Finder(Component[FinderOptions]):
    opened = 0

    def open(self, model: Path | None) -> Whole:
        self.opened += 1
        if self.options.broken:
            raise ModelError("no model")
        return Whole()


@component_factory("test_finder", FinderOptions, assigns=["doc._.mentions"])
def make_finder(nlp: Language, name: str, options: FinderOptions) -> Finder:
    return Finder(name, options)


@pytest.fixture(params=["beside Python", "in turn"])
def nlp(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Language:
    monkeypatch.setattr(Finder, "runs_model", request.param == "beside Python")
    monkeypatch.setattr("biopipe.components.base.has_cores", lambda: True)
    nlp = spacy.blank("en")
    nlp.add_pipe("test_finder")
    return nlp


def found(docs: Sequence[Doc]) -> list[tuple[str, int]]:
    return [(doc.text, len(doc._.mentions)) for doc in docs]


def test_opens_once_and_late(nlp: Language) -> None:
    pipe = nlp.get_pipe("test_finder")
    assert (pipe.opened, pipe.labels) == (0, ())
    list(nlp.pipe(["a", "b"], batch_size=1))
    assert (pipe.opened, pipe.labels) == (1, ("All",))
    assert nlp.pipe_labels["test_finder"] == ["All"]


def test_batches_keep_size_and_order(nlp: Language) -> None:
    docs = list(nlp.pipe(["a", "b", "c", "d", "e"], batch_size=2))
    assert found(docs) == [("a", 1), ("b", 1), ("c", 1), ("d", 1), ("e", 1)]
    assert nlp.get_pipe("test_finder").predictor.batches == [["a", "b"], ["c", "d"], ["e"]]


def test_pipe_takes_no_more_than_a_batch_ahead(nlp: Language) -> None:
    taken = []

    def texts() -> Iterator[str]:
        for text in "abcdef":
            taken.append(text)
            yield text

    next(nlp.pipe(texts(), batch_size=2))
    assert taken == list("abcd" if Finder.runs_model else "ab")
    taken.clear()
    next(nlp.pipe(texts(), batch_size=1))
    assert taken == ["a"]


def test_call_is_a_batch_of_one(nlp: Language) -> None:
    assert found([nlp("one")]) == [("one", 1)]
    assert nlp.get_pipe("test_finder").predictor.batches == [["one"]]


def test_an_error_is_raised(nlp: Language) -> None:
    with pytest.raises(InputError, match="bad text"):
        list(nlp.pipe(TEXTS))
    with pytest.raises(InputError, match="bad text"):
        nlp("bad")


def test_error_handler_gets_only_the_bad_doc(nlp: Language) -> None:
    errors = []
    nlp.set_error_handler(
        lambda name, proc, docs, error: errors.append((name, [d.text for d in docs], str(error)))
    )
    assert found(list(nlp.pipe(TEXTS))) == [("one", 1), ("two", 1), ("four", 1), ("five", 1)]
    assert errors == [("test_finder", ["bad"], "bad text")]
    assert found([nlp("bad")]) == [("bad", 0)]


def test_a_model_that_does_not_open(nlp: Language) -> None:
    nlp.add_pipe("test_finder", "second", config={"broken": True})
    with pytest.raises(ModelError, match="no model"):
        nlp("one")


def test_pickle_keeps_configuration_and_state(nlp: Language) -> None:
    nlp("one")
    again = pickle.loads(pickle.dumps(nlp))
    pipe = again.get_pipe("test_finder")
    assert type(pipe) is Finder
    assert (pipe.name, pipe.options, pipe.opened) == ("test_finder", FinderOptions(), 1)
    assert found([again("two")]) == [("two", 1)]


def test_making_a_language_does_not_load_the_runtime() -> None:
    code = (
        "import sys, spacy; spacy.blank('en').add_pipe('biopipe_ner')\n"
        "print({'onnxruntime', 'pyarrow', 'tokenizers', 'biopipe.pipeline'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("set()\n", "")
