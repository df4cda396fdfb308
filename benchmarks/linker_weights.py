"""Fit the linker's weights, and measure its probabilities on documents that the fit had not seen.

Mentions are those of the corpora below with their gold ids, as far as the base has these ids (it may
have the concept of others under an id of another system); the same once more with their names taken
out of the base and without the mention prior, as names that no base has; their names with one
typo, as in `typos.py`; what the tagger finds and
the annotators of the dev sets do not have, where no concept has the name; and the first two judged
samples of `judged_links.py`. Five-fold by documents: each fifth is linked with weights fitted on
the other four.

`calibration_error` is the expected calibration error of links in ten bins of equal numbers, `chance`
what links right exactly as often as they say would show on that many (mean of 200 draws). A link is
the best candidate from the linker's default thresholds on. `nil` counts mentions whose concept is
not among the candidates as NIL.

    python benchmarks/linker_weights.py [--output MODEL] [--vectors BASE]

`--output` writes the model directory, fitted on all; without it weights are only measured. `--vectors`
is a base with vectors (`sampled_base.py` makes one), on which those for names and vectors are fitted.
"""

import hashlib
import json
import random
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from judged_links import FOLDER, read_judged, read_source, with_judged
from record import options, record
from typos import LONG_WORD, typos

from biopipe.document import Document, Mention
from biopipe.document.labels import CORPUS_LABELS
from biopipe.io.codecs.pubtator import read
from biopipe.kb.base import KnowledgeBase
from biopipe.kb.default import open_base
from biopipe.linking.linker import Linker
from biopipe.linking.mention_certainty import CERTAINTY_FILE
from biopipe.linking.species_weights import SPECIES_WEIGHTS_FILE
from biopipe.linking.surface_forms import SurfaceForms
from biopipe.linking.weights import (
    CANDIDATE_FEATURES,
    NIL_FEATURES,
    WEIGHTS_FILE,
    WEIGHTS_TASK,
    LinkerWeights,
    WeightsByLabel,
)
from biopipe.ner.tagger import Tagger
from biopipe.runtime.manifest import Manifest, write_manifest
from biopipe.text.abbreviations import AbbreviationFinder
from biopipe.train.common.corpora import describe_corpora
from biopipe.train.linking.examples import LinkingExample, linking_examples
from biopipe.train.linking.hidden_names import bases_without_names, hidden_name_examples
from biopipe.train.linking.weights import fit_weights

CORPORA = {
    "ncbi-disease/dev": ("Disease",),
    "bc5cdr/dev": ("Disease", "Chemical"),
    "biored/dev": ("Disease", "Chemical", "Gene", "CellLine", "Species"),
    "nlm-gene/train": ("Gene",),
    "bioid/train": ("CellLine",),
    "hpo-gsc/dev": ("Phenotype",),
    "linnaeus/train": ("Species",),
    "species-800/train": ("Species",),
}
TERMS = {
    "ncbi-disease/dev": "US Government work",
    "bc5cdr/dev": "BioCreative V; public domain mark on the bigbio card",
    "biored/dev": "NCBI, published for research; repository copy states none",
    "nlm-gene/train": "NCBI; AIONER's copy is MIT, terms of the corpus not stated",
    "bioid/train": "BioCreative VI; AIONER's copy is MIT, terms of the corpus not stated",
    "hpo-gsc/dev": "PhenoTagger's copy is MIT",
    "linnaeus/train": "AIONER's copy is MIT, terms of the corpus not stated",
    "species-800/train": "AIONER's copy is MIT, terms of the corpus not stated",
}
TAGGED = ("ncbi-disease/dev", "bc5cdr/dev", "biored/dev")
# Names of lines and species are codes or fixed words: taken away they leave nothing to link.
HIDDEN_LABELS = ("Disease", "Chemical", "Gene", "Phenotype")
HIDDEN_TYPES = ("Disease", "Phenotype", "Behavior", "Chemical", "Gene")
MOST_DOCUMENTS = 1500
FOLDS = 5
# The linker's defaults.
THRESHOLD, SIMILAR_THRESHOLD = 0.6, 0.7
# What a mention counts whose name is hidden; one with half of the concepts gone; one that was
# judged, as there are few; one with a typo. So about one mention in five has a name that is not in the base.
UNSEEN, HALVED, JUDGED, TYPO = 0.3, 0.25, 3.0, 0.2
TYPO_LABELS = ("Disease", "Chemical")
# Samples that are fitted on; others stay unseen.
JUDGED_SAMPLES = ("first", "second")


