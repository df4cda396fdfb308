"""Training corpora: a recipe names them, what each annotates, and the documents that must stay
unseen.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from biopipe.components.docbin import all_formats
from biopipe.document import Document
from biopipe.errors import ConfigError, InputError
from biopipe.io import RowError, read
from biopipe.io.file_hash import file_sha256
from biopipe.io.gold_ends import with_concepts_of_ends
from biopipe.train.common.augment import AUGMENTATIONS, OTHER_NAMES, augmented
from biopipe.train.common.recipe_fields import read_recipe_fields

__all__ = [
    "TRAINING_DATA",
    "Corpus",
    "TrainingRecipe",
    "describe_corpora",
    "load_training_recipe",
    "read_gold_corpus",
    "read_share",
    "share_position",
    "training_documents",
    "unseen",
    "write_training_data",
]

# Beside a checkpoint: the name, licence and sha256 of each file that it learned from.
TRAINING_DATA = "training.json"
SHINGLE = 13  # words; the overlap length at which GPT-3's authors called two texts the same


@dataclass(frozen=True, slots=True)
class Corpus:
    """One file of annotated documents of a recipe, or a folder of brat.

    `labels` are annotated completely; mentions of other labels, and the words in `ambiguous`, teach
    nothing. An epoch sees a document `repeat` times on average. `share` takes the documents whose
    id has a hash in that part of [0, 1): a corpus without a dev set of its own is divided by giving
    dev and training different shares. `guideline` names what its annotators went by, where that is
    not what the others' did (see `train_ner`). With `classes` the labels are those of the mentions
    themselves, several to one joined by "|", as `train classes` writes them; only a GLiNER can be
    trained on such a corpus. What it lacks counts `trust` times as much as what it has (from 0 to
    1). `augment` changes a share of the names, by the change (see `biopipe.train.common.augment`).
    `taught` is how much the answers of teachers count for its texts; only a tagger has teachers.
    """

    path: Path
    labels: tuple[str, ...] = ()
    repeat: float = 1.0
    ambiguous: tuple[str, ...] = ()
    keep_empty: float = 1.0
    licence: str = ""
    share: tuple[float, float] = (0.0, 1.0)
    guideline: str = ""
    classes: bool = False
    trust: float = 1.0
    augment: Mapping[str, float] = field(default_factory=dict)
    taught: float = 0.0


@dataclass(frozen=True, slots=True)
class TrainingRecipe:
    """What a tagger is trained on, what must stay unseen, and files of names for augmentation by
    label.
    """

    labels: tuple[str, ...]
    corpora: tuple[Corpus, ...]
    dev: tuple[Corpus, ...]
    other_names: Mapping[str, Path] = field(default_factory=dict)

    @property
    def guidelines(self) -> tuple[str, ...]:
        """The names of the guidelines that training corpora have of their own, in alphabetical
        order.
        """
        return tuple(sorted({corpus.guideline for corpus in self.corpora} - {""}))


def load_training_recipe(path: Path, data: Path) -> TrainingRecipe:
    """Read a recipe JSON; corpus paths are relative to `data`.

    ConfigError names the field or corpus that cannot be used.
    """
    raw = read_recipe_fields(path)
    recipe = TrainingRecipe(
        labels=tuple(raw["labels"]),
        corpora=tuple(_corpus(entry, data) for entry in raw["corpora"]),
        dev=tuple(_corpus(entry, data) for entry in raw["dev"]),
        other_names={label: data / place for label, place in raw.get("other_names", {}).items()},
    )
    for corpus in (*recipe.corpora, *recipe.dev):
        if unknown := set(corpus.labels) - set(recipe.labels):
            raise ConfigError(
                f"Corpus {corpus.path} names labels {sorted(unknown)} that the recipe's labels "
                "lack."
            )
        if corpus.classes and corpus.labels:
            raise ConfigError(
                f"Corpus {corpus.path} has both 'labels' and 'classes' in the recipe; give one."
            )
        _check_augment(corpus, recipe)
        if corpus.guideline not in ("", *recipe.guidelines):
            raise ConfigError(
                f"The dev corpus {corpus.path} is of the guideline '{corpus.guideline}', which no "
                "training corpus has."
            )
    return recipe


def _check_augment(corpus: Corpus, recipe: TrainingRecipe) -> None:
    if not isinstance(corpus.augment, Mapping):
        raise ConfigError(
            f"The 'augment' of corpus {corpus.path} is {corpus.augment!r}; give the share of "
            "names by change."
        )
    if OTHER_NAMES in corpus.augment and not recipe.other_names:
        raise ConfigError(
            f"Corpus {corpus.path} is to have other names, and the recipe names no files of them "
            "in 'other_names'."
        )
    for change, share in corpus.augment.items():
        if change not in AUGMENTATIONS:
            raise ConfigError(
                f"Corpus {corpus.path} is to be augmented by '{change}'; choose of "
                f"{', '.join(AUGMENTATIONS)}."
            )
        if not isinstance(share, int | float) or not 0 <= share <= 1:
            raise ConfigError(
                f"Corpus {corpus.path} has {share} of its names augmented by '{change}'; give 0 "
                "to 1."
            )


def training_documents(
    recipe: TrainingRecipe, held_out: Sequence[Document], *, seed: int, log: Callable[[str], None]
) -> list[list[Document]]:
    """By corpus what is trained on: documents that are not in `held_out`, augmented as the corpus
    says.
    """
    names = _read_names(recipe.other_names)
    pools = []
    for corpus in recipe.corpora:
        annotated = read_share(corpus, log)
        # Before augmenting: under other names a text of dev would not be known again.
        kept = list(unseen(annotated, held_out))
        if len(kept) < len(annotated):
            log(
                f"{corpus.path.parent.name}: {len(annotated) - len(kept)} documents left out, "
                "which are in dev"
            )
        pools.append(list(augmented(kept, corpus.augment, names, seed=seed)))
    return pools


def _read_names(files: Mapping[str, Path]) -> dict[str, list[str]]:
    """By label the names of a file, one a line."""
    names = {}
    for label, path in files.items():
        if not path.is_file():
            raise InputError(
                f"There is no file of names {path}; give the folder that holds it with --data."
            )
        names[label] = list(dict.fromkeys(path.read_text(encoding="utf-8").splitlines()))
        if not names[label] or not all(name == name.strip() != "" for name in names[label]):
            raise InputError(
                f"The file of names {path} is empty or has lines that are blank or begin or end "
                "with a space."
            )
    return names


def _corpus(entry: dict[str, object], data: Path) -> Corpus:
    fields = {
        key: tuple(value) if isinstance(value, list) else value for key, value in entry.items()
    }
    return Corpus(**{**fields, "path": data / str(fields["path"])})  # type: ignore[arg-type]


def read_gold_corpus(path: Path, log: Callable[[str], None]) -> list[Document]:
    """The documents of a file of annotated documents (PubTator, BioC, an export of Label Studio and
    the like) or of a folder of brat; those whose annotations do not fit their text, or that nobody
    annotated, are named and left out.

    InputError where there is no such file.
    """
    if not path.exists():
        raise InputError(
            f"There is no corpus file {path}; mend its path, or the folder that it is relative to."
        )
    faulty: set[str] = set()

    def leave_out(error: RowError) -> None:
        if not error.document_id:
            log(f"{path}, record {error.row}: {error.error}")
        elif error.document_id not in faulty:
            log(f"left out {error.document_id}: {error.error}")
        faulty.add(error.document_id)

    # A document that lost an annotation would teach that there is nothing.
    return [
        with_concepts_of_ends(document)
        for document in read(path, on_error=leave_out, gold=True, formats=all_formats())
        if document.id not in faulty
    ]


def read_share(corpus: Corpus, log: Callable[[str], None]) -> list[Document]:
    """The documents of a recipe's corpus that are in its share."""
    low, high = corpus.share
    return [d for d in read_gold_corpus(corpus.path, log) if low <= share_position(d.id) < high]


