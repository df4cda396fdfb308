"""The example of docs/extending.md, as a package of its own, in every way it promises."""

import re
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

import biopipe
from biopipe.bulk.annotate import annotate, lanes_for

PAGE = Path(__file__).parents[1] / "docs" / "extending.md"


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """The page's module and entry point, installed in a folder."""
    blocks = re.findall(r"```(\w+)\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    (module,) = [code for kind, code in blocks if kind == "python" and "acme_stems.py" in code]
    (points,) = [code for kind, code in blocks if kind == "ini"]
    folder = tmp_path / "site"
    about = folder / "acme_stems-1.0.dist-info"
    about.mkdir(parents=True)
    (folder / "acme_stems.py").write_text(module)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-stems\nVersion: 1.0\n")
    name, _, target = points.splitlines()[-1].partition("=")
    (about / "entry_points.txt").write_text(f"[spacy_factories]\n{name.strip()} ={target}\n")
    return folder


@pytest.fixture
def pipeline(package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PYTHONPATH", str(package))
    path = tmp_path / "pipeline.json"
    path.write_text('{"components": {"acme_stems": {}, "biopipe_abbreviations": {}}}')
    return path


def run(script: str, *arguments: object) -> str:
    """In a process of its own, as this one would keep the factory registered."""
    command = [sys.executable, "-c", script, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


FAST = """
import sys
import biopipe
from biopipe.bulk.annotate import annotate, lanes_for
from biopipe.runtime.lanes import has_cores

nlp = biopipe.load(sys.argv[1])
first, second = biopipe.predictors(nlp)
assert type(first).__name__ == "StemFinder" and isinstance(first, biopipe.Predictor)
assert lanes_for(nlp) == (2 if has_cores() else 0)
nlp.make_doc = None  # no Docs are made
nlp.pipe = None
(document,), errors = annotate([biopipe.Document("d", "Gefitinib and trastuzumab.")], nlp)
print([(m.start, m.end, m.label, m.sources) for m in document.mentions], errors)
"""
KEPT = """
import pickle, sys
import biopipe
from spacy.tokens import DocBin
from spacy.training import Example

if __name__ == "__main__":
    text = "Gefitinib and trastuzumab."
    nlp = biopipe.load(sys.argv[1])
    expected = biopipe.to_document(nlp(text))
    nlp.to_disk(sys.argv[2])
    for again in (biopipe.load(sys.argv[2]), pickle.loads(pickle.dumps(nlp))):
        assert biopipe.to_document(again(text)) == expected
    docs = list(nlp.pipe([text] * 4, n_process=2, batch_size=2))
    data = DocBin(store_user_data=True, docs=docs).to_bytes()
    for doc in DocBin(store_user_data=True).from_bytes(data).get_docs(nlp.vocab):
        assert biopipe.to_document(doc) == expected
    reference = biopipe.annotate_doc(nlp.make_doc(text), expected)
    assert nlp.evaluate([Example(nlp.make_doc(text), reference)])["spans_biopipe_f"] > 0.999
    assert "doc._.mentions" in nlp.analyze_pipes()["summary"]["acme_stems"]["assigns"]
    assert biopipe.build({"components": {"acme_stems": {"stems": ["xxx"]}}})(text).ents == ()
    assert biopipe.describe(nlp)["components"][0]["config"]["stems"] == ["mab", "tinib"]
"""


def test_bulk_runs_it_on_documents_without_docs(pipeline: Path) -> None:
    expected = [(0, 9, "Chemical", ("acme-stems",)), (14, 25, "Chemical", ("acme-stems",))]
    assert run(FAST, pipeline) == f"{expected} []\n"


def test_it_is_kept_and_scored_like_our_own(pipeline: Path, tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(KEPT)
    command = [sys.executable, script, pipeline, tmp_path / "saved"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_command_line_knows_it(pipeline: Path, tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_text('{"id": "d", "text": "Gefitinib and trastuzumab."}\n')
    command = [sys.executable, "-m", "biopipe", "run", str(tmp_path / "in.jsonl")]
    command += ["-o", str(tmp_path / "out"), "--pipeline", str(pipeline)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    rows = pq.read_table(tmp_path / "out" / "mentions").to_pylist()
    assert [row["text"] for row in rows] == ["Gefitinib", "trastuzumab"]
    assert {row["source"] for row in rows} == {"acme-stems"}


class Shout:
    """A spaCy component that is not built on ours, with a predictor that it does all by."""

    def __init__(self, predictor: object) -> None:
        self.predictor = predictor

    def __call__(self, doc: object) -> object:
        raise AssertionError("bulk needs no Doc")


def test_any_component_with_a_predictor_joins_in() -> None:
    nlp = biopipe.build({"components": {"biopipe_abbreviations": {}}})
    (finder,) = biopipe.predictors(nlp) or ()
    nlp._components.append(("shout", Shout(finder)))  # type: ignore[attr-defined]
    assert biopipe.predictors(nlp) == [finder, finder]
    (document,), errors = annotate([biopipe.Document("d", "Heart failure (HF).")], nlp)
    assert len(document.abbreviations or ()) == 1
    assert errors == []
    nlp._components[-1] = ("shout", Shout(object()))  # type: ignore[attr-defined]
    assert biopipe.predictors(nlp) is None
    assert lanes_for(nlp) == 0
