"""More of a corpus: its mentions under other names of their label, mistyped, or with other hyphens
and letters.

After mention replacement (Dai and Adel 2020): a name that is learned by heart teaches nothing about
the words around it.
"""

from collections.abc import Iterator, Mapping, Sequence
from random import Random

from biopipe.document import Document
from biopipe.text.changes import CHANGES, Change, rewritten, substitution

__all__ = ["AUGMENTATIONS", "OTHER_NAMES", "augmented"]

OTHER_NAMES = "other names"
# Changes that keep to mentions; those of whole texts would teach that such texts are full of them.
AUGMENTATIONS = (OTHER_NAMES, "typo", "hyphen or space", "Greek letters")


def augmented(
    documents: Sequence[Document],
    shares: Mapping[str, float],
    names: Mapping[str, Sequence[str]],
    *,
    seed: int,
) -> Iterator[Document]:
    """Each document with `shares` of its names changed, one change after the other; equal names
    change together.

    `names` are what "other names" draws from, by label; mentions of other labels keep theirs.
    """
    changes: dict[str, Change] = {OTHER_NAMES: substitution(names), **CHANGES}
    for document in documents:
        for name, share in shares.items():
            # By document and change alone: what a document becomes does not hang on the others of
            # its corpus.
            random = Random(f"{seed} {name} {document.id}")
            edits = changes[name](document, random)
            written = {document.text[edit.start : edit.end].casefold() for edit in edits}
            # Sorted, since a set of strings has another order in every process, and each draws from
            # `random`.
            taken = {text for text in sorted(written) if random.random() < share}
            document = rewritten(
                document, [e for e in edits if document.text[e.start : e.end].casefold() in taken]
            )
        yield document
