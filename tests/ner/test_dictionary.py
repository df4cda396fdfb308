"""The names of a knowledge base in texts."""

# ruff: noqa: SIM905  (word lists are read as text)

import pickle
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from biopipe.document import Document, Mention
from biopipe.errors import ConfigError, KnowledgeBaseError
from biopipe.kb.base import KnowledgeBase
from biopipe.kb.build.compile import compile_kb
from biopipe.kb.schema import Concept
from biopipe.ner.dictionary import Dictionary

CONCEPTS = (
    Concept(
        "X:1", "lung cancer", ("lung neoplasm", "Cancer of lung"), ("Disease",), parents=("X:2",)
    ),
    Concept("X:2", "cancer", types=("Disease",)),
    Concept(
        "X:3", "non-small cell lung cancer", types=("Disease",), parents=("X:1",), source="OTHER"
    ),
    Concept("X:4", "EGFR", ("epidermal growth factor receptor", "ERBB1"), ("Gene",)),
    Concept("X:5", "IL-2", types=("Gene",)),
    Concept("X:6", "epidermal growth factor", ("EGF",), ("Gene", "Chemical")),
    Concept("X:7", "(+)-catechin", ("catechin hydrate",), ("Chemical",)),
    Concept("X:8", "5-HT(2A)", ("5-HT2A receptor",), ("Gene",)),
    Concept("X:9", "TNF-alpha", ("tumor necrosis factor",), ("Gene",)),
    Concept("X:10", "Role", types=("Concept",)),
    Concept("X:11", "ALL", ("acute lymphoblastic leukemia",), ("Disease",)),
    Concept("X:12", "cold", types=("Disease",)),
    Concept("X:13", "cold", types=("Chemical",)),
    Concept("X:14", "pH"),
)
TEXT = (
    "Non-small cell lung cancers respond to EGFR blockade; IL2 and epidermal growth factor "
    "receptors do not."
)


@pytest.fixture(scope="module")
def kb(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("kb") / "kb"
    return compile_kb(
        CONCEPTS, folder, name="words", version="1", licence="", sources={}, ngrams=False
    )


def found(dictionary: Dictionary, text: str) -> list[tuple[str, str, str]]:
    (document,) = dictionary.predict([Document("d", text)])
    return [(text[m.start : m.end], m.label, *m.concept_ids) for m in document.mentions]


def test_the_longest_names_with_their_concepts(kb: Path) -> None:
    assert found(Dictionary(kb), TEXT) == [
        ("Non-small cell lung cancers", "Disease", "X:3"),
        ("EGFR", "Gene", "X:4"),
        ("IL2", "Gene", "X:5"),
        ("epidermal growth factor receptors", "Gene", "X:4"),
    ]


def test_overlaps_keep_what_is_inside(kb: Path) -> None:
    assert found(
        Dictionary(kb, overlaps=True),
        "non-small cell lung cancer, epidermal growth factor receptor",
    ) == [
        ("non-small cell lung cancer", "Disease", "X:3"),
        ("lung cancer", "Disease", "X:1"),
        ("cancer", "Disease", "X:2"),
        ("epidermal growth factor", "Gene", "X:6"),
        ("epidermal growth factor receptor", "Gene", "X:4"),
    ]
    assert found(Dictionary(kb, overlaps=True), "cold") == [
        ("cold", "Chemical", "X:13"),
        ("cold", "Disease", "X:12"),
    ]
    assert len(found(Dictionary(kb), "cold")) == 1


def test_a_mention_says_where_it_is_from(kb: Path) -> None:
    (document,) = Dictionary(kb).predict([Document("d", "TNF-α")])
    (mention,) = document.mentions
    assert (mention.sources, mention.dictionary) == (("dictionary:words",), "words")
    assert mention.candidates[0].concept_id == "X:9"
    assert 0 < mention.score < 1


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("all of the role", []),
        ("pediatric ALL", ["ALL"]),
        ("(+)-catechin, ((+)-catechin)", ["(+)-catechin", "(+)-catechin"]),
        ("the 5-HT(2A), (5-HT2A) and 5HT-2A", ["5-HT(2A)", "5-HT2A", "5HT-2A"]),
        ("TNFα-mediated, anti-TNF-α", ["TNFα", "TNF-α"]),
        ("IL-2-driven; IL-22, XIL-2, IL-2.5", ["IL-2"]),
        ("lung\ncancer", ["lung\ncancer"]),
        ("lung. Cancer", ["Cancer"]),
        ("egfr EGFr Erbb1", ["EGFr", "Erbb1"]),
        ("pH", []),
        ("", []),
        (" \n ", []),
    ],
)
def test_words_and_case(kb: Path, text: str, names: list[str]) -> None:
    assert [name for name, *_ in found(Dictionary(kb), text)] == names


