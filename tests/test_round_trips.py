"""Every format that is written: what it can hold comes back equal, and what it cannot is counted."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from biopipe.components.docbin import all_formats
from biopipe.document import Document, Mention, Passage, Relation
from biopipe.document.fields import DOCUMENT_FIELDS, MENTION_FIELDS, RELATION_FIELDS, FieldTable
from biopipe.document.labels import ASSERTIONS, ENTITY_LABELS
from biopipe.io.formats import read, write
from biopipe.io.losses import HeldFields

FORMATS = all_formats()
WRITTEN = sorted(name for name, format in FORMATS.items() if format.write)
FILES = {"brat": "folder", "parquet": "a.parquet", "docbin": "a.spacy"}

# Of several scripts, beyond the Basic Multilingual Plane, and with the signs that files escape.
WORDS = (
    "IL-6",
    "β-catenin",
    "🧬",
    "<&>",
    '"q"',
    "𝛼-synuclein",
    "goitre",
    "糖尿病",
    "#1",
    "a|b",
    "\\n",
)
GAPS = (" ", "  ", "\n", "\r\n", "\r", "\t", "\u2028", "\x0c", "")
NESTED = "mentions nested in others or overlapping them"
IDS = ("MESH:D006042", "NCBIGene:6528", "OMIM:143100", "UMLS:C0011860")
# A column of ids that are joined divides them at signs which these hold.
VARIANTS = ("dbSNP:rs7", "p|SUB|R|140|Q", "")
SCORES = st.sampled_from([1.0, 0.5, 0.0, 0.123456789, 1e-7])


@st.composite
def documents(draw: st.DrawFn) -> Document:
    """Words with mentions of one or several, which may overlap, with relations between the concepts
    that mentions name first, and with a title and an abstract or without."""
    text, spans = "", []
    for word in draw(st.lists(st.sampled_from(WORDS), max_size=8)):
        text += draw(st.sampled_from(GAPS)) if text else ""
        spans.append((len(text), len(text) + len(word)))
        text += word
    mentions = tuple(draw(st.lists(mention_of(spans), max_size=5))) if spans else ()
    concepts = sorted({mention.concept_ids[0] for mention in mentions if mention.concept_ids})
    relations = draw(st.lists(relation_of(concepts), max_size=3)) if len(concepts) > 1 else []
    names = st.sampled_from(["date", "journal", "odd"])
    return Document(
        draw(st.sampled_from(["1", "PMID 7", "é/ü", "🧬", "a%20b", "x.txt", "..", "a:b"])),
        text,
        mentions,
        tuple({(r.head, r.tail, r.label): r for r in relations}.values()),
        draw(st.sampled_from([(), title_and_abstract(text)])),
        meta=draw(st.dictionaries(names, st.sampled_from(["2020", "J. Chem."]))),
    )


@st.composite
def mention_of(draw: st.DrawFn, spans: list[tuple[int, int]]) -> Mention:
    first = draw(st.integers(0, len(spans) - 1))
    last = draw(st.integers(first, min(first + 2, len(spans) - 1)))
    return Mention(
        spans[first][0],
        spans[last][1],
        draw(st.sampled_from(ENTITY_LABELS)),
        draw(SCORES),
        draw(
            st.lists(st.sampled_from(IDS), max_size=2, unique=True).map(tuple)
            | st.sampled_from(VARIANTS).map(lambda variant: (variant,) if variant else ())
        ),
        assertion=draw(st.frozensets(st.sampled_from(ASSERTIONS), max_size=2)),
        sources=draw(st.sampled_from([(), ("model",)])),
    )


@st.composite
def relation_of(draw: st.DrawFn, concepts: list[str]) -> Relation:
    head, tail = draw(st.permutations(concepts))[:2]
    label = draw(st.sampled_from(["Association", "Negative_Correlation"]))
    novel = draw(st.sampled_from([None, True, False]))
    # PubTator has one direction a pair.
    subject = {0: None, 1: min(head, tail), 2: max(head, tail)}[(len(head) + len(tail)) % 3]
    return Relation(head, tail, label, draw(SCORES), novel, subject=subject)


def title_and_abstract(text: str) -> tuple[Passage, ...]:
    place = text.find(" ")
    if place <= 0 or place + 1 >= len(text):
        return ()
    return Passage("title", 0, place), Passage("abstract", place + 1, len(text))


def held_part(document: Document, held: HeldFields) -> Document:
    """The document with the fields that a format holds, the others at their defaults."""
    mentions = tuple(_reset(m, MENTION_FIELDS, held.mention) for m in document.mentions)
    relations = tuple(_reset(r, RELATION_FIELDS, held.relation) for r in document.relations)
    whole = replace(document, mentions=mentions, relations=relations)
    reset: Document = _reset(whole, DOCUMENT_FIELDS, held.document)
    return reset


def _reset(record: Any, table: FieldTable[Any], held: frozenset[str]) -> Any:
    lost = {field.name: field.default for field in table.fields if field.name not in held}
    return replace(record, **lost)


def expected(name: str, document: Document) -> Document:
    """What comes back of a document, as the page on formats says it."""
    kept = held_part(document, FORMATS[name].held)
    whole = Passage("passage", 0, len(kept.text))
    if name == "pubtator":
        text = kept.text.replace("\n", " ").replace("\r", " ")
        untitled = (Passage("title", 0, len(text)),)
        return replace(kept, text=text, passages=kept.passages or untitled)
    if name in ("bioc", "xml", "biocjson"):
        text = kept.text if name == "biocjson" else kept.text.replace("\x0c", " ")
        meta = {key: value for key, value in kept.meta.items() if key != "odd"}
        passages = kept.passages or ((whole,) if kept.text else ())
        # Annotations stand with their passages.
        order = sorted(kept.mentions, key=lambda m: sum(p.start <= m.start for p in passages))
        return replace(kept, text=text, meta=meta, passages=passages, mentions=tuple(order))
    if name == "labelstudio":
        return replace(
            kept, mentions=tuple(replace(m, sources=("biopipe",)) for m in kept.mentions)
        )
    return kept


@pytest.mark.parametrize("name", sorted(set(WRITTEN) - {"conll"}))
@settings(max_examples=40)
@given(document=documents(), packed=st.booleans())
def test_what_a_format_holds_comes_back_equal(
    tmp_path_factory: pytest.TempPathFactory, name: str, document: Document, packed: bool
) -> None:
    path = tmp_path_factory.mktemp("round") / FILES.get(name, "a.gz" if packed else "a")
    written = write([document], path, format=name, formats=FORMATS)
    assert written.documents == 1
    back = list(read(path, format=name, formats=FORMATS))
    assert back == [expected(name, document)]
    if not written.losses and name != "labelstudio":
        same = back[0] if document.passages else replace(back[0], passages=())
        assert set(same.mentions) == set(document.mentions)
        assert replace(same, mentions=document.mentions) == document
    if held_part(document, FORMATS[name].held) != document:
        assert written.losses


@settings(max_examples=40)
@given(document=documents(), packed=st.booleans())
def test_conll_holds_the_mentions_that_do_not_overlap(
    tmp_path_factory: pytest.TempPathFactory, document: Document, packed: bool
) -> None:
    path = tmp_path_factory.mktemp("round") / ("a.conll.gz" if packed else "a.conll")
    written = write([document], path)
    (back,) = read(path)
    assert (back.id, back.text) == (document.id, document.text)
    given_mentions = [(m.start, m.end, m.label) for m in document.mentions]
    kept = [(m.start, m.end, m.label) for m in back.mentions]
    assert kept == sorted(kept)
    assert all(mention in given_mentions for mention in kept)
    assert all(one[1] <= other[0] for one, other in pairwise(kept))
    assert len(kept) + written.losses.counts[NESTED] == len(given_mentions)


@pytest.mark.parametrize("name", WRITTEN)
def test_several_documents_and_none(tmp_path: Path, name: str) -> None:
    path = tmp_path / FILES.get(name, "a")
    several = [Document(str(number), f"text {number}") for number in range(3)]
    assert write(several, path, format=name, formats=FORMATS).documents == 3
    back = list(read(path, format=name, formats=FORMATS))
    assert [(document.id, document.text) for document in back] == [
        (document.id, document.text) for document in several
    ]
    assert write([], path, format=name, formats=FORMATS).documents == 0


@pytest.mark.parametrize("name", WRITTEN)
def test_the_same_documents_give_the_same_bytes(tmp_path: Path, name: str) -> None:
    document = Document("1", "IL-6", (Mention(0, 4, "Gene", 0.5, ("NCBIGene:3569",)),))
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        path = tmp_path / folder / FILES.get(name, "a.gz")
        write([document], path, format=name, formats=FORMATS)
    contents = [
        {file.name: file.read_bytes() for file in (tmp_path / folder).rglob("*") if file.is_file()}
        for folder in ("one", "two")
    ]
    assert contents[0] == contents[1]
