from pathlib import Path

import pytest

from biopipe.document import Document, Mention
from biopipe.relations.features import feature_count
from biopipe.relations.inputs import RelationInput, relation_inputs
from biopipe.runtime.tokenizer import Tokenizer
from biopipe.text.concepts import concept_mentions

TRIGGERS = {"treat": ("treats", "treatment"), "cause": ("causes",)}
LABELS = ["Gene", "Disease"]


@pytest.fixture
def tokenizer(tiny_tagger: Path) -> Tokenizer:
    return Tokenizer(tiny_tagger / "tokenizer.json")


def _document(*, words: int, at: dict[int, tuple[str, str]]) -> Document:
    text, mentions = "", []
    for word in range(words):
        label, concept = at.get(word, ("", ""))
        piece = "g" if label == "Gene" else "d" if label else "the"
        if label:
            mentions.append(Mention(len(text), len(text) + 1, label, concept_ids=(concept,)))
        text += piece + " "
    return Document("1", text, mentions=tuple(mentions))


def _inputs(document: Document, tokenizer: Tokenizer, **options: int) -> list[RelationInput]:
    found = concept_mentions(document)
    tokens = tokenizer.encode([document.text])[0]
    allowed, size = [("Gene", "Disease")], options.get("pairs_a_pass", 4096)
    return list(
        relation_inputs(
            document,
            tokens,
            found,
            tokenizer,
            labels=LABELS,
            allowed=allowed,
            max_length=32,
            stride=8,
            pairs_a_pass=size,
            triggers=TRIGGERS,
        )
    )


def test_mention_tokens_point_at_the_mentions(tokenizer: Tokenizer) -> None:
    document = _document(words=70, at={3: ("Gene", "A"), 29: ("Disease", "B"), 65: ("Gene", "A")})
    (unit,) = _inputs(document, tokenizer)
    flat = unit.read.reshape(-1)
    gene, disease = tokenizer.encode(["g d"])[0].ids.tolist()
    for concept, expected in enumerate((gene, disease)):
        real = unit.mention_mask[concept] > 0
        assert (flat[unit.mention_tokens[concept][real]] == expected).all()
    assert unit.mention_mask.sum() == 3
    assert sorted(unit.entity_types.reshape(-1).tolist())[-3:] == [1, 1, 2]
    assert unit.features.shape == (1, feature_count(TRIGGERS))


def test_a_long_document_is_read_in_groups_and_no_close_pair_is_lost(tokenizer: Tokenizer) -> None:
    for position in range(0, 480, 7):
        document = _document(
            words=500, at={position: ("Gene", "A"), position + 9: ("Disease", "B")}
        )
        units = _inputs(document, tokenizer)
        assert units, position
        assert all(unit.numbered_pairs().tolist() == [[0, 1]] for unit in units)
        assert all(len(unit.read) <= 4 for unit in units)


def test_pairs_are_cut_into_passes_without_loss(tokenizer: Tokenizer) -> None:
    at = {i: ("Gene" if i % 2 else "Disease", f"C{i}") for i in range(20)}
    units = _inputs(_document(words=24, at=at), tokenizer, pairs_a_pass=30)
    assert [len(unit.pairs) for unit in units] == [30, 30, 30, 10]
    made = [(h, t) for unit in units for h, t in unit.numbered_pairs().tolist()]
    assert sorted(made) == sorted(
        (gene, disease) for gene in range(1, 20, 2) for disease in range(0, 20, 2)
    )


def test_the_cost_of_a_long_text_is_linear_in_its_length(tokenizer: Tokenizer) -> None:
    at = {i: ("Gene" if i % 2 else "Disease", f"C{i}") for i in range(6000)}
    units = _inputs(_document(words=6000, at=at), tokenizer)
    assert max(len(unit.pairs) for unit in units) <= (4 * 30 / 2) ** 2
    assert sum(len(unit.pairs) for unit in units) < 300_000, "all pairs would be 9 million"


def test_without_a_pair_there_is_nothing_to_run(tokenizer: Tokenizer) -> None:
    assert _inputs(_document(words=10, at={1: ("Gene", "A")}), tokenizer) == []
    assert _inputs(Document("1", ""), tokenizer) == []
