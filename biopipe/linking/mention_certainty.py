"""How sure it is that a mention names anything a base may have: "STOP" of a questionnaire is no
chemical, and a link of it is as doubtful as the tagger was.

Of a mention of several words the tagger doubts the edges, of a single word whether it is one.
"""

import json
from collections.abc import Sequence
from functools import cache
from math import exp, log

from biopipe.document import Candidate, Document, Mention
from biopipe.linking.linked_mention import with_link
from biopipe.linking.requests import LinkingRequest
from biopipe.linking.shared_names import are_likely_together
from biopipe.linking.weights import WEIGHTS_MODEL, WEIGHTS_TASK

__all__ = [
    "CERTAINTY_FEATURES",
    "CERTAINTY_FILE",
    "certainty_features",
    "shipped_certainty",
    "with_certainty",
]

CERTAINTY_FILE = "mention_certainty.json"
CERTAINTY_FEATURES = ("always", "logit of the mention's score", "one word")
# Scores beyond these are not told apart: few judged mentions have them.
_LEAST, _MOST = 0.05, 0.99
# Of a mention that somebody gave.
_GIVEN = 1.0
_DIGITS = 4


def certainty_features(surface: str, score: float) -> tuple[float, float, float]:
    """The numbers of `CERTAINTY_FEATURES` of a mention that a tagger found with `score`."""
    bounded = min(max(score, _LEAST), _MOST)
    return 1.0, log(bounded / (1 - bounded)), float(" " not in surface)


def with_certainty(
    document: Document,
    mentions: Sequence[Mention],
    requests: Sequence[LinkingRequest],
    *,
    threshold: float,
) -> tuple[Mention, ...]:
    """Linked mentions of a document with the probability of each candidate times that of the
    mention, and NIL where the best is below `threshold` (of a name that two share, both together).

    Mentions that ask the same are as sure as the surest of them. One that somebody or a dictionary
    gave stays as it is, and so does what writes its concept itself.
    """
    surest: dict[int, float] = {}
    for mention, request in zip(mentions, requests, strict=True):
        surest[id(request)] = max(mention.score, surest.get(id(request), 0.0))
    weighed: dict[tuple[int, int], tuple[tuple[str, ...], tuple[Candidate, ...]]] = {}
    certain = []
    for mention, request in zip(mentions, requests, strict=True):
        score = surest[id(request)]
        is_given = score >= _GIVEN or mention.dictionary or request.written_concept is not None
        if is_given or not mention.candidates:
            certain.append(mention)
            continue
        key = id(request), id(mention.candidates)
        if key not in weighed:
            surface = document.text[mention.start : mention.end]
            weighed[key] = _weighed(mention, _certainty(surface, score), threshold)
        certain.append(with_link(mention, *weighed[key]))
    return tuple(certain)


def _certainty(surface: str, score: float) -> float:
    features = certainty_features(surface, score)
    logit = sum(w * x for w, x in zip(shipped_certainty(), features, strict=True))
    return 1 / (1 + exp(-logit))


def _weighed(
    mention: Mention, certainty: float, threshold: float
) -> tuple[tuple[str, ...], tuple[Candidate, ...]]:
    candidates = tuple(
        [
            Candidate(c.concept_id, c.name, round(certainty * c.score, _DIGITS))
            for c in mention.candidates
        ]
    )
    is_shared = mention.candidates[0].score < threshold
    is_likely = candidates[0].score >= threshold or (
        is_shared and are_likely_together(candidates, threshold)
    )
    return mention.concept_ids if is_likely else (), candidates


@cache
def shipped_certainty() -> tuple[float, ...]:
    """The weights of `CERTAINTY_FEATURES` in the model of the linker's weights; ModelError where
    that is damaged.
    """
    # Commands name models, and start without ONNX Runtime.
    from biopipe.runtime.manifest import verified_bytes
    from biopipe.runtime.opened import open_model

    path, manifest = open_model(WEIGHTS_MODEL, task=WEIGHTS_TASK)
    raw = json.loads(verified_bytes(path, manifest, CERTAINTY_FILE))
    return tuple([float(raw["weights"][name]) for name in CERTAINTY_FEATURES])
