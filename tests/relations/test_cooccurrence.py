import pytest

from biopipe.document import Document, Mention, Relation
from biopipe.errors import ModelError
from biopipe.relations.cooccurrence import CooccurrenceExtractor, count_relations, default_counts

LABELS, PAIRS = ("Positive_Correlation", "Negative_Correlation"), (("Chemical", "Disease"),)


def _document(text: str, label: str | None = None) -> Document:
    mentions = tuple(
        Mention(text.index(word), text.index(word) + len(word), kind, concept_ids=(word,))
        for word, kind in (("aspirin", "Chemical"), ("ulcer", "Disease"))
    )
    relations = (Relation("aspirin", "ulcer", label, novel=True),) if label else ()
    return Document("1", text, mentions=mentions, relations=relations)


def _counts() -> dict[str, object]:
    documents = [_document("We saw aspirin cause ulcer.", "Positive_Correlation")] * 30
    documents += [_document("We saw aspirin prevent ulcer.", "Negative_Correlation")] * 20
    documents += [_document("We saw aspirin. It rained. It snowed. There was ulcer.")] * 50
    return count_relations(documents, labels=LABELS, pairs=PAIRS, threshold=0.5)


def test_nearness_decides_whether_and_trigger_words_how() -> None:
    extractor = CooccurrenceExtractor(_counts())
    texts = [
        "Then aspirin caused an ulcer.",
        "Then aspirin prevented an ulcer.",
        "An aspirin. A b. C d. An ulcer.",
    ]
    found = [d.relations for d in extractor.predict([_document(text) for text in texts])]
    assert [[r.label for r in each] for each in found] == [
        ["Positive_Correlation"],
        ["Negative_Correlation"],
        [],
    ]
    (relation,) = found[0]
    assert (relation.head, relation.tail, relation.novel) == ("aspirin", "ulcer", True)
    assert relation.score > 0.9
    assert relation.evidence == ((0, len(texts[0])),)


def test_thresholds() -> None:
    document = _document("An aspirin. A b. C d. An ulcer.")
    assert (
        len(CooccurrenceExtractor(_counts(), threshold=0.0).predict([document])[0].relations) == 1
    )
    assert CooccurrenceExtractor(_counts(), threshold=1.0).predict([document])[0].relations == ()


def test_counts_that_come_with_biopipe() -> None:
    extractor = CooccurrenceExtractor()
    assert "Association" in extractor.labels
    (document,) = extractor.predict(
        [_document("Aspirin and ulcer: aspirin induced ulcer in rats.")]
    )
    assert [r.label for r in document.relations] == ["Positive_Correlation"]
    assert extractor.model_hash != CooccurrenceExtractor(_counts()).model_hash


def test_no_pairs_no_relations() -> None:
    assert (
        CooccurrenceExtractor().predict([Document("1", ""), Document("2", "aspirin")])[1].relations
        == ()
    )


def test_other_formats_are_refused() -> None:
    with pytest.raises(ModelError, match="of format 9, this biopipe reads 1"):
        CooccurrenceExtractor({**default_counts(), "format": 9})
