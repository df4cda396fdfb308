"""spaCy's DocBin, the file that `spacy train` reads: Docs with everything that biopipe knows of
them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import spacy
from spacy.tokens import Doc, DocBin

from biopipe.components.document import adopt_ents, annotate_doc, to_document
from biopipe.document import Document, Mention
from biopipe.document.plain import KEY
from biopipe.io.codecs.text import name_id
from biopipe.io.format_types import Format, ReadOptions
from biopipe.io.formats import DOCBIN_NAME, FORMATS
from biopipe.io.losses import EVERYTHING, Losses
from biopipe.io.rows import OnPartError, RowError, build_documents, report_error
from biopipe.io.streams import check_regular_file, replacing

__all__ = ["DOCBIN", "all_formats", "read", "write"]

_SPANS_SOURCE = "doc.spans"


def read(path: Path, options: ReadOptions) -> Iterator[Document]:
    """The documents of the Docs of a DocBin, which is read whole.

    A Doc of another program has its entities, or where it has none its groups of spans, as mentions,
    and an id from the name of the file and its place.
    """
    check_regular_file(path)
    # Any vocabulary will do: a DocBin brings its own strings.
    vocab = spacy.blank("en").vocab
    try:
        stored = DocBin().from_bytes(path.read_bytes())
        docs = stored.get_docs(vocab)
        stem = name_id(path).removesuffix(".spacy")
    except Exception as error:  # zlib has errors of its own, and no shape of bytes ends a run
        why = f"the file is no DocBin of spaCy ({type(error).__name__})"
        report_error(RowError(str(path), 0, "", why), options.on_error)
        return

    def build(numbered: tuple[int, Doc], on_part_error: OnPartError) -> Document:
        number, doc = numbered
        if KEY in doc.user_data:
            document = to_document(doc)
            return document if document.id else to_document(doc, f"{stem}-{number}")
        return _with_spans(doc, adopt_ents(doc, Document(f"{stem}-{number}", doc.text)))

    yield from build_documents(str(path), enumerate(docs, 1), build, options.on_error)


def _with_spans(doc: Doc, document: Document) -> Document:
    """The document with all groups of spans of the Doc as its mentions, where it has none yet."""
    if document.mentions:
        return document
    spans = sorted(
        {(s.start_char, s.end_char, s.label_) for group in doc.spans.values() for s in group}
    )
    mentions = tuple(Mention(*span, sources=(_SPANS_SOURCE,)) for span in spans)
    return replace(document, mentions=mentions)


def write(documents: Iterable[Document], path: Path, losses: Losses | None = None) -> int:
    """Write a DocBin of Docs with their mentions as spans and entities and the rest as user data.

    All of it is in memory until it is written.
    """
    nlp = spacy.blank("en")
    stored = DocBin(store_user_data=True)
    for document in documents:
        # A mention of no characters covers no token.
        mentions = tuple(mention for mention in document.mentions if mention.start < mention.end)
        if losses is not None:
            losses.add("mentions of no words", len(document.mentions) - len(mentions))
        document = replace(document, mentions=mentions)
        stored.add(annotate_doc(nlp.make_doc(document.text), document))
    with replacing(path) as stream:
        stream.write(stored.to_bytes())
    return len(stored)


DOCBIN = Format("spaCy DocBin", (".spacy",), read, write, EVERYTHING, "mentions of no characters")


def all_formats() -> Mapping[str, Format]:
    """The formats of `biopipe.io` and the DocBin, which needs spaCy."""
    return {**FORMATS, DOCBIN_NAME: DOCBIN}