def share_position(document_id: str) -> float:
    """The hash of an id, from 0 to 1, that a `share` goes by."""
    # By the id, not by the place in the file: a document stays on its side when the corpus grows or
    # is sorted anew. 48 bits are exact in a float.
    return int.from_bytes(hashlib.sha256(document_id.encode()).digest()[:6], "big") / 2**48


def write_training_data(checkpoint: Path, licences: Mapping[Path, str]) -> None:
    """Write `training.json`: what `describe_corpora` says, which export puts into the manifest."""
    (checkpoint / TRAINING_DATA).write_text(
        json.dumps(describe_corpora(licences), indent=2), encoding="utf-8"
    )


def describe_corpora(licences: Mapping[Path, str]) -> list[dict[str, str]]:
    """Name, licence and sha256 of each corpus file."""
    return [
        {
            "name": f"{path.parent.name}/{path.name}",
            "licence": licence,
            "sha256": _sha256(path),
        }
        for path, licence in licences.items()
    ]


def _sha256(path: Path) -> str:
    """The hash of a file; of a folder that of the names and hashes of its files, in their order."""
    if not path.is_dir():
        return file_sha256(path)
    digest = hashlib.sha256()
    for file in sorted(file for file in path.rglob("*") if file.is_file()):
        # Names of files need not be UTF-8; the zero byte, which none holds, says where a name ends.
        name = file.relative_to(path).as_posix().encode("utf-8", "surrogateescape")
        digest.update(name + b"\0" + bytes.fromhex(file_sha256(file)))
    return digest.hexdigest()


def unseen(documents: Iterable[Document], held_out: Sequence[Document]) -> Iterator[Document]:
    """Leave out documents that are in `held_out` by id, or that share a run of 13 words with one of
    them.
    """
    ids = {document.id for document in held_out}
    runs = {run for document in held_out for run in _shingles(document.text)}
    for document in documents:
        if document.id not in ids and runs.isdisjoint(_shingles(document.text)):
            yield document


def _shingles(text: str) -> Iterator[tuple[str, ...]]:
    # Editions of a text differ in case and punctuation.
    words = "".join(c if c.isalnum() else " " for c in text.lower()).split()
    # A text that is shorter than a run is one run itself.
    for start in range(max(1, len(words) - SHINGLE + 1)):
        yield tuple(words[start : start + SHINGLE])
