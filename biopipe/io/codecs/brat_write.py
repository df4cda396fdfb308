"""Documents as a folder of brat: a text and its annotations for each."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import quote

from biopipe.document import Document
from biopipe.document.unicode import check_text
from biopipe.errors import InputError, OutputError
from biopipe.io.atomic import atomic_folder
from biopipe.io.losses import HeldFields, Losses
from biopipe.io.relation_ends import mentions_of_ends

__all__ = ["HELD_FIELDS", "write"]

HELD_FIELDS = HeldFields.of(
    "id text mentions relations", "start end label concept_ids assertion", "head tail label"
)

# File systems take 255 bytes, of which the ending and a copy's suffix need some.
_MOST_NAME_BYTES = 240
_LINE_END = re.compile(r"[\r\n]+")
_NOT_IN_A_COLUMN = re.compile(r"[\t\r\n]")
_NOT_A_TYPE = re.compile(r"\s")


def write(documents: Iterable[Document], path: Path, losses: Losses | None = None) -> int:
    """Write a folder with `ID.txt` and `ID.ann` for each document; what an id has that a file name
    cannot is percent-encoded.

    Relations go between the mentions of their concepts that are nearest to each other. InputError
    where two documents have one id or an id is too long for a file name, OutputError where `path`
    holds other files.
    """
    # The folder is replaced as a whole, so nothing else may be lost with it.
    _check_target(path)
    count = 0
    counted = Losses() if losses is None else losses
    names: set[str] = set()
    try:
        with atomic_folder(path) as folder:
            for document in documents:
                name = _file_name(document, names)
                check_text(document.text, f"The text of document '{document.id}'")
                lines = "".join(f"{line}\n" for line in _lines(document, counted))
                # Bytes, so that no line end is translated and offsets hold.
                (folder / f"{name}.txt").write_bytes(document.text.encode("utf-8"))
                (folder / f"{name}.ann").write_bytes(lines.encode("utf-8"))
                count += 1
    except OSError as error:
        raise OutputError(
            f"The folder {path} cannot be written: {error.strerror or error}."
        ) from error
    return count


def _check_target(path: Path) -> None:
    if path.exists() and not path.is_dir():
        raise OutputError(f"The output {path} is a file; brat is a folder, so give one.")
    if path.is_dir() and any(not entry.name.endswith((".txt", ".ann")) for entry in path.iterdir()):
        raise OutputError(
            f"The folder {path} holds other files than texts and annotations of brat; choose "
            "another folder."
        )


def _file_name(document: Document, names: set[str]) -> str:
    name = quote(document.id, safe=" !#$&'()+,;=@[]^{}~").replace("~", "%7E")
    # A leading dot would hide the file from brat and from the reader.
    name = f"%2E{name[1:]}" if name.startswith(".") else name
    if len(name) > _MOST_NAME_BYTES:
        raise InputError(
            f"The id '{document.id[:60]}...' is too long for a file name; give shorter ids, or "
            "another format."
        )
    # Some file systems do not tell capitals from small letters.
    if name.casefold() in names:
        raise InputError(
            f"Two documents have the id '{document.id}' (capitals apart), which names a file in "
            "brat; make ids unique."
        )
    names.add(name.casefold())
    return name


def _lines(document: Document, losses: Losses) -> Iterator[str]:
    normalised = asserted = 0
    written: dict[int, str] = {}
    for index, mention in enumerate(document.mentions):
        words = document.text[mention.start : mention.end]
        if not words.strip():
            losses.add("mentions of no words")
            continue
        written[index] = name = f"T{index + 1}"
        label = _NOT_A_TYPE.sub("_", mention.label) or "_"
        losses.add("labels with blanks, written with _", int(label != mention.label))
        spans = list(_line_spans(words, mention.start))
        losses.add(
            "mentions whose edges are line ends, written without them",
            int((spans[0][0], spans[-1][1]) != (mention.start, mention.end)),
        )
        places = ";".join(f"{start} {end}" for start, end in spans)
        yield f"{name}\t{label} {places}\t{_LINE_END.sub(' ', words).strip()}"
        for concept_id in mention.concept_ids:
            if _NOT_IN_A_COLUMN.search(concept_id):
                losses.add("concept ids with tabs or line ends")
                continue
            normalised += 1
            yield f"N{normalised}\tReference {name} {concept_id}\t{_LINE_END.sub(' ', words)}"
        for assertion in sorted(mention.assertion):
            asserted += 1
            yield f"A{asserted}\t{assertion.capitalize()} {name}"
    for number, (relation, ends) in enumerate(
        zip(document.relations, mentions_of_ends(document), strict=True), 1
    ):
        if ends is None or not all(end in written for end in ends):
            losses.add("relations whose ends are no mentions")
            continue
        label = _NOT_A_TYPE.sub("_", relation.label) or "_"
        yield f"R{number}\t{label} Arg1:{written[ends[0]]} Arg2:{written[ends[1]]}"


def _line_spans(words: str, start: int) -> Iterator[tuple[int, int]]:
    """The spans of a mention on its lines: brat shows a text line by line."""
    for line in re.finditer(r"[^\r\n]+", words):
        if line[0].strip() or line[0] == words:
            yield start + line.start(), start + line.end()
