import pickle
import random
from dataclasses import replace

import numpy as np
import pytest
import spacy
import srsly
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.language import Language
from spacy.tokens import Doc, DocBin
from spacy.vocab import Vocab

from biopipe.components.document import (
    ENTS_SOURCE,
    adopt_ents,
    annotate_doc,
    to_document,
    update_doc,
)
from biopipe.document import Abbreviation, Candidate, Document, Mention, Passage, Relation
from biopipe.document.labels import ASSERTIONS
from biopipe.document.plain import KEY
from biopipe.errors import InputError

NLP = spacy.blank("en")
TEXT = "EGFR+ lung cancer (LC) responds to gefitinib."
FULL = Document(
    id="pmid:1",
    text=TEXT,
    mentions=(
        Mention(
            0,
            4,
            "Gene",
            0.9,
            ("NCBIGene:1956",),
            (Candidate("NCBIGene:1956", "EGFR", 0.8),),
            sources=("m",),
        ),
        Mention(
            6, 17, "Disease", 0.7, ("MESH:D008175", "MESH:D002289"), assertion=frozenset({"b", "a"})
        ),
        Mention(11, 17, "Disease", 0.8),
        Mention(35, 44, "Chemical", 1 / 3),
    ),
    relations=(
        Relation(
            "NCBIGene:1956", "MESH:D008175", "Association", 0.6, True, 0.7, ((0, 17), (19, 21))
        ),
        Relation("a", "b", "Bind", 0.5),
    ),
    passages=(Passage("title", 0, 17), Passage("abstract", 18, 45)),
    abbreviations=(Abbreviation(19, 21, 6, 17),),
    meta={"journal": "J", "windows": "1"},
)


@pytest.fixture
def nlp() -> Language:
    return NLP


def annotated(nlp: Language, *mentions: Mention, text: str = TEXT) -> Doc:
    return annotate_doc(nlp.make_doc(text), Document("d", text, mentions))


def ents(doc: Doc) -> list[tuple[str, str, str]]:
    return [(ent.text, ent.label_, ent.kb_id_) for ent in doc.ents]


def test_everything_comes_back(nlp: Language) -> None:
    doc = annotate_doc(nlp.make_doc(TEXT), FULL)
    assert to_document(doc) == FULL
    assert to_document(doc, "other") == replace(FULL, id="other")
    assert doc._.mentions == FULL.mentions
    assert doc._.relations == FULL.relations


def test_a_doc_nobody_annotated(nlp: Language) -> None:
    doc = nlp.make_doc(TEXT)
    assert to_document(doc) == Document("", TEXT)
    assert to_document(doc, "x") == Document("x", TEXT)


def test_spans_hold_every_mention_in_order(nlp: Language) -> None:
    doc = annotate_doc(nlp.make_doc(TEXT), FULL)
    found = [(span.text, span.label_, span.kb_id_) for span in doc.spans[KEY]]
    assert found == [
        ("EGFR+", "Gene", "NCBIGene:1956"),
        ("lung cancer", "Disease", "MESH:D008175"),
        ("cancer", "Disease", ""),
        ("gefitinib", "Chemical", ""),
    ]
    assert doc.spans[KEY].attrs["scores"] == [0.9, 0.7, 0.8, 1 / 3]
    assert ents(doc) == [
        ("EGFR+", "Gene", "NCBIGene:1956"),
        ("lung cancer", "Disease", "MESH:D008175"),
        ("gefitinib", "Chemical", ""),
    ]


def test_unaligned_mention_keeps_its_offsets(nlp: Language) -> None:
    doc = annotated(nlp, Mention(0, 4, "Gene"), Mention(8, 14, "Disease"))
    assert [span.text for span in doc.spans[KEY]] == ["EGFR+", "lung cancer"]
    assert [(m.start, m.end) for m in doc._.mentions] == [(0, 4), (8, 14)]


def test_same_span_with_two_labels(nlp: Language) -> None:
    doc = annotated(nlp, Mention(0, 4, "Gene", 0.4), Mention(0, 4, "Protein", 0.6))
    assert [span.label_ for span in doc.spans[KEY]] == ["Gene", "Protein"]
    assert [m.label for m in doc._.mentions] == ["Gene", "Protein"]
    assert ents(doc) == [("EGFR+", "Protein", "")]


def test_longest_then_best_scored_becomes_the_entity(nlp: Language) -> None:
    doc = annotated(
        nlp, Mention(11, 17, "A", 1.0), Mention(6, 17, "B", 0.1), Mention(6, 17, "C", 0.2)
    )
    assert ents(doc) == [("lung cancer", "C", "")]


