"""Fit the weights that tell whose gene a mention is, and measure them on documents they have not seen.

    python benchmarks/gene_species.py [--output MODEL]

Gold gene mentions of BioRED, NLM-Gene, GNormPlus (train) and RegEl, each linked to a human gene of the
default base; those count whose gold gene is that one or its ortholog in an animal. A conditional logit
over the taxa that the text names and the base has orthologs of: `right` is the share of mentions whose
species is the gold one, five-fold by documents, and for BioRED dev by weights of all the others;
`human` that of the human gene for every mention. `calibration_error` in ten bins of equal numbers.
`--output` is the model directory of the linker's weights, into which the file is written.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from linker_model import write_named_weights
from record import options, record

from biopipe.document import Document
from biopipe.document.labels import CELL_LINE, CORPUS_LABELS, GENE
from biopipe.io.codecs.pubtator import read
from biopipe.kb.base import KnowledgeBase
from biopipe.kb.default import open_base
from biopipe.kinds.gene.species_evidence import SPECIES_FEATURES, SpeciesEvidence
from biopipe.language.species_words import HUMAN_TAXON
from biopipe.linking.gene_species import of_silent_places
from biopipe.linking.linker import Linker
from biopipe.linking.requests import linking_requests
from biopipe.linking.species_weights import SPECIES_WEIGHTS_FILE
from biopipe.ner.tagger import Tagger
from biopipe.text.sentences import with_sentences

HELD = "biored/dev"
CORPORA = {
    HELD: "corpora/biored/dev.pubtator",
    "biored/train": "corpora/biored/train.pubtator",
    "nlm-gene/train": "corpora/nlm-gene/train.pubtator",
    "gnormplus/train": "corpora/gnormplus/train.pubtator",
    "regel": "gold/regel.pubtator.gz",
}
FOLDS = 5
# Of 5, 10, 20 and 50 the likelihood of the folds is highest.
PENALTY = 10.0


@dataclass(frozen=True, slots=True)
class Example:
    """A mention: `features` (taxa, features) of its taxa, which of them are `right`, (taxa,)."""

    document: str
    human: str
    features: Any
    right: Any
    is_silent: bool


class Place(NamedTuple):
    """What a place of a gene says of its taxa, (taxa,), and whether its sentence says none."""

    logits: Any
    is_silent: bool


def main() -> None:
    parser = options(__doc__)
    parser.add_argument("--output", type=Path, help="model directory of the linker's weights")
    arguments = parser.parse_args()
    kb, tagger = open_base("default"), Tagger()
    seen: set[str] = set()
    examples: dict[str, list[Example]] = {}
    for name, file in CORPORA.items():
        every = read(arguments.data / file, on_error=lambda error: None)
        documents = [document for document in every if document.id not in seen]
        seen.update(document.id for document in documents)
        examples[name] = of_corpus(documents, kb, tagger)
    known = [example for name, of in examples.items() if name != HELD for example in of]
    folds = [fit([e for e in known if fold(e.document) != number]) for number in range(FOLDS)]
    weights = fit(known)
    result = {
        name: figures(of, [weights] * FOLDS if name == HELD else folds)
        for name, of in examples.items()
    }
    if arguments.output is not None:
        about = {"mentions": len(known), "penalty": PENALTY}
        write_named_weights(
            arguments.output, SPECIES_WEIGHTS_FILE, SPECIES_FEATURES, weights, about
        )
    record("gene_species", {"kb_version": kb.version, **result}, arguments.results)


def of_corpus(documents: Sequence[Document], kb: KnowledgeBase, tagger: Tagger) -> list[Example]:
    """The gene mentions whose gold gene is the human one they are linked to, or its ortholog."""
    bare = [replace(document, mentions=(), relations=()) for document in documents]
    examples: list[Example] = []
    asked: list[Document] = []
    for document, tagged in zip(documents, tagger.predict(bare), strict=True):
        named = [replace(m, label=CORPUS_LABELS.get(m.label, m.label)) for m in document.mentions]
        lines = [mention for mention in tagged.mentions if mention.label == CELL_LINE]
        mentions = [*(m for m in named if m.label == GENE), *lines]
        mentions.sort(key=lambda mention: (mention.start, mention.end))
        asked.append(replace(document, mentions=tuple(mentions), relations=()))
    for gold, linked in zip(asked, Linker(kb, orthologs=False).predict(asked), strict=True):
        examples += of_document(gold, with_sentences(linked), kb)
    return examples


def of_document(gold: Document, linked: Document, kb: KnowledgeBase) -> list[Example]:
    examples = []
    evidence, requests = SpeciesEvidence(linked), linking_requests(linked)
    for wanted, mention, request in zip(gold.mentions, linked.mentions, requests, strict=True):
        if mention.label != GENE or len(mention.concept_ids) != 1:
            continue
        (human,) = mention.concept_ids
        named = dict.fromkeys((*request.preferred_types, *evidence.taxa))
        found = {taxon: kb.ortholog(human, taxon) for taxon in named if taxon != HUMAN_TAXON}
        genes = {HUMAN_TAXON: human, **{taxon: gene.id for taxon, gene in found.items() if gene}}
        right = np.array([gene in wanted.concept_ids for gene in genes.values()])
        if right.any():
            features = evidence.features(mention, tuple(genes))
            silent = evidence.is_silent(mention)
            examples.append(Example(linked.id, human, features, right, silent))
    return examples


def fold(document: str) -> int:
    return hashlib.blake2b(document.encode(), digest_size=1).digest()[0] % FOLDS


def fit(examples: Sequence[Example], steps: int = 40) -> Any:
    """Weights by Newton's method on the penalised likelihood of the right taxa: (features,)."""
    several = [example for example in examples if len(example.right) > 1]
    rows = np.concatenate([example.features for example in several])
    right = np.concatenate([example.right for example in several])
    counts = [len(example.right) for example in several]
    owners = np.repeat(np.arange(len(several)), counts)
    starts = np.append(0, np.cumsum(counts)[:-1])
    weights = np.zeros(len(SPECIES_FEATURES))
    for _ in range(steps):
        logits = rows @ weights
        exponents = np.exp(logits - np.maximum.reduceat(logits, starts)[owners])
        share = exponents / np.bincount(owners, exponents)[owners]
        of_right = exponents * right / np.bincount(owners, exponents * right)[owners]
        means = np.add.reduceat(rows * share[:, None], starts, axis=0)
        slope = rows.T @ (of_right - share) - PENALTY * weights
        bend = (rows * share[:, None]).T @ rows - means.T @ means
        weights += np.linalg.solve(bend + PENALTY * np.eye(len(weights)), slope)
    return weights


