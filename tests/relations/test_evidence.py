from biopipe.document import Document, Mention
from biopipe.relations.evidence import evidence
from biopipe.text.concepts import concept_mentions


def _document(text: str, *words: str) -> Document:
    mentions = []
    for word in words:
        start = text.find(word)
        while start >= 0:
            mentions.append(Mention(start, start + len(word), "Gene", concept_ids=(word,)))
            start = text.find(word, start + 1)
    return Document("1", text, mentions=tuple(sorted(mentions, key=lambda m: m.start)))


def _sentences(document: Document) -> list[str]:
    head, tail = concept_mentions(document)
    spans = evidence(document, head, tail)
    return [document.text[start:end] for start, end in spans]


def test_sentences_that_name_both() -> None:
    document = _document("AAA is old. AAA binds BBB. We saw BBB. BBB needs AAA.", "AAA", "BBB")
    assert _sentences(document) == ["AAA binds BBB.", "BBB needs AAA."]


def test_else_the_nearest_two() -> None:
    document = _document("AAA is old. We saw it. It grew. AAA ran. BBB ran.", "AAA", "BBB")
    assert _sentences(document) == ["AAA ran.", "BBB ran."]


def test_at_most_three() -> None:
    assert len(_sentences(_document("AAA binds BBB. " * 9, "AAA", "BBB"))) == 3
