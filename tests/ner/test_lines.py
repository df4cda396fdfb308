from collections.abc import Sequence
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from biopipe.document import Document, Mention, Predictor, PredictorInfo, Sentence
from biopipe.ner.lines import LineBound, line_ends, split_at_line_ends, with_stops
from biopipe.ner.tagger import Tagger

NOTE = "PMH:\nHypertension\nDiabetes\nmother - migraine"


def of_lines(text: str) -> Document:
    sentences, start = [], 0
    for line in text.split("\n"):
        if line:
            sentences.append(Sentence(start, start + len(line)))
        start += len(line) + 1
    return Document("1", text, sentences=tuple(sentences))


class Everything(Predictor):
    """Finds one mention that is the whole text, and keeps the texts it was given."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    @property
    def info(self) -> PredictorInfo:
        return PredictorInfo(name="everything", gives=frozenset({"mentions"}), gives_states="a")

    def predict(self, documents: Sequence[Document]) -> list[Document]:
        self.texts += [document.text for document in documents]
        return [
            replace(document, mentions=(Mention(0, len(document.text), "Disease"),))
            for document in documents
        ]


def test_mentions_end_where_lines_do() -> None:
    inner = Everything()
    carried = Mention(0, 3, "Other")
    (document,) = LineBound(inner).predict([replace(of_lines(NOTE), mentions=(carried,))])
    assert inner.texts == ["PMH:\nHypertension.Diabetes.mother . migraine"]
    assert document.text == NOTE
    assert document.mentions[0] == carried
    assert [NOTE[m.start : m.end] for m in document.mentions[1:]] == [
        "PMH:", "Hypertension", "Diabetes", "mother", "migraine"
    ]  # fmt: skip
    assert LineBound(inner).info.gives_states == ""


def test_a_tagger_reads_a_list_line_by_line(tiny_tagger: object) -> None:
    tagger = LineBound(Tagger(str(tiny_tagger), threshold=0.0))
    (document,) = tagger.predict([of_lines(NOTE)])
    assert document.mentions
    assert not any("\n" in NOTE[m.start : m.end] for m in document.mentions)
    assert tagger.resources() == tagger.recogniser.resources()


@given(st.text("ab .-\n\t", max_size=40), st.data())
def test_offsets_stay_and_no_part_crosses_a_place(text: str, data: st.DataObject) -> None:
    document = of_lines(text)
    places = line_ends(document)
    assert len(with_stops(text, places)) == len(text)
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    for part in split_at_line_ends(text, [Mention(start, end, "x")], places):
        assert start <= part.start <= part.end <= end
        assert not any(part.start < place < part.end for place in places)