def test_two_mentions_in_one_token(nlp: Language) -> None:
    text = "EGFR+TP53 was seen"
    assert nlp.make_doc(text)[0].text == "EGFR+TP53"
    doc = annotated(nlp, Mention(0, 4, "Gene", 0.5), Mention(5, 9, "Gene", 0.9), text=text)
    assert [span.text for span in doc.spans[KEY]] == ["EGFR+TP53", "EGFR+TP53"]
    assert [(m.start, m.end) for m in doc._.mentions] == [(0, 4), (5, 9)]
    assert ents(doc) == [("EGFR+TP53", "Gene", "")]


def test_mention_without_label_is_no_entity(nlp: Language) -> None:
    doc = annotated(nlp, Mention(0, 4, ""))
    assert [span.label_ for span in doc.spans[KEY]] == [""]
    assert doc.ents == ()


def test_entities_of_others_stay(nlp: Language) -> None:
    doc = nlp.make_doc(TEXT)
    doc.ents = [doc.char_span(6, 10, label="ORGAN", kb_id="x")]
    annotate_doc(doc, Document("", TEXT, (Mention(6, 17, "Disease"), Mention(35, 44, "Chemical"))))
    assert ents(doc) == [("lung", "ORGAN", "x"), ("gefitinib", "Chemical", "")]
    assert [span.text for span in doc.spans[KEY]] == ["lung cancer", "gefitinib"]
    annotate_doc(doc, Document("", TEXT))
    assert ents(doc) == [("lung", "ORGAN", "x")]


def test_span_groups_of_others_stay(nlp: Language) -> None:
    doc = nlp.make_doc(TEXT)
    doc.spans["sc"] = [doc[0:2]]
    annotate_doc(doc, FULL)
    assert [span.text for span in doc.spans["sc"]] == ["EGFR+ lung"]


def test_entity_of_another_gets_the_concept(nlp: Language) -> None:
    doc = nlp.make_doc(TEXT)
    doc.ents = [doc.char_span(6, 17, label="Disease")]
    document = adopt_ents(doc, to_document(doc))
    assert document.mentions == (Mention(6, 17, "Disease", sources=(ENTS_SOURCE,)),)
    linked = replace(
        document, mentions=(replace(document.mentions[0], concept_ids=("MESH:D008175",)),)
    )
    assert ents(annotate_doc(doc, linked)) == [("lung cancer", "Disease", "MESH:D008175")]
    annotate_doc(doc, replace(linked, mentions=()))
    assert ents(doc) == [("lung cancer", "Disease", "MESH:D008175")]


def test_entities_are_not_adopted_once_mentions_are_known(nlp: Language) -> None:
    doc = nlp.make_doc(TEXT)
    doc.ents = [doc.char_span(6, 17, label="Disease", kb_id="x")]
    assert adopt_ents(doc, to_document(doc)).mentions[0].concept_ids == ("x",)
    annotate_doc(doc, Document("", TEXT, abbreviations=FULL.abbreviations))
    assert len(adopt_ents(doc, to_document(doc)).mentions) == 1
    annotate_doc(doc, Document("", TEXT, (Mention(0, 4, "Gene"),)))
    assert adopt_ents(doc, to_document(doc)).mentions == (Mention(0, 4, "Gene"),)
    annotate_doc(doc, Document("", TEXT))
    assert adopt_ents(doc, to_document(doc)).mentions == ()


def test_annotating_again_replaces(nlp: Language) -> None:
    doc = annotate_doc(nlp.make_doc(TEXT), FULL)
    annotate_doc(doc, Document("d", TEXT, (Mention(11, 17, "Disease"),)))
    assert ents(doc) == [("cancer", "Disease", "")]
    assert [span.text for span in doc.spans[KEY]] == ["cancer"]
    assert {token.ent_kb_id_ for token in doc} == {""}
    assert to_document(doc) == Document("d", TEXT, (Mention(11, 17, "Disease"),))


def test_text_of_another_document(nlp: Language) -> None:
    with pytest.raises(
        InputError, match=r"document 'd' \(5 characters\) is not that of the Doc \(45"
    ):
        annotate_doc(nlp.make_doc(TEXT), Document("d", "other"))


