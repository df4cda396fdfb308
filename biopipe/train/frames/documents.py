"""Documents of filled frames: notes, abstracts, lists, tables, captions, with gold by
construction.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random

from biopipe.document import Document, Mention, Passage
from biopipe.errors import ConfigError
from biopipe.io.codecs import jsonl, pubtator
from biopipe.train.frames.fill import FrameFiller, Piece, pieces_text
from biopipe.train.frames.names import SlotNames
from biopipe.train.frames.noise import NOISE, check_noise, make_noise, upper_case
from biopipe.train.frames.text_kinds import Frame, TextKind

__all__ = ["FrameTexts", "write_frame_documents"]

_MOST_FRAMES = 6
_TITLED, _ENDED, _IN_ONE_LINE = 0.6, 0.25, 0.3
_STOPS = (".", ":", ";", "?", "!")


@dataclass(frozen=True, slots=True)
class FrameTexts:
    """Makes documents of kinds of text, names for their slots, values, and shares of noise;
    `labels` as in `FrameFiller`.
    """

    kinds: Sequence[TextKind]
    names: Mapping[str, SlotNames]
    values: Mapping[str, Sequence[str]]
    noise: Mapping[str, float] = field(default_factory=lambda: dict(NOISE))
    labels: Mapping[str, str] = field(default_factory=dict)

    def documents(self, count: int, *, seed: int = 0) -> Iterator[Document]:
        """`count` documents; equal seeds give equal ones, and more documents begin with the same
        ones.
        """
        check_noise(self.noise)
        for number in range(count):
            # A generator of its own for each, so that more documents begin with the same ones.
            yield self.document(f"frames-{seed}-{number}", Random(f"{seed} {number}"))

    def document(self, document_id: str, random: Random) -> Document:
        """One to six frames of a genre, between a first and a last one where it has such."""
        of_genre = self._genre(random)
        frames = _drawn_frames(of_genre, random)
        filler = FrameFiller(self.names, self.values, random, self.labels)
        in_one_line = random.random() < _IN_ONE_LINE
        pieces: list[Piece] = []
        title_end = 0
        before: TextKind | None = None
        for kind, frame in frames:
            filled = filler.fill(frame, sentences=kind.join == "sentence")
            filled = upper_case(filled) if kind.case == "upper" else filled
            filled = make_noise(filled, self.noise, random)
            if before is not None:
                pieces.append(Piece(_separator(before, kind, pieces, in_one_line=in_one_line)))
            pieces += filled
            if kind.place == "first":
                title_end = len(pieces_text(pieces))
            before = kind
        return _document(document_id, pieces, title_end)

    def _genre(self, random: Random) -> list[TextKind]:
        """The kinds of a genre; one with more frames comes more often."""
        frames: Counter[str] = Counter()
        for kind in self.kinds:
            frames[kind.genre] += len(kind.frames)
        # In proportion to its frames: else those of a small genre would come again and again.
        (genre,) = random.choices(list(frames), list(frames.values()))
        return [kind for kind in self.kinds if kind.genre == genre]


def write_frame_documents(
    texts: FrameTexts, output: Path, count: int, *, seed: int, log: Callable[[str], None]
) -> int:
    """Write documents as JSON lines where `output` is so called, else as PubTator, where a line
    break becomes a space; returns how many.

    ConfigError for a `count` below 1.
    """
    if count < 1:
        raise ConfigError(f"{count} documents cannot be written; give 1 or more.")
    documents = list(texts.documents(count, seed=seed))
    names = Counter(mention.label for document in documents for mention in document.mentions)
    log(
        f"{count} documents, mentions: "
        + ", ".join(f"{label} {number}" for label, number in names.most_common())
    )
    if output.name.removesuffix(".gz").endswith(".jsonl"):
        return jsonl.write(documents, output)
    return pubtator.write((_without_breaks(document) for document in documents), output)


def _drawn_frames(kinds: Sequence[TextKind], random: Random) -> list[tuple[TextKind, Frame]]:
    """Frames of a document in their order, none of them twice."""
    placed = {
        place: [(kind, frame) for kind in kinds if kind.place == place for frame in kind.frames]
        for place in ("first", "any", "last")
    }
    number = min(random.randint(1, _MOST_FRAMES), len(placed["any"]))
    frames = random.sample(placed["any"], number)
    if placed["first"] and random.random() < _TITLED:
        frames.insert(0, random.choice(placed["first"]))
    if placed["last"] and random.random() < _ENDED:
        frames.append(random.choice(placed["last"]))
    return frames


def _separator(
    before: TextKind, kind: TextKind, pieces: Sequence[Piece], *, in_one_line: bool
) -> str:
    """What stands between two frames. Lines that are run together end with a full stop."""
    if before.place == "first" or (before.join == kind.join == "sentence"):
        return " "
    if in_one_line and "\n" not in pieces_text(pieces):
        return " " if pieces_text(pieces).endswith(_STOPS) else ". "
    return "\n"


def _document(document_id: str, pieces: Sequence[Piece], title_end: int) -> Document:
    text, mentions = "", []
    for piece in pieces:
        if piece.name is not None:
            span = len(text), len(text) + len(piece.text)
            mentions.append(Mention(*span, piece.name.label, concept_ids=piece.name.concept_ids))
        text += piece.text
    first = title_end or len(text.partition("\n")[0])
    passages = [Passage("title", 0, first)]
    if first < len(text):
        passages.append(Passage("abstract", first + 1, len(text)))
    return Document(document_id, text, tuple(mentions), passages=tuple(passages))


def _without_breaks(document: Document) -> Document:
    # As many characters as before: offsets stay.
    return replace(document, text=document.text.replace("\n", " "))
