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
from biopipe.text.normalize import NORMALIZER_VERSION, normalize_name

__all__ = [
    "DEFAULT_PRIOR",
    "ID_SEPARATOR",
    "PRIOR_FILE",
    "PRIOR_TASK",
    "MentionPrior",
    "name_key",
]

DEFAULT_PRIOR = "biopipe-mention-prior"
PRIOR_TASK = "mention-prior"
PRIOR_FILE = "prior.json"
# Between the ids of a mention that has several, as in PubTator.
ID_SEPARATOR = "|"


class MentionPrior:
    """Counts of a model directory of the task "mention-prior"; ModelError where its normal forms
    are not ours.
    """

    def __init__(self, model: str | Path = DEFAULT_PRIOR) -> None:
        # Commands name the default prior, and start without ONNX Runtime.
        from biopipe.runtime.opened import open_model

        self.model_path, self.manifest = open_model(model, task=PRIOR_TASK)
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
        from biopipe.runtime.manifest import verified_bytes  # see above

        raw: Mapping[str, Mapping[str, Mapping[str, int]]] = json.loads(
            verified_bytes(self.model_path, self.manifest, PRIOR_FILE)
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