@pytest.mark.parametrize(("start", "end"), [(0, 46), (-1, 3), (3, 3), (5, 4), (45, 46)])
def test_mention_outside_the_text(nlp: Language, start: int, end: int) -> None:
    doc = nlp.make_doc(TEXT)
    with pytest.raises(InputError, match=f"The Gene mention {start}-{end} of document 'd'"):
        annotate_doc(doc, Document("d", TEXT, (Mention(start, end, "Gene"),)))
    assert not doc.user_data
    assert KEY not in doc.spans


def test_numpy_scalars_become_plain(nlp: Language) -> None:
    mention = Mention(
        np.int64(0),
        np.int32(4),
        "Gene",
        np.float32(0.5),
        (),
        (Candidate("c", "n", np.float64(0.25)),),
    )  # type: ignore[arg-type]
    doc = annotate_doc(nlp.make_doc(TEXT), Document("d", TEXT, (mention,)))
    back = srsly.msgpack_loads(srsly.msgpack_dumps(doc.user_data[KEY]))
    assert back == doc.user_data[KEY]
    assert type(doc._.mentions[0].score) is float
    assert type(doc._.mentions[0].start) is int


def restored(doc: Doc, how: str) -> Doc:
    if how == "pickle":
        return pickle.loads(pickle.dumps(doc))
    if how == "bytes":
        return Doc(Vocab()).from_bytes(doc.to_bytes())
    if how == "copy":
        return doc.copy()
    data = DocBin(store_user_data=True, docs=[doc]).to_bytes()
    return next(DocBin(store_user_data=True).from_bytes(data).get_docs(Vocab()))


@pytest.mark.parametrize("how", ["pickle", "bytes", "copy", "docbin"])
def test_kept_by(nlp: Language, how: str) -> None:
    doc = annotate_doc(nlp.make_doc(TEXT), FULL)
    again = restored(doc, how)
    assert to_document(again) == FULL
    assert ents(again) == ents(doc)
    spans = [(s.start, s.end, s.label_, s.kb_id_) for s in doc.spans[KEY]]
    assert [(s.start, s.end, s.label_, s.kb_id_) for s in again.spans[KEY]] == spans
    assert list(again.spans[KEY].attrs["scores"]) == doc.spans[KEY].attrs["scores"]
    annotate_doc(again, replace(FULL, mentions=FULL.mentions[:1]))
    assert ents(again) == [("EGFR+", "Gene", "NCBIGene:1956")]


PIECES = st.sampled_from(
    [
        "EGFR",
        "-",
        "p53",
        " ",
        "  ",
        "\n",
        "\t",
        "👩\u200d🔬",
        "e\u0301",
        "α",
        "שלום",
        "(",
        ").",
        "don't",
        "\u00a0",
        "🧬",
        "\x07",
    ]
)
TEXTS = st.lists(PIECES, max_size=14).map("".join)


@st.composite
def documents(draw: st.DrawFn) -> Document:
    text = draw(TEXTS)
    score = st.floats(0, 1)
    name = st.text("abAB:1é", max_size=4)
    spans = st.tuples(st.integers(0, len(text)), st.integers(0, len(text))).map(sorted)
    found = [tuple(s) for s in draw(st.lists(spans, max_size=8)) if s[0] < s[1]]
    mentions = [
        Mention(
            start,
            end,
            draw(st.sampled_from(["Gene", "Disease", ""])),
            draw(score),
            tuple(draw(st.lists(name, max_size=2))),
            tuple(draw(st.lists(st.builds(Candidate, name, name, score), max_size=2))),
            frozenset(draw(st.sets(st.sampled_from(ASSERTIONS)))),
            tuple(draw(st.lists(name, max_size=2))),
            draw(name),
        )
        for start, end in found
    ]
    maybe = st.none() | score
    relation = st.builds(
        Relation,
        name,
        name,
        name,
        score,
        st.none() | st.booleans(),
        maybe,
        st.lists(spans.map(tuple), max_size=2).map(tuple),
    )
    relations = tuple(draw(st.lists(relation, max_size=2)))
    return Document(
        draw(name),
        text,
        tuple(mentions),
        relations,
        abbreviations=draw(st.sampled_from([None, (), FULL.abbreviations])),
        meta=draw(st.dictionaries(name, name, max_size=2)),
        windows=draw(st.integers(0, 3)),
        pairs_left_out=draw(st.integers(0, 3)),
    )


