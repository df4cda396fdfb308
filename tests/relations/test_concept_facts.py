"""What is told of concepts beside the text: which are broader, and how often each was related."""

import json
import pickle
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from biopipe import extras
from biopipe.document import Document, Mention, Relation
from biopipe.errors import ModelError
from biopipe.kb.build.compile import compile_kb
from biopipe.kb.default import default_recipe
from biopipe.kb.schema import Concept
from biopipe.relations.broader_concepts import BroaderConcepts
from biopipe.relations.concept_facts import HIERARCHY_FEATURES, ConceptFacts, KnownFacts
from biopipe.relations.pairs import PairTable
from biopipe.relations.related_rates import RelatedRates, counts_of
from biopipe.text.concepts import linked_concepts

PAIRS = (("Chemical", "Disease"),)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    concepts = [
        Concept("D1", "disease", types=("Disease",)),
        Concept("D2", "kidney disease", types=("Disease",), parents=("D1",)),
        Concept("D3", "nephritis", types=("Disease",), parents=("D2",)),
        Concept("C1", "aspirin", types=("Chemical",), xrefs=("DRUG:9",)),
    ]
    folder = tmp_path_factory.mktemp("kb") / "kb"
    return compile_kb(concepts, folder, name="x", version="1", licence="", sources={})


def test_what_is_above_is_broader(base: Path) -> None:
    broader, above = BroaderConcepts(base).of(["D3", "D1", "C1", "D2", "NIL:x", "unknown"])
    assert above.tolist() == [2, 0, 0, 1, 0, 0]
    expected = np.zeros((6, 6), bool)
    expected[1, 0] = expected[3, 0] = expected[1, 3] = True
    assert (broader == expected).all()
    assert BroaderConcepts(base).of([])[0].shape == (0, 0)


def test_ids_of_other_systems_are_those_of_the_base(base: Path) -> None:
    known = BroaderConcepts(base)
    assert [known.own_id(id_) for id_ in ("DRUG:9", "C1", "unknown")] == ["C1", "C1", "unknown"]
    rates = RelatedRates([{"C1": (1, 2)}])
    text = "aspirin"
    other = Document("1", text, (Mention(0, 7, "Chemical", concept_ids=("DRUG:9",)),))
    assert KnownFacts(known, rates)(other, linked_concepts(other)).rates[0, 1] > 0
    by_document = counts_of([document("1", True)], PAIRS, lambda id_: id_.replace("2", "3"))
    assert by_document["1"] == {"C1": (1, 2), "D3": (1, 2)}


def test_it_is_opened_again_in_another_process(base: Path) -> None:
    known = BroaderConcepts(base)
    known.of(["D1"])
    assert len(pickle.dumps(known)) < 1000
    assert pickle.loads(pickle.dumps(known)).of(["D2"])[1].tolist() == [1]


def test_without_the_packages_of_the_base_nothing_is_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BIOPIPE_CACHE", str(tmp_path))
    monkeypatch.setattr(extras, "find_spec", lambda name: None)
    package = next(s["package"] for s in json.loads(default_recipe().read_text())["sources"])
    monkeypatch.setitem(sys.modules, package, None)
    known = BroaderConcepts(optional=True)
    with pytest.warns(UserWarning, match="is not told which concepts are broader"):
        assert not known.of(["MESH:D003920", "MESH:D003924"])[0].any()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert known.of(["MESH:D003920"])[1].tolist() == [0]


def document(name: str, related: bool, *, disease: str = "D2") -> Document:
    text = "aspirin and nephritis and disease"
    mentions = (
        Mention(0, 7, "Chemical", concept_ids=("C1",)),
        Mention(12, 21, "Disease", concept_ids=("D3",)),
        Mention(26, 33, "Disease", concept_ids=(disease,)),
    )
    relations = (Relation("D3", "C1", "CID"),) if related else ()
    return Document(name, text, mentions, relations)