@dataclass(frozen=True, slots=True)
class Part:
    """Examples of one source: a corpus or "judged", and how its mentions were made."""

    source: str
    way: str
    examples: list[LinkingExample]


def main() -> None:
    parser = options(__doc__)
    parser.add_argument("--output", type=Path, help="model directory to write")
    parser.add_argument("--vectors", type=Path, help="a base with vectors")
    parser.add_argument("--kb", default="default", help="the base without")
    parser.add_argument("--work", type=Path, help="keep bases without names there, and reuse them")
    arguments = parser.parse_args()
    bases = {"names": open_base(arguments.kb)}
    if arguments.vectors is not None:
        bases["names and vectors"] = open_base(arguments.vectors)
    fitted: dict[str, WeightsByLabel] = {}
    result: dict[str, Any] = {}
    for name, kb in bases.items():
        with tempfile.TemporaryDirectory() as folder:
            work = (arguments.work or Path(folder)) / name.replace(" ", "-")
            parts = list(collected(arguments.data, kb, work))
        result[name] = {"kb": about(kb), **measured(parts)}
        if arguments.output is not None:
            fitted[name] = fit_weights([example for part in parts for example in part.examples])
    if arguments.output is not None:
        write_model(arguments.output, arguments.data, fitted)
    record("linker_weights", result, arguments.results)


def about(kb: KnowledgeBase) -> dict[str, Any]:
    return {"name": kb.name, "version": kb.version, "names": kb.manifest.counts["names"]}


def collected(data: Path, kb: KnowledgeBase, work: Path) -> Iterator[Part]:
    """All examples, with their weights."""
    linker = Linker(kb)
    documents = {corpus: gold_documents(data, corpus, labels) for corpus, labels in CORPORA.items()}
    for corpus, of_corpus in documents.items():
        examples = linking_examples(of_corpus, linker, halved=HALVED)
        yield Part(corpus, "gold", list(examples))
    for corpus, of_corpus in documents.items():
        yield Part(corpus, "typos", list(misspelt_examples(of_corpus, linker)))
    yield from hidden(documents, kb, work)
    tagger = Tagger()
    for corpus in TAGGED:
        yield Part(corpus, "tagger", list(only_tagged(documents[corpus], tagger, linker)))
    yield Part("judged", "judged", list(judged_examples(data, tagger, linker)))


def gold_documents(data: Path, corpus: str, labels: Sequence[str]) -> list[Document]:
    """The documents of a corpus with their mentions of `labels`, those that they abbreviate too."""
    documents = list(read(data / "corpora" / f"{corpus}.pubtator", on_error=lambda error: None))
    kept = []
    for document in AbbreviationFinder().predict(documents[:MOST_DOCUMENTS]):
        named = (replace(m, label=CORPUS_LABELS.get(m.label, m.label)) for m in document.mentions)
        mentions = tuple(mention for mention in named if mention.label in labels)
        kept.append(replace(document, mentions=mentions, relations=()))
    return kept


def misspelt_examples(documents: Sequence[Document], linker: Linker) -> Iterator[LinkingExample]:
    """Names of mentions with one typo, each once a document."""
    rng = random.Random(0)
    for document in documents:
        surface_forms = SurfaceForms(document)
        named = {
            (mention.label, surface_forms.of(mention)[0].lower()): mention.concept_ids
            for mention in document.mentions
            if mention.label in TYPO_LABELS and mention.concept_ids
        }
        for (label, name), ids in named.items():
            if LONG_WORD.search(name):
                text = next(typos(name, rng))
                mention = Mention(0, len(text), label, concept_ids=ids)
                alone = Document(document.id, text, mentions=(mention,))
                yield from linking_examples([alone], linker, weight=TYPO, halved=0)