@settings(max_examples=100)
@given(document=documents(), seed=st.integers(0, 9))
def test_any_document(document: Document, seed: int) -> None:
    doc = annotate_doc(NLP.make_doc(document.text), document)
    assert to_document(doc) == document
    assert to_document(restored(doc, "docbin")) == document
    for mention, span in zip(document.mentions, doc.spans[KEY], strict=True):
        assert span.label_ == mention.label
        assert len(span) > 0
        # Covered, but for the space around tokens, in which no Span can start or end.
        outside = (
            document.text[mention.start : span.start_char]
            + document.text[span.end_char : mention.end]
        )
        assert outside.strip(" ") == ""
    taken = [i for ent in doc.ents for i in range(ent.start, ent.end)]
    assert len(taken) == len(set(taken))
    for span in doc.spans[KEY]:
        assert not span.label_ or not set(range(span.start, span.end)).isdisjoint(taken)
    shuffled = list(document.mentions)
    random.Random(seed).shuffle(shuffled)
    other = annotate_doc(NLP.make_doc(document.text), replace(document, mentions=tuple(shuffled)))
    assert [(e.start, e.end, e.label_) for e in other.ents] == [
        (e.start, e.end, e.label_) for e in doc.ents
    ]


@settings(max_examples=100)
@given(document=documents(), data=st.data())
def test_written_bit_by_bit_or_at_once(document: Document, data: st.DataObject) -> None:
    kept = data.draw(st.lists(st.booleans(), min_size=len(document.mentions), max_size=99))
    changes = st.sampled_from([{}, {"assertion": frozenset({"a"})}, {"concept_ids": ("X:1",)}])
    later = replace(
        document,
        mentions=tuple(
            replace(m, **change) if (change := data.draw(changes)) else m
            for m, keep in zip(document.mentions, kept, strict=False)
            if keep
        ),
        relations=data.draw(st.sampled_from([document.relations, (), (Relation("a", "b", "c"),)])),
        abbreviations=data.draw(st.sampled_from([document.abbreviations, ()])),
    )
    step_by_step, at_once = NLP.make_doc(document.text), NLP.make_doc(document.text)
    for version in (document, later):
        update_doc(step_by_step, version, spans_key=KEY, searched=True)
        carried = to_document(step_by_step)
        assert carried == version
        assert carried.mentions is version.mentions  # taken over, not decoded
    update_doc(at_once, later, spans_key=KEY, searched=True)
    assert dict(step_by_step.user_data) == dict(at_once.user_data)
    assert to_document(restored(step_by_step, "bytes")) == later
    assert ents(step_by_step) == ents(at_once)
    spans = [
        [(span.start, span.end, span.label_, span.kb_id_) for span in doc.spans[KEY]]
        for doc in (step_by_step, at_once)
    ]
    assert spans[0] == spans[1]
    assert step_by_step.spans[KEY].attrs == at_once.spans[KEY].attrs
    assert [t.ent_kb_id_ for t in step_by_step] == [t.ent_kb_id_ for t in at_once]


def test_what_another_component_makes_of_the_entities_stays(nlp: Language) -> None:
    doc = nlp.make_doc(TEXT)
    update_doc(doc, FULL, spans_key=KEY)
    doc.ents = [doc.char_span(6, 10, label="ORGAN")]
    denied = replace(FULL.mentions[0], assertion=frozenset({"negated"}))
    update_doc(doc, replace(FULL, mentions=(denied, *FULL.mentions[1:])), spans_key=KEY)
    assert ents(doc) == [("lung", "ORGAN", "")]
    assert doc._.mentions[0].assertion == {"negated"}
    assert doc.spans[KEY][0]._.negated
    update_doc(doc, replace(FULL, mentions=FULL.mentions[:3]), spans_key=KEY)
    beside = ("cancer", "Disease", "")
    assert ents(doc) == [("EGFR+", "Gene", "NCBIGene:1956"), ("lung", "ORGAN", ""), beside]


def test_a_record_that_somebody_changed_is_read_anew(nlp: Language) -> None:
    doc = nlp.make_doc(TEXT)
    update_doc(doc, FULL, spans_key=KEY)
    doc.user_data[KEY]["mentions"] = doc.user_data[KEY]["mentions"][:1]
    assert to_document(doc).mentions == FULL.mentions[:1]
    update_doc(doc, replace(FULL, mentions=FULL.mentions[2:]), spans_key=KEY)
    assert [span.text for span in doc.spans[KEY]] == ["cancer", "gefitinib"]
    assert ents(doc) == [("cancer", "Disease", ""), ("gefitinib", "Chemical", "")]
