"""What a name meant in annotated text: the prior p(concept | name), which entity linking calls
commonness.

Annotators often mean by a name another concept than the one that a terminology lists under it
("hepatitis" in papers on side effects is drug-induced liver injury), and write names that no
terminology has. A mention prior (Milne and Witten 2008; Ganea and Hofmann 2017) remembers how often
each concept was meant. Names are kept as hashes of their normal form.
"""

import hashlib
import json
from collections.abc import Mapping
from functools import cached_property, lru_cache
from pathlib import Path

from biopipe.errors import ModelError
from biopipe.linking.evidence import Channel, EvidenceBuilder
from biopipe.linking.filters import ConceptSelection
from biopipe.runtime.manifest import load_manifest
from biopipe.runtime.models import find_model
from biopipe.text.normalize import NORMALIZER_VERSION, normalize_name

__all__ = [
    "DEFAULT_PRIOR",
    "ID_SEPARATOR",
    "PRIOR_FILE",
    "PRIOR_TASK",
    "MentionPrior",
    "add_prior",
    "joint_meaning",
    "name_key",
]

DEFAULT_PRIOR = "biopipe-mention-prior"
PRIOR_TASK = "mention-prior"
PRIOR_FILE = "prior.json"
# Between the ids of a mention that has several, as in PubTator.
ID_SEPARATOR = "|"

# What a name never seen would count as: one mention seen says two thirds.
_UNSEEN_MENTIONS = 0.5
# A name that meant several concepts at once as often as this, of at least so many mentions, means
# them again.
_JOINT_SHARE, _JOINT_MENTIONS = 0.6, 2


class MentionPrior:
    """Counts of a model directory of the task "mention-prior"; ModelError where its normal forms
    are not ours.
    """

    def __init__(self, model: str | Path = DEFAULT_PRIOR) -> None:
        self.model_path = find_model(model)
        self.manifest = load_manifest(self.model_path, task=PRIOR_TASK)
        made = self.manifest.settings.get("normalizer")
        if made != NORMALIZER_VERSION:
            raise ModelError(
                f"The mention prior {self.model_path} is of normaliser {made}, this biopipe has "
                f"{NORMALIZER_VERSION}; make it again with biopipe train prior."
            )

    def __reduce__(self) -> tuple[type["MentionPrior"], tuple[Path]]:
        return MentionPrior, (self.model_path,)

    @cached_property
    def _counts(self) -> Mapping[str, Mapping[str, Mapping[str, int]]]:
        raw: Mapping[str, Mapping[str, Mapping[str, int]]] = json.loads(
            (self.model_path / PRIOR_FILE).read_text(encoding="utf-8")
        )
        return raw

    def counts(self, label: str, name: str) -> Mapping[str, int]:
        """How often each concept was meant by `name` as a mention of `label`: ids, several joined
        by "|", to counts.
        """
        return self._counts.get(label, {}).get(name_key(name), {})


@lru_cache(maxsize=1 << 14)
def name_key(name: str) -> str:
    """The hash, 16 hexadecimal digits, under which the meanings of `name` are kept."""
    return hashlib.blake2b(normalize_name(name).encode(), digest_size=8).hexdigest()


def add_prior(
    builder: EvidenceBuilder,
    mention: int,
    counts: Mapping[str, int],
    selection: ConceptSelection,
    label: str,
) -> None:
    """Add the concepts that a name meant by itself, with their shares, as far as the base has
    them.

    `counts` are those of `MentionPrior.counts`.
    """
    total = sum(counts.values()) + _UNSEEN_MENTIONS
    for concept_id, count in counts.items():
        row = None if ID_SEPARATOR in concept_id else selection.row(label, concept_id)
        if row is not None:
            numbers = builder.candidate(mention, row)
            numbers[Channel.PRIOR] = round(numbers[Channel.PRIOR] + count / total, 4)


def joint_meaning(
    counts: Mapping[str, int], selection: ConceptSelection, label: str
) -> tuple[tuple[int, ...], float]:
    """The rows of the concepts that a name meant together in most annotated text, and that share of
    its mentions; no rows where it meant one, or where the base lacks one of them.
    """
    joint, count = max(counts.items(), key=lambda item: item[1], default=("", 0))
    share = count / (sum(counts.values()) + _UNSEEN_MENTIONS)
    if ID_SEPARATOR not in joint or count < _JOINT_MENTIONS or share < _JOINT_SHARE:
        return (), 0.0
    rows = dict.fromkeys(selection.row(label, id_) for id_ in joint.split(ID_SEPARATOR))
    in_base = tuple(row for row in rows if row is not None)
    if len(in_base) < len(rows) or len(in_base) < 2:
        return (), 0.0
    return in_base, round(share, 4)
