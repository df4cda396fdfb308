"""A part of the default base, with vectors: what the linker's weights for vectors are fitted on, for
vectors of all its names take hours.

It has the concepts that the gold mentions of the corpora mean, those with names near to theirs by
3-grams or equal to them, each with at most 40 synonyms (drugs have hundreds of trade names).

    python benchmarks/sampled_base.py DIRECTORY
"""

from argparse import ArgumentParser
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from linker_weights import CORPORA, gold_documents
from record import options

from biopipe.kb.base import KnowledgeBase
from biopipe.kb.build.compile import compile_kb
from biopipe.kb.default import open_base
from biopipe.kb.schema import Concept
from biopipe.kinds.registry import concept_types_of
from biopipe.linking.biencoder import BiEncoder
from biopipe.linking.surface_forms import SurfaceForms

SAMPLED = ("ncbi-disease/dev", "bc5cdr/dev", "biored/dev", "hpo-gsc/dev")
MOST_SYNONYMS, NEAR_NAMES, AT_A_TIME = 40, 12, 500
# Lines have no other base that vectors would be made of.
LEFT_OUT_TYPE = "CellLine"


def main() -> None:
    parser: ArgumentParser = options(__doc__)
    parser.add_argument("directory", type=Path)
    arguments = parser.parse_args()
    kb = open_base("default")
    wanted = wanted_concepts(arguments.data, kb)
    concepts = [
        shortened(concept)
        for concept in kb.concepts()
        if concept.id in wanted and LEFT_OUT_TYPE not in concept.types
    ]
    systems = {id_.partition(":")[0] for c in concepts for id_ in (c.id, *c.xrefs)}
    compile_kb(
        concepts,
        arguments.directory,
        name=kb.name,
        version=kb.version,
        licence=kb.manifest.licence,
        sources=dict(kb.manifest.sources),
        prefer=[system for system in kb.prefer if system in systems],
        encoder=BiEncoder(),
    )
    print(f"{arguments.directory}: {len(concepts)} concepts")


def wanted_concepts(data: Path, kb: KnowledgeBase) -> set[str]:
    """Ids of the concepts meant, and of those with like names."""
    wanted: set[str] = set()
    names: dict[str, dict[str, None]] = defaultdict(dict)
    for corpus in SAMPLED:
        for document in gold_documents(data, corpus, CORPORA[corpus]):
            surface_forms = SurfaceForms(document)
            for mention in document.mentions:
                ids = (kb.canonical(id_) for id_ in mention.concept_ids)
                wanted.update(id_ for id_ in ids if id_ is not None)
                names[mention.label].update(dict.fromkeys(surface_forms.of(mention)))
    for label, of_label in names.items():
        types = [type_ for type_ in concept_types_of(label) if type_ in kb.types]
        if types:
            wanted |= concepts_near(kb, list(of_label), types)
    return wanted


def concepts_near(kb: KnowledgeBase, names: Sequence[str], types: Sequence[str]) -> set[str]:
    rows = {bearer.concept for of in kb.bearers(names, types=types) for bearer in of}
    mask = kb.select(types=tuple(types))
    for first in range(0, len(names), AT_A_TIME):
        hits = kb.ngram_hits(names[first : first + AT_A_TIME], NEAR_NAMES, mask)
        rows.update(np.unique(hits.concepts).tolist())
    return {kb.concept_id(row) for row in rows}


def shortened(concept: Concept) -> Concept:
    return replace(
        concept,
        synonyms=concept.synonyms[:MOST_SYNONYMS],
        synonym_kinds=concept.synonym_kinds[:MOST_SYNONYMS],
    )


if __name__ == "__main__":
    main()
