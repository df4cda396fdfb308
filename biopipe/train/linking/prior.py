"""Count what the mentions of annotated documents meant: a mention prior for the linker."""

import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from importlib.metadata import version
from itertools import chain
from pathlib import Path
from typing import Any

from biopipe.document import Document
from biopipe.errors import InputError
from biopipe.linking.mention_prior import ID_SEPARATOR, PRIOR_FILE, PRIOR_TASK, name_key
from biopipe.linking.surface_forms import SurfaceForms
from biopipe.runtime.manifest import Manifest, write_manifest
from biopipe.text.normalize import NORMALIZER_VERSION

__all__ = ["write_prior"]

Counts = dict[str, dict[str, Counter[str]]]

NamedCounts = Mapping[str, Mapping[str, Mapping[str, int]]]
"""Documents by label, key of the name, and concept."""


def write_prior(
    documents: Iterable[Document],
    output: Path,
    *,
    labels: Collection[str] = (),
    further: Sequence[NamedCounts] = (),
    training_data: Sequence[dict[str, Any]] = (),
    licence: str = "",
) -> Manifest:
    """Write the model directory `output`, named after its folder, of the linked mentions of
    `documents`.

    Counted are documents, not mentions. A short form that its document defines counts as its long
    form, so `Document.abbreviations` should be set. `labels` keeps mentions of these alone.
    `further` are counts of short forms (`definition_counts`) or of names that a program linked
    (`silver_counts`), each taken for what has none yet.
    InputError where no mention has a concept.
    """
    counts = _counts(documents, set(labels), further)
    output.mkdir(parents=True, exist_ok=True)
    raw = {
        label: {key: dict(sorted(counts.items())) for key, counts in sorted(names.items())}
        for label, names in sorted(counts.items())
    }
    # A name a line: the file is kept under version control, and differences can be read.
    text = json.dumps(raw, separators=(",", ":")).replace("},", "},\n")
    (output / PRIOR_FILE).write_text(text + "\n", encoding="utf-8")
    manifest = Manifest(
        name=output.name,
        version=version("biopipe"),
        task=PRIOR_TASK,
        labels=tuple(raw),
        max_length=0,
        stride=0,
        opset=0,
        base_model="",
        licence=licence,
        settings={"normalizer": NORMALIZER_VERSION, "names": {k: len(v) for k, v in raw.items()}},
        training_data=training_data,
    )
    return write_manifest(output, manifest, [PRIOR_FILE])


def _counts(
    documents: Iterable[Document], labels: set[str], further: Sequence[NamedCounts]
) -> Counts:
    counts: Counts = defaultdict(lambda: defaultdict(Counter))
    for document in documents:
        surface_forms = SurfaceForms(document)
        # By documents: one annotator's choice for one text is no better known for coming up often.
        meanings = {
            (
                mention.label,
                name_key(surface_forms.of(mention)[0]),
                ID_SEPARATOR.join(dict.fromkeys(mention.concept_ids)),
            )
            for mention in document.mentions
            if mention.concept_ids and (not labels or mention.label in labels)
        }
        for label, key, meant in meanings:
            counts[label][key][meant] += 1
    for label, names in chain.from_iterable(each.items() for each in further):
        for key, by_concept in names.items():
            counts[label].setdefault(key, Counter(by_concept))
    if not counts:
        raise InputError("No mention has a concept id; give documents with linked mentions.")
    return counts