def test_rates_are_of_the_other_documents() -> None:
    by_document = counts_of([document("1", True), document("2", False)], PAIRS)
    assert by_document["1"] == {"C1": (1, 2), "D3": (1, 1), "D2": (0, 1)}
    total = {"C1": (1, 4), "D3": (1, 2), "D2": (0, 2)}
    rates = RelatedRates([total], [by_document])
    mean = 2 / 8
    ids = ["C1", "D3", "other"]
    every = rates.of(ids)
    assert every[:, 0] == pytest.approx([(1 + 3 * mean) / 7, (1 + 3 * mean) / 5, mean])
    assert every[:, 1] == pytest.approx(np.log1p([4, 2, 0]) / 5)
    first = rates.of(ids, besides="1")
    assert first[:, 0] == pytest.approx([(0 + 3 * mean) / 5, (0 + 3 * mean) / 4, mean])
    assert (rates.of(ids, besides="9") == every).all()


def test_training_is_told_what_other_documents_say_and_a_model_all(base: Path) -> None:
    by_document = counts_of([document("1", True)], PAIRS)
    rates = RelatedRates([by_document["1"]], [by_document])
    seen, concepts = document("1", True), linked_concepts(document("1", True))
    training = KnownFacts(BroaderConcepts(base), rates, training=True)(seen, concepts)
    running = KnownFacts(BroaderConcepts(base), rates)(seen, concepts)
    assert (training.rates[:, 1] == 0).all()
    assert (running.rates[:, 1] > 0).all()
    assert running.broader is not None
    assert running.broader[2, 1]
    rows = running.rows(np.array([2, 1]))
    assert rows.broader is not None
    assert rows.broader.tolist() == [[False, True], [False, False]]


def test_a_pair_is_told_of_narrower_concepts_and_whether_a_sentence_names_them() -> None:
    # A chemical, a broad disease and a narrow one, which alone stands with the chemical.
    broader = np.array([[0, 0, 0], [0, 0, 1], [0, 0, 0]], bool)
    together = np.array([[1, 0, 1], [0, 1, 0], [1, 0, 1]], bool)
    facts = ConceptFacts(broader, np.array([0, 1, 2]), np.zeros((3, 0), np.float32))
    pairs = PairTable(np.array([0, 0]), np.array([1, 2]), np.zeros(2, np.int64))
    rows = facts.of(pairs, together)
    assert rows.shape == (2, HIERARCHY_FEATURES)
    one = np.float32(np.log1p(1) / 3)
    broad, narrow = rows[:, 5:].tolist()
    assert broad == [np.float32(np.log1p(1) / 5), one, 0, one, 0]
    assert narrow == [np.float32(np.log1p(2) / 5), 0, one, 0, 0]


@given(
    st.lists(
        st.dictionaries(
            st.text(max_size=8), st.tuples(st.integers(0, 9), st.integers(0, 99)), max_size=5
        ),
        max_size=3,
    )
)
def test_rates_are_read_as_they_were_written(
    tmp_path_factory: pytest.TempPathFactory, schemes: list[dict[str, tuple[int, int]]]
) -> None:
    folder = tmp_path_factory.mktemp("rates")
    RelatedRates(schemes).save(folder)
    read = RelatedRates.parse((folder / "rates.json").read_bytes())
    assert list(read.schemes) == schemes


@pytest.mark.parametrize(
    "content", [b"", b"{}", b'{"schemes": [1]}', b'{"schemes": [{"a": [1]}]}', b"\xff"]
)
def test_rates_that_cannot_be_read_are_one_sentence(content: bytes) -> None:
    with pytest.raises(ModelError, match=r"The rates\.json of a relation model cannot be read"):
        RelatedRates.parse(content)


def test_counts_are_no_numbers_of_numpy() -> None:
    (counts,) = counts_of([document("1", True)], PAIRS).values()
    assert json.loads(json.dumps(counts))["C1"] == [1, 2]
