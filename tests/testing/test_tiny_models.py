import json
import runpy
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from biopipe.document import Document, Mention
from biopipe.errors import ModelError
from biopipe.linking.biencoder import BiEncoder
from biopipe.ner.tagger import Tagger
from biopipe.relations.extractor import RelationExtractor
from biopipe.runtime.manifest import load_manifest
from biopipe.testing import TINY_MODELS, tiny_model

TEXT = "aspirin in patients with cancer of the gene"


@pytest.mark.parametrize("name", TINY_MODELS)
def test_a_tiny_model_is_small_and_whole(name: str) -> None:
    folder = tiny_model(name)
    assert sum(file.stat().st_size for file in folder.iterdir()) < 450_000
    if name != "tiny-bert":
        assert load_manifest(folder).name == name


def test_a_name_that_is_not_there_is_answered_with_those_that_are() -> None:
    with pytest.raises(ModelError, match="no tiny model 'tiny'; give one of: tiny-bert, tiny-tag"):
        tiny_model("tiny")


def test_they_find_nonsense_and_always_the_same() -> None:
    found, again = (
        Tagger(tiny_model("tiny-tagger")).predict([Document("1", TEXT)])[0] for _ in range(2)
    )
    assert found.mentions
    assert found == again
    (states,) = Tagger(tiny_model("tiny-tagger-states")).predict([Document("1", TEXT)])
    spans = [[(m.start, m.end, m.label) for m in d.mentions] for d in (found, states)]
    assert spans[0] == spans[1]


@pytest.mark.parametrize("name", ["tiny-relations", "tiny-relations-shared"])
def test_relations_between_two_concepts(name: str) -> None:
    mentions = (
        Mention(0, 7, "Chemical", concept_ids=("C:1",)),
        Mention(25, 31, "Disease", concept_ids=("D:1",)),
    )
    extractor = RelationExtractor(tiny_model(name), threshold=0.0)
    (document,) = extractor.predict([Document("1", TEXT, mentions=mentions)])
    assert [{r.head, r.tail} for r in document.relations] == [{"C:1", "D:1"}]


def test_names_become_vectors() -> None:
    vectors = BiEncoder(tiny_model("tiny-biencoder")).encode(["aspirin", "cancer"])
    assert vectors.shape == (2, 48)


def test_the_script_still_makes_them(make_models: ModuleType, tmp_path: Path) -> None:
    """Graphs of the same shape, and the same tokenizers; torch and its exporter are pinned for
    tests. Not the same weights: random numbers differ between processors in their last bits.
    """
    made, scratch = tmp_path / "made", tmp_path / "scratch"
    made.mkdir()
    scratch.mkdir()
    make_models.write_models(made, scratch)
    assert {folder.name for folder in made.iterdir()} == set(TINY_MODELS)
    for folder in made.iterdir():
        committed = tiny_model(folder.name)
        assert {f.name for f in folder.iterdir()} == {f.name for f in committed.iterdir()}
        for name in ("model.safetensors", "tokenizer.json"):
            if (folder / name).exists():
                assert (folder / name).read_bytes() == (committed / name).read_bytes(), folder.name
        if folder.name != "tiny-bert":
            _check_graphs(folder, committed)


def _check_graphs(made: Path, committed: Path) -> None:
    import onnx

    one, other = (onnx.load(str(folder / "model.onnx")).graph for folder in (made, committed))
    # The exporter numbers what has no name, on one machine otherwise than on another.
    assert [node.op_type for node in one.node] == [node.op_type for node in other.node], made.name
    assert _shapes(one.initializer) == _shapes(other.initializer), made.name
    assert (one.input, one.output) == (other.input, other.output), made.name
    manifests = [json.loads((f / "manifest.json").read_text()) for f in (made, committed)]
    assert manifests[0]["files"].keys() == manifests[1]["files"].keys()


def _shapes(tables: Iterable[Any]) -> Counter[tuple[int, ...]]:
    return Counter((table.data_type, *table.dims) for table in tables)


def test_the_script_of_the_marking_tagger_still_makes_it(tmp_path: Path) -> None:
    pytest.importorskip("onnx", reason="needs the extra 'train'")
    data = Path(__file__).resolve().parents[1] / "data"
    module = runpy.run_path(str(data / "make_marking.py"))
    module["write_marking"](tmp_path)
    for committed in (data / "marking").iterdir():
        assert (tmp_path / committed.name).read_bytes() == committed.read_bytes()
