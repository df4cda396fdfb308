"""Files of frames: one kind of text a file, one frame a line."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from importlib.resources import as_file, files
from pathlib import Path

from biopipe.errors import ConfigError
from biopipe.train.frames.grammar import FrameSyntaxError, Node, Slot, parse_frame

__all__ = [
    "Frame",
    "TextKind",
    "read_text_kinds",
    "shipped_text_kinds",
    "slots_of",
    "without_names",
]

JOINS = ("line", "sentence")
PLACES = ("first", "any", "last")
CASES = ("written", "upper")


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame of a file, with its text as it is written there."""

    nodes: tuple[Node, ...]
    text: str
    line: int


@dataclass(frozen=True, slots=True)
class TextKind:
    """The frames of a file, and how they stand in documents.

    Documents are made of kinds of one `genre`. `join` is "line" where each frame has a line of its
    own, or "sentence" where they follow one another and begin with a capital letter. `place` is
    "first" for titles, "last" for what ends a document, else "any". With `case` "upper" frames are
    put into capital letters when they are filled.
    """

    name: str
    genre: str
    join: str = "line"
    place: str = "any"
    case: str = "written"
    frames: tuple[Frame, ...] = ()


def shipped_text_kinds(*, slots: Collection[str], values: Collection[str]) -> list[TextKind]:
    """The kinds of text that come with biopipe."""
    with as_file(files("biopipe.train.frames") / "kinds") as folder:
        return read_text_kinds(folder, slots=slots, values=values)


def read_text_kinds(
    folder: Path, *, slots: Collection[str], values: Collection[str]
) -> list[TextKind]:
    """The kinds of text in a folder's .txt files, in alphabetical order.

    Lines that begin with "#" are comments, those with "@" say how the kind is used: `@genre note`,
    `@join sentence`, `@place first`. ConfigError names file and line of what cannot be used.
    """
    paths = sorted(folder.glob("*.txt"))
    if not paths:
        raise ConfigError(f"The folder of frames {folder} holds no .txt file; name one that does.")
    kinds = [_read(path, slots, values) for path in paths]
    for genre in {kind.genre for kind in kinds}:
        # A document has one frame at least between its title and its end.
        if all(kind.place != "any" for kind in kinds if kind.genre == genre):
            raise ConfigError(
                f"The genre '{genre}' of the frames in {folder} has no kind whose place is 'any'; "
                "give it one."
            )
    return kinds


def _read(path: Path, slots: Collection[str], values: Collection[str]) -> TextKind:
    kind, frames = TextKind(path.stem, path.stem), list[Frame]()
    for number, line in enumerate(_lines(path), 1):
        try:
            if line.startswith("@"):
                kind = _directed(kind, line)
            elif line.strip() and not line.startswith("#"):
                frames.append(Frame(parse_frame(line, slots=slots, values=values), line, number))
        except FrameSyntaxError as error:
            raise ConfigError(f"{path}, line {number}: {error}; mend the frame.") from error
    if not frames:
        raise ConfigError(f"The file {path} holds no frame; write one a line or remove it.")
    return replace(kind, frames=tuple(frames))


def _lines(path: Path) -> Sequence[str]:
    try:
        # Not splitlines: editors count line breaks alone, and errors name their lines.
        return path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"The file of frames {path} cannot be read ({error}).") from error


def _directed(kind: TextKind, line: str) -> TextKind:
    """The kind as a line such as `@join sentence` has it."""
    word, _, value = line[1:].strip().partition(" ")
    if word == "genre" and value:
        return replace(kind, genre=value)
    if word == "join" and value in JOINS:
        return replace(kind, join=value)
    if word == "place" and value in PLACES:
        return replace(kind, place=value)
    if word == "case" and value in CASES:
        return replace(kind, case=value)
    raise FrameSyntaxError(
        f"'{line}' is not one of '@genre NAME', '@join {'|'.join(JOINS)}', "
        f"'@place {'|'.join(PLACES)}', '@case {'|'.join(CASES)}'"
    )


def slots_of(nodes: Sequence[Node]) -> set[Slot]:
    """All slots that nodes hold."""
    slots: set[Slot] = set()
    for node in nodes:
        if isinstance(node, Slot):
            slots.add(node)
        elif not isinstance(node, str):
            slots.update(*(slots_of(part) for part in node.parts))
    return slots


def without_names(kinds: Sequence[TextKind], left_out: Collection[str]) -> list[TextKind]:
    """The kinds without the frames that hold one of these names themselves, in any case of
    letters; ConfigError where none is left of a kind.
    """
    folded = {name.casefold() for name in left_out}
    kept = []
    for kind in kinds:
        frames = tuple(
            frame
            for frame in kind.frames
            if folded.isdisjoint(slot.text.casefold() for slot in slots_of(frame.nodes))
        )
        if not frames:
            raise ConfigError(
                f"All frames of the kind '{kind.name}' hold names that are left out; leave fewer out."
            )
        kept.append(replace(kind, frames=frames))
    return kept