def figures(examples: Sequence[Example], folds: Sequence[Any]) -> dict[str, Any]:
    alike: dict[tuple[str, str, int], list[Place]] = {}
    for example in examples:
        logits = example.features @ folds[fold(example.document)]
        place = Place(logits, example.is_silent)
        alike.setdefault((example.document, example.human, len(logits)), []).append(place)
    sure: list[tuple[float, bool]] = []
    of: dict[str, list[bool]] = {"human": [], "animal": []}
    for example in examples:
        logits = example.features @ folds[fold(example.document)]
        if example.is_silent:
            logits = of_silent_places(alike[example.document, example.human, len(logits)])
        exponents = np.exp(logits - logits.max())
        best = int(exponents.argmax())
        right = bool(example.right[best])
        sure.append((float(exponents[best] / exponents.sum()), right))
        of["animal" if best else "human"].append(right)
    return {
        "mentions": len(examples),
        "human": round(float(np.mean([example.right[0] for example in examples])), 4),
        "right": round(float(np.mean([right for _, right in sure])), 4),
        "links_to_human": len(of["human"]),
        "right_of_human": round(float(np.mean(of["human"])), 4),
        "links_to_animal": len(of["animal"]),
        "right_of_animal": round(float(np.mean(of["animal"])), 4),
        "calibration_error": calibration_error(sure),
    }


def calibration_error(sure: Sequence[tuple[float, bool]]) -> float:
    parts = np.array_split(np.array(sorted(sure)), 10)
    return round(sum(abs(float((p[:, 0] - p[:, 1]).sum())) for p in parts) / len(sure), 4)


if __name__ == "__main__":
    main()
