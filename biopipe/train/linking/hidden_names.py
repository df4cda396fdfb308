"""Examples of mentions whose names are hidden from the base, as those of text that no base has."""

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from biopipe.document import Document
from biopipe.kb.base import KnowledgeBase
from biopipe.linking.biencoder import find_encoder
from biopipe.linking.linker import Linker
from biopipe.linking.surface_forms import SurfaceForms
from biopipe.train.linking.examples import LinkingExample, linking_examples
from biopipe.train.linking.unseen_names import base_without_names, forms_of_name

__all__ = ["Bases", "bases_without_names", "hidden_name_examples"]


Bases = Mapping[str, KnowledgeBase]
"""Knowledge bases by mention label, "" for any other."""


def bases_without_names(
    bases: Bases,
    documents: Sequence[Document],
    folder: Path,
    *,
    labels: Collection[str] | None = None,
    types: Collection[str] | None = None,
) -> tuple[Bases, Bases]:
    """Two copies of `bases` in `folder`, either without half of the names that mentions of `labels`
    (None: all) have in `documents`, so that the neighbours of a hidden name are still there.

    Copies have the concepts of `types` alone, where these are given; those that are in the folder
    already are opened. To make one takes about as long as to build its base.
    """
    first, second = (
        _copies(bases, _names_of_half(documents, labels, half), folder / str(half), types)
        for half in (0, 1)
    )
    return first, second


def hidden_name_examples(
    documents: Sequence[Document],
    copies: tuple[Bases, Bases],
    *,
    weight: float,
    labels: Collection[str] | None = None,
) -> Iterator[LinkingExample]:
    """The mentions of `labels` as the copy sees them that lacks their names, without a mention
    prior, each at `weight`.
    """
    for half, bases in enumerate(copies):
        # Each copy is asked only for the names that it lacks.
        kept = [_with_names_of_half(document, labels, half) for document in documents]
        kept = [document for document in kept if document.mentions]
        yield from linking_examples(kept, Linker(bases, prior=None), weight=weight, halved=0)


def _copies(
    bases: Bases, forms: Collection[str], folder: Path, types: Collection[str] | None
) -> Bases:
    """The bases without names of these forms, each built once."""
    copies: dict[Path, KnowledgeBase] = {}
    for base in bases.values():
        # One base may serve several labels.
        if base.path in copies:
            continue
        target = folder / str(len(copies))
        if target.is_dir():
            copies[base.path] = KnowledgeBase.open(target)
        else:
            encoder = find_encoder(base, "auto")
            copies[base.path] = base_without_names(
                base, forms, target, types=types, encoder=encoder
            )
    return {label: copies[base.path] for label, base in bases.items()}


def _names_of_half(
    documents: Iterable[Document], labels: Collection[str] | None, half: int
) -> set[str]:
    """All forms of the mentions of the documents whose names are in one half."""
    names: set[str] = set()
    for document in documents:
        surface_forms = SurfaceForms(document)
        for mention in document.mentions:
            if labels is None or mention.label in labels:
                for form in map(forms_of_name, surface_forms.of(mention)):
                    if form and _half_of(form) == half:
                        names.update(form)
    return names


def _with_names_of_half(document: Document, labels: Collection[str] | None, half: int) -> Document:
    surface_forms = SurfaceForms(document)
    mentions = tuple(
        mention
        for mention in document.mentions
        if (labels is None or mention.label in labels)
        and (forms := forms_of_name(surface_forms.of(mention)[0]))
        and _half_of(forms) == half
    )
    return replace(document, mentions=mentions)


def _half_of(forms: Iterable[str]) -> int:
    """0 or 1; another half than that of `biopipe.train.linking.examples.half_of`."""
    return hashlib.blake2b(min(forms).encode(), digest_size=1, key=b"hide").digest()[0] % 2