def test_labels_by_semantic_type_or_group(tmp_path: Path) -> None:
    concepts = [Concept("U:1", "asthma", types=("Disease or Syndrome",)), Concept("U:2", "hand")]
    folder = compile_kb(
        concepts, tmp_path / "kb", name="t", version="1", licence="", sources={}, ngrams=False
    )
    for type_ in ("DISO", "T047", "disease or syndrome"):
        dictionary = Dictionary(folder, labels={type_: "Disease"})
        assert found(dictionary, "asthma of the hand") == [("asthma", "Disease", "U:1")]


def test_labels_of_no_type_of_the_base_warn(kb: Path) -> None:
    with pytest.warns(UserWarning, match="no concept of the types Diseas; near it are: Disease"):
        assert found(Dictionary(kb, labels={"Diseas": "Disease"}), TEXT) == []


def test_labels(kb: Path) -> None:
    text = "EGF in lung cancer, pH 7"
    assert found(Dictionary(kb, labels={"Chemical": "Drug"}), text) == [("EGF", "Drug", "X:6")]
    everything = Dictionary(kb, labels={"Gene": "Protein", "": "Other"}, shortest=2)
    assert [(name, label) for name, label, _ in found(everything, text)] == [
        ("EGF", "Protein"),
        ("lung cancer", "Other"),
        ("pH", "Other"),
    ]


def test_filters(kb: Path) -> None:
    assert [name for name, *_ in found(Dictionary(kb, types=["Gene"]), TEXT)] == [
        "EGFR",
        "IL2",
        "epidermal growth factor receptors",
    ]
    assert [name for name, *_ in found(Dictionary(kb, sources=["OTHER"]), TEXT)] == [
        "Non-small cell lung cancers"
    ]
    branch = Dictionary(kb, branches=["X:1"], overlaps=True)
    assert [name for name, *_ in found(branch, "non-small cell lung cancer")] == [
        "non-small cell lung cancer",
        "lung cancer",
    ]
    with pytest.raises(KnowledgeBaseError, match="no type 'Genes'"):
        found(Dictionary(kb, types=["Genes"]), TEXT)


def test_stop_words_and_threshold(kb: Path) -> None:
    assert found(Dictionary(kb, stop_words=False), "a role") == [("role", "Concept", "X:10")]
    assert found(Dictionary(kb, stop_words=["Cancers"]), "a role in cancer") == [
        ("role", "Concept", "X:10")
    ]
    assert [name for name, *_ in found(Dictionary(kb, threshold=0.85), TEXT)] == ["EGFR", "IL2"]


def test_mentions_that_were_there_stay(kb: Path) -> None:
    known = (Mention(0, 4, "Gene", 0.99, sources=("tagger",)), Mention(5, 7, "Verb"))
    (document,) = Dictionary(kb).predict([Document("d", "EGFR is", known)])
    gene, verb = document.mentions
    assert (gene.score, gene.concept_ids, gene.sources) == (
        0.99,
        ("X:4",),
        ("dictionary:words", "tagger"),
    )
    assert verb == known[1]


def test_it_can_be_passed_to_other_processes(kb: Path) -> None:
    dictionary = Dictionary(KnowledgeBase.open(kb))
    expected = found(dictionary, TEXT)
    assert found(pickle.loads(pickle.dumps(dictionary)), TEXT) == expected
    (base,) = dictionary.resources()
    assert (base.role, base.label, base.name) == ("kb", "", "words")
    assert base.hash == KnowledgeBase.open(kb).hash


def test_wrong_options(kb: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="shortest name has 0 characters"):
        Dictionary(kb, shortest=0)
    with pytest.raises(ConfigError, match="threshold is 2"):
        Dictionary(kb, threshold=2)
    with pytest.raises(KnowledgeBaseError, match="There is no knowledge base folder"):
        found(Dictionary(tmp_path / "none"), TEXT)


FILLERS = st.lists(
    st.sampled_from(
        "patients with the and (n = 12) showed 5 mg/kg; of β 2-fold, in vivo. We".split()
    )
)
NAMES = st.sampled_from(
    [name for c in CONCEPTS for name in (c.name, *c.synonyms) if name not in ("Role", "pH")]
)
FORMS = st.sampled_from(
    [str, lambda name: name.replace(" ", "-"), lambda name: name.replace("alpha", "α")]
)


@settings(max_examples=60)
@given(st.lists(st.tuples(FILLERS, NAMES, FORMS), min_size=1, max_size=4), FILLERS)
def test_every_planted_name_is_found(kb: Path, planted: list, end: list[str]) -> None:  # type: ignore[type-arg]
    text, spans = "", []
    for words, name, form in planted:
        text += " ".join([*words, ""])
        spans.append((len(text), len(text) + len(form(name))))
        text += form(name) + " "
    text += "x " + " ".join(end)
    (document,) = Dictionary(kb, overlaps=True).predict([Document("d", text)])
    assert {(m.start, m.end) for m in document.mentions} >= set(spans)
    for mention in document.mentions:
        assert text[mention.start : mention.end].strip() == text[mention.start : mention.end]