def hidden(
    documents: Mapping[str, Sequence[Document]], kb: KnowledgeBase, work: Path
) -> Iterator[Part]:
    """Mentions whose names, either half of all, are taken out of the base."""
    every = [document for of_corpus in documents.values() for document in of_corpus]
    copies = bases_without_names({"": kb}, every, work, labels=HIDDEN_LABELS, types=HIDDEN_TYPES)
    for corpus, of_corpus in documents.items():
        examples = list(
            hidden_name_examples(of_corpus, copies, weight=UNSEEN, labels=HIDDEN_LABELS)
        )
        if examples:
            yield Part(corpus, "unseen names", examples)


def only_tagged(
    documents: Sequence[Document], tagger: Tagger, linker: Linker
) -> Iterator[LinkingExample]:
    """What the tagger finds where the annotators have nothing, if no concept has the name."""
    labels = {mention.label for document in documents for mention in document.mentions}
    labels &= set(HIDDEN_LABELS)
    bare = [replace(document, mentions=()) for document in documents]
    for gold, tagged in zip(documents, tagger.predict(bare), strict=True):
        mentions = tuple(
            replace(mention, concept_ids=(), candidates=())
            for mention in tagged.mentions
            if mention.label in labels
            and not any(m.start < mention.end and mention.start < m.end for m in gold.mentions)
        )
        for example in linking_examples([replace(gold, mentions=mentions)], linker, halved=0):
            if not is_known(example):
                yield example


def judged_examples(data: Path, tagger: Tagger, linker: Linker) -> Iterator[LinkingExample]:
    """The judged mentions, in documents with what else the tagger finds there."""
    for sample in JUDGED_SAMPLES:
        by_document = defaultdict(list)
        for mention in read_judged(FOLDER / f"{sample}.tsv"):
            by_document[mention.source, mention.document].append(mention)
        texts = {source: read_source(data, source) for source, _ in by_document}
        tagged = tagger.predict([texts[source][id_] for source, id_ in by_document])
        for document, mentions in zip(tagged, by_document.values(), strict=True):
            right = {(m.start, m.end, m.label): tuple(sorted(m.right)) for m in mentions}
            completed = with_judged(document, mentions)
            kept = tuple(with_right(mention, right) for mention in completed.mentions)
            yield from linking_examples(
                [replace(completed, mentions=kept)], linker, weight=JUDGED, halved=0, any_of=True
            )


def with_right(mention: Mention, right: Mapping[tuple[int, int, str], tuple[str, ...]]) -> Mention:
    """A mention that was not judged is one of a dictionary, which examples are not made of."""
    ids = right.get((mention.start, mention.end, mention.label))
    return replace(mention, concept_ids=ids or (), dictionary="" if ids is not None else "other")


def measured(parts: Sequence[Part]) -> dict[str, Any]:
    """Out-of-fold figures of each part and label."""
    folds = []
    for number in range(FOLDS):
        others = [e for part in parts for e in part.examples if fold(e.document) != number]
        folds.append(fit_weights(others))
    by_part: dict[str, list[LinkingExample]] = defaultdict(list)
    for part in parts:
        whole = [example for example in part.examples if example.whole]
        by_part[f"{part.source} {part.way}"] += whole
        by_part[f"all {part.way}"] += whole
        if part.way in ("gold", "judged"):
            for example in whole:
                by_part[f"{part.source} {part.way} {example.label}"].append(example)
    return {name: figures(examples, folds) for name, examples in sorted(by_part.items())}


def fold(document: str) -> int:
    return hashlib.blake2b(document.encode(), digest_size=1).digest()[0] % FOLDS


