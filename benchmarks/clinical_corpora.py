"""The corpora of the clinical tagger as PubTator files of its labels.

    python benchmarks/clinical_corpora.py FOLDER

Writes FOLDER/maccrobat, FOLDER/phee and FOLDER/leaf, each with train.pubtator, and texts without
gold for teachers to answer: FOLDER/e3c (case reports) and FOLDER/own-notes (notes and vignettes).
MACCROBAT's holds passages of some sentences, on which training is twice as fast; reports.pubtator
beside it holds whole reports, which a tagger reads when it is scored. `clinical_labels.tsv` says
which types become which labels, and why. Of a mention in several parts (brat), the stretch from its
first character to its last teaches nothing.
"""

import argparse
import gzip
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

from record import PROJECT

from biopipe.document import Document, Mention, Passage
from biopipe.io.codecs import pubtator

__all__ = ["label_map", "maccrobat", "passages", "write_corpora"]

IN_PARTS = "InParts"
PASSAGE_CHARACTERS = 800  # some 200 tokens
_ENTITY = re.compile(r"T\d+\t(\S+) ([\d ;]+)\t")
_TEXTS = {
    "e3c": ("case-reports-e3c-english",),
    "own-notes": (
        "clinical-note-sections-mts-dialog",
        "clinical-notes-aci-bench",
        "clinical-notes-primock57",
        "clinical-vignettes-medec",
    ),
}
_FILES = {"phee": "phee-pharmacovigilance.jsonl.gz", "leaf": "leaf-clinical-trials.jsonl.gz"}


def label_map(corpus: str) -> dict[str, str]:
    """By type of `corpus` the label that its mentions are written with."""
    labels = {}
    table = (PROJECT / "benchmarks" / "clinical_labels.tsv").read_text(encoding="utf-8")
    for line in table.splitlines():
        if line and not line.startswith("#"):
            name, type_, label, _ = line.split("\t")
            if name == corpus and label != "-":
                labels[type_] = type_ if label == "?" else label
    return labels


def maccrobat(folder: Path) -> Iterator[Document]:
    """The case reports of a folder of brat files (.txt and .ann), in order of their ids."""
    labels = label_map("maccrobat")
    for path in sorted(folder.glob("*.txt")):
        text = path.read_text(encoding="utf-8")
        rows = path.with_suffix(".ann").read_text(encoding="utf-8").splitlines()
        entities = [match for row in rows if (match := _ENTITY.match(row))]
        spans = [
            (*_envelope(match[2]), IN_PARTS if ";" in match[2] else labels[match[1]])
            for match in entities
            if match[1] in labels
        ]
        yield _document(path.stem, text.rstrip(), spans)


def _envelope(places: str) -> tuple[int, int]:
    numbers = [int(number) for number in re.findall(r"\d+", places)]
    return min(numbers), max(numbers)


def _records(path: Path, corpus: str) -> Iterator[Document]:
    labels = label_map(corpus)
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            record = json.loads(line)
            spans = [(e[0], e[1], labels[e[2]]) for e in record["entities"] if e[2] in labels]
            yield _document(f"{corpus}-{record['id']}", record["text"].rstrip(), spans)


def _texts(folder: Path, names: tuple[str, ...]) -> Iterator[Document]:
    """Passages of the texts of some files, without mentions."""
    for name in names:
        with gzip.open(folder / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
            for line in lines:
                record = json.loads(line)
                whole = _document(record["id"].replace(":", "-"), record["text"].rstrip(), [])
                yield from (passage for passage in passages(whole) if passage.text.strip())


def _document(id_: str, text: str, spans: list[tuple[int, int, str]]) -> Document:
    """Line breaks become spaces, so that offsets stay; spans lose the spaces at their ends."""
    one_line = re.sub(r"[\n\r\t]", " ", text)
    mentions = []
    for start, end, label in sorted(set(spans)):
        surface = one_line[start:end]
        start += len(surface) - len(surface.lstrip())
        mentions.append(Mention(start, start + len(surface.strip()), label))
    title = len(text.partition("\n")[0])
    passages = [Passage("title", 0, title)]
    if title < len(text):
        passages.append(Passage("abstract", title + 1, len(text)))
    return Document(id_, one_line, tuple(mentions), passages=tuple(passages))


def passages(document: Document) -> Iterator[Document]:
    """Stretches of about `PASSAGE_CHARACTERS` that end where a sentence does and cut no mention."""
    ends = [
        match.end()
        for match in re.finditer(r"[.?!)] +(?=[A-Z])", document.text)
        if not any(m.start < match.end() < m.end for m in document.mentions)
    ]
    start = 0
    for end in [*ends, len(document.text)]:
        following = next((e for e in ends if e > end), len(document.text))
        if end == len(document.text) or following - start > PASSAGE_CHARACTERS:
            yield _stretch(document, start, end)
            start = end


def _stretch(document: Document, start: int, end: int) -> Document:
    text = document.text[start:end].rstrip()
    inside = [m for m in document.mentions if start <= m.start and m.end <= start + len(text)]
    mentions = tuple(Mention(m.start - start, m.end - start, m.label) for m in inside)
    title = Passage("title", 0, len(text))
    return Document(f"{document.id}-{start}", text, mentions, passages=[title])


def write_corpora(data: Path, folder: Path) -> dict[str, int]:
    """Write all of them; how many documents each has."""
    corpora = {"maccrobat": list(maccrobat(data / "corpora" / "maccrobat"))}
    for corpus, file in _FILES.items():
        corpora[corpus] = list(_records(data / "gold" / file, corpus))
    for corpus, names in _TEXTS.items():
        corpora[corpus] = list(_texts(data / "text-clinical", names))
    for corpus, documents in corpora.items():
        (folder / corpus).mkdir(parents=True, exist_ok=True)
        if corpus == "maccrobat":
            pubtator.write(documents, folder / corpus / "reports.pubtator")
            documents = [passage for document in documents for passage in passages(document)]
        pubtator.write(documents, folder / corpus / "train.pubtator")
    return {corpus: len(documents) for corpus, documents in corpora.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    data = os.environ.get("BIOPIPE_DATA") or PROJECT.parent / "shared" / "data"
    parser.add_argument("--data", type=Path, default=Path(data), help="corpora and texts")
    arguments = parser.parse_args()
    print(write_corpora(arguments.data, arguments.folder))


if __name__ == "__main__":
    main()
