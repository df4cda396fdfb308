"""What documents of frames are made from: frames, names and values, read for one run."""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from biopipe.document import Document
from biopipe.errors import ConfigError, InputError
from biopipe.kb.base import KnowledgeBase
from biopipe.train.frames.base_names import gather_names
from biopipe.train.frames.documents import FrameTexts
from biopipe.train.frames.names import slot_names
from biopipe.train.frames.noise import NOISE, check_noise
from biopipe.train.frames.slots import name_slots
from biopipe.train.frames.text_kinds import read_text_kinds, shipped_text_kinds, without_names
from biopipe.train.frames.values import read_values

__all__ = ["open_frame_texts"]


def open_frame_texts(
    bases: Sequence[KnowledgeBase],
    texts: Sequence[Document] = (),
    *,
    folder: Path | None = None,
    labels: Path | None = None,
    left_out: Sequence[Path] = (),
    frequent: float = 0.6,
    noise: Mapping[str, float] | None = None,
    seed: int = 0,
) -> FrameTexts:
    """Frames of `folder`, or those of biopipe, with names of `bases`, counted in `texts`.

    `labels` is a table of slots and the labels of their mentions (see `FrameFiller`). `left_out`
    are files of names, one a line, that are never used. `frequent` is the share of names that are
    drawn in proportion to how often texts have them, or of the tables; `noise` changes shares of
    NOISE. Frames are read before names, so that their faults are told at once. ConfigError for a
    share that is none and for frames that cannot be used, InputError for files that cannot be read.
    """
    if not 0 <= frequent <= 1:
        raise ConfigError(f"The share of frequent names is {frequent}; give 0 to 1.")
    shares = {**NOISE, **(noise or {})}
    check_noise(shares)
    values = read_values()
    slot_labels = {} if labels is None else _read_labels(labels, {*name_slots(), *values})
    kinds = (
        shipped_text_kinds(slots=name_slots(), values=values)
        if folder is None
        else read_text_kinds(folder, slots=name_slots(), values=values)
    )
    unwanted = [name for path in left_out for name in _read_names(path)]
    names = slot_names(
        gather_names(bases, texts, seed=seed), bases, left_out=unwanted, frequent=frequent
    )
    return FrameTexts(without_names(kinds, unwanted), names, values, shares, slot_labels)


def _read_labels(path: Path, slots: Collection[str]) -> dict[str, str]:
    """By slot the label of a table whose rows hold both, after comments ("#")."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"The table of labels {path} cannot be read ({error}).") from error
    labels = {}
    for number, line in enumerate(lines, 1):
        if line.strip() and not line.startswith("#"):
            slot, _, label = line.partition("\t")
            if slot not in slots or not label.strip():
                raise ConfigError(
                    f"{path}, line {number}: '{line}' is not the slot of a name or a value, a tab "
                    "and a label; slots stand in the tables of biopipe.train.frames."
                )
            labels[slot] = label.partition("\t")[0].strip()
    return labels


def _read_names(path: Path) -> list[str]:
    """The lines of a file of names that are not empty."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"The file of names to leave out {path} cannot be read ({error})."
        ) from error
    return [line.strip() for line in lines if line.strip()]