def figures(
    examples: Sequence[LinkingExample], folds: Sequence[WeightsByLabel]
) -> dict[str, float | int | None]:
    """Precision, recall and calibration of the links that each example's own fold makes."""
    links: list[tuple[float, bool]] = []
    covered = nil = right_nil = absent = 0
    for example in examples:
        score, right = best(example, folds[fold(example.document)])
        is_there = bool(example.right.any())
        covered, absent = covered + is_there, absent + (not is_there)
        least = THRESHOLD if is_known(example) else SIMILAR_THRESHOLD
        if score >= least:
            links.append((score, right))
        else:
            nil, right_nil = nil + 1, right_nil + (not is_there)
    number = sum(right for _, right in links)
    return {
        "mentions": len(examples),
        "links": len(links),
        "precision": ratio(number, len(links)),
        "mean_probability": round(float(np.mean([s for s, _ in links])), 4) if links else None,
        "recall_of_covered": ratio(number, covered),
        "nil_precision": ratio(right_nil, nil),
        "nil_recall": ratio(right_nil, absent),
        "calibration_error": calibration_error(links),
        "chance": chance(links),
    }


def is_known(example: LinkingExample) -> bool:
    """Whether a candidate bears the mention's name or was meant by it."""
    columns = [CANDIDATE_FEATURES.index(name) for name in ("has exact", "has prior")]
    return bool((example.candidates[:, columns] > 0).any())


def best(example: LinkingExample, weights: WeightsByLabel) -> tuple[float, bool]:
    """The probability of the best candidate, 0 without any, and whether it is right."""
    if not len(example.right):
        return 0.0, False
    own = weights.get(example.label) or weights[""]
    logits = example.candidates @ values(own.candidate, CANDIDATE_FEATURES) / own.temperature
    nil = float(example.nil @ values(own.nil, NIL_FEATURES)) / own.temperature
    highest = max(float(logits.max()), nil)
    exponents = np.exp(logits - highest)
    first = int(exponents.argmax())
    score = exponents[first] / (exponents.sum() + np.exp(nil - highest))
    return float(score), bool(example.right[first])


def values(weights: Mapping[str, float], names: Sequence[str]) -> Any:
    return np.array([weights.get(name, 0.0) for name in names])


def calibration_error(links: Sequence[tuple[float, bool]], bins: int = 10) -> float | None:
    if not links:
        return None
    scores, right = np.array(sorted(links)).T
    return round(float(binned(scores, right, bins)), 4)


def chance(links: Sequence[tuple[float, bool]], bins: int = 10) -> float | None:
    """The calibration error of that many links if each is right as often as it says."""
    if not links:
        return None
    rng = np.random.default_rng(0)
    scores = np.array(sorted(score for score, _ in links))
    drawn = [binned(scores, rng.random(len(scores)) < scores, bins) for _ in range(200)]
    return round(float(np.mean(drawn)), 4)


def binned(scores: Any, right: Any, bins: int) -> float:
    starts = np.arange(0, len(scores), max(1, len(scores) // bins))
    return float(np.abs(np.add.reduceat(scores - right, starts)).sum() / len(scores))


def ratio(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def write_model(output: Path, data: Path, fitted: Mapping[str, WeightsByLabel]) -> None:
    """The model directory; what is not fitted now stays as it is there."""
    output.mkdir(parents=True, exist_ok=True)
    path = output / WEIGHTS_FILE
    raw = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    for name, weights in fitted.items():
        raw[name] = {label: as_json(of_label) for label, of_label in weights.items()}
    path.write_text(json.dumps(raw, indent=1) + "\n", encoding="utf-8")
    manifest = Manifest(
        name=output.name,
        version=version("biopipe"),
        task=WEIGHTS_TASK,
        labels=tuple(sorted({label for of in raw.values() for label in of if label})),
        max_length=0,
        stride=0,
        opset=0,
        base_model="",
        licence="Apache-2.0",
        settings={"features": len(CANDIDATE_FEATURES) + len(NIL_FEATURES)},
        training_data=describe_corpora(
            {data / "corpora" / f"{corpus}.pubtator": TERMS[corpus] for corpus in CORPORA}
        ),
    )
    # The other weights are those of `gene_species.py` and `mention_certainty.py`.
    named = (WEIGHTS_FILE, SPECIES_WEIGHTS_FILE, CERTAINTY_FILE)
    files = [name for name in named if (output / name).is_file()]
    write_manifest(output, manifest, files)


def as_json(weights: LinkerWeights) -> dict[str, Any]:
    return asdict(weights)


if __name__ == "__main__":
    main()
