"""Tag sets of token classifiers, BIO, IO or BIOES, whatever case, order or separator a checkpoint
wrote them in.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from biopipe.errors import ModelError

__all__ = ["TagSet", "bio_tags", "renamed_tags"]

# B and I of BIO; S (or U) is a mention of one word, E (or L) a mention's last word.
_PARTS = {"B": "B", "I": "I", "S": "S", "U": "S", "E": "E", "L": "E"}
_BEFORE = re.compile(r"(?P<part>[BIESUL])[-_](?P<label>.+)", re.IGNORECASE)
_AFTER = re.compile(r"(?P<label>.+)[-_](?P<part>[BIESUL])", re.IGNORECASE)

# Tags of pieces that are not the first of a word, and of special tokens, in older checkpoints.
_NO_TAGS = {"x", "pad", "[pad]", "<pad>", "[cls]", "[sep]"}


def bio_tags(labels: Sequence[str]) -> list[str]:
    """The tags of a BIO classifier over entity `labels`: O, B-x, I-x, ..."""
    return ["O", *(f"{prefix}-{label}" for label in labels for prefix in "BI")]


def renamed_tags(tags: Sequence[str], labels: Mapping[str, str]) -> list[str]:
    """The tags with other names for their labels, whatever case these are written in; ModelError
    for a label that no tag has.

        renamed_tags(["O", "B-CHEM", "I-CHEM"], {"chem": "Chemical"})  # O, B-Chemical, I-Chemical
    """
    wanted = {old.casefold(): new for old, new in labels.items()}
    style = _AFTER if not any(_BEFORE.fullmatch(tag) for tag in tags) else _BEFORE
    own: dict[str, str] = {}
    renamed = []
    for tag in tags:
        match = style.fullmatch(tag)
        label = match["label"] if match else tag
        own.setdefault(label.casefold(), label)
        new = wanted.get(label.casefold(), label)
        renamed.append(new if match is None else _with_label(tag, match, new))
    if unknown := [old for old in labels if old.casefold() not in own]:
        raise ModelError(
            f"No tag has the label '{unknown[0]}'; the labels are: "
            f"{', '.join(label for label in own.values() if label.upper() != 'O')}."
        )
    return renamed


def _with_label(tag: str, match: re.Match[str], label: str) -> str:
    return tag[: match.start("label")] + label + tag[match.end("label") :]


@dataclass(frozen=True, slots=True)
class TagSet:
    """Columns of a classifier's output, by meaning: `outside`, and for each entity label its B and
    I column.

    A label without B has its I column twice: adjacent words of an IO tagger are one mention. One
    without I has its B column twice: each word is a mention. `joined` are columns whose probability
    belongs to another: (S, B), (E, I).
    """

    labels: tuple[str, ...]
    outside: int
    begin: NDArray[np.int64]
    inside: NDArray[np.int64]
    without_begin: NDArray[np.bool_]
    joined: tuple[tuple[int, int], ...] = ()

    @classmethod
    def from_tags(cls, tags: Sequence[str]) -> "TagSet":
        """Read tags in any order; ModelError where one has no name or no place in BIO, IO or
        BIOES.
        """
        if nameless := [tag for tag in tags if re.fullmatch(r"LABEL_\d+", tag)]:
            raise ModelError(
                f"The tag '{nameless[0]}' has no name; give the checkpoint's config.json an "
                "id2label that says O, "
                "B-Disease and so on."
            )
        outside = [column for column, tag in enumerate(tags) if tag.upper() == "O"]
        if len(outside) != 1:
            raise ModelError(
                f"The tag set {', '.join(tags)} lacks O; a tagger needs one tag for no entity."
            )
        labels: dict[str, tuple[str, dict[str, int]]] = {}
        style = _AFTER if not any(_BEFORE.fullmatch(tag) for tag in tags) else _BEFORE
        for column, tag in enumerate(tags):
            if column == outside[0] or tag.lower() in _NO_TAGS:
                continue
            part, label = _read(tag, style)
            labels.setdefault(label.casefold(), (label, {}))[1].setdefault(part, column)
        if not any(parts.keys() - {"B", "S"} for _, parts in labels.values()):
            raise ModelError(
                f"The tag set {', '.join(tags)} has no tag I or E; a BIO, IO or BIOES tagger does."
            )
        return cls._of_columns(outside[0], dict(labels.values()))

    @classmethod
    def _of_columns(cls, outside: int, labels: Mapping[str, Mapping[str, int]]) -> "TagSet":
        begin, inside, joined = [], [], []
        for columns in labels.values():
            starts = [columns[part] for part in "BS" if part in columns]
            goes_on = [columns[part] for part in "IE" if part in columns]
            begin.append((starts or goes_on)[0])
            inside.append((goes_on or starts)[0])
            joined += [(column, same[0]) for same in (starts, goes_on) for column in same[1:]]
        return cls(
            labels=tuple(labels),
            outside=outside,
            begin=np.array(begin, dtype=np.int64),
            inside=np.array(inside, dtype=np.int64),
            without_begin=np.array(
                [not columns.keys() & {"B", "S"} for columns in labels.values()]
            ),
            joined=tuple(joined),
        )


def _read(tag: str, style: re.Pattern[str]) -> tuple[str, str]:
    """(part, label) of a tag; one that is a label alone is the I of an IO tagger."""
    if match := style.fullmatch(tag):
        return _PARTS[match["part"].upper()], match["label"]
    if len(tag) < 2 or tag[1] in "-_":
        raise ModelError(
            f"Unknown tag '{tag}'; a tagger's labels must be O and B-x, I-x, E-x or S-x."
        )
    return "I", tag
