"""Linking of gold mentions on dev sets: exact names, n-grams, vectors, all together, and what the
scores are worth.

Diseases with MEDIC, chemicals with MeSH descriptors, phenotypes with HPO. Recall is over mentions
with ids ("of covered": over those whose ids the knowledge base has); all ids of a MEDIC concept
count as the same answer. "NIL" is measured once more with half of the concepts taken out of each
knowledge base, and the accuracy on the mentions whose concept is still there is compared with the
accuracy before. The linker's weights were fitted on these dev sets; with --cross-validate they are
fitted on four fifths of the documents and measured on the last fifth.

With --reranker the doubtful links are weighed again by that cross-encoder ("reranked"). --baseline
measures the vectors of another bi-encoder, plain MiniLM say, and nothing else.

    python benchmarks/linking_dev.py [--cross-validate] [--reranker MODEL] [--only NAME]
    python benchmarks/linking_dev.py --baseline MODEL [--only NAME]
"""

import hashlib
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from record import options, record

from biopipe.document import Document
from biopipe.evaluate.canonical_ids import with_canonical_ids
from biopipe.evaluate.gold import without_concepts
from biopipe.evaluate.linking_scores import score_linking
from biopipe.io.codecs.pubtator import read
from biopipe.kb.base import KnowledgeBase
from biopipe.kb.build.compile import compile_kb
from biopipe.kb.build.formats import terminology_format
from biopipe.kb.schema import Concept
from biopipe.linking.biencoder import DEFAULT_BIENCODER, BiEncoder
from biopipe.linking.linker import ExplainedMention, Linker
from biopipe.linking.mention_prior import DEFAULT_PRIOR
from biopipe.linking.weights import WeightsByLabel
from biopipe.runtime.manifest import load_manifest
from biopipe.runtime.models import find_model
from biopipe.text.abbreviations import AbbreviationFinder

# name: corpus, label, format of the terminology, its file, the recall@1 that is asked for
RUNS = {
    "ncbi": ("ncbi-disease", "Disease", "medic", "medic-2012.txt", 0.88),
    "bc5cdr-disease": ("bc5cdr", "Disease", "medic", "medic-2012.txt", 0.90),
    "bc5cdr-chemical": ("bc5cdr", "Chemical", "mesh", "mesh-descriptors-2019.tsv", 0.95),
    "hpo": ("hpo-gsc", "Phenotype", "obograph", "hpo-2019.json", 0.80),
    "biored-disease": ("biored", "Disease", "medic", "medic-2012.txt", None),
    "biored-chemical": ("biored", "Chemical", "mesh", "mesh-descriptors-2019.tsv", None),
    "biored-gene": ("biored", "Gene", "hgnc", "hgnc-2017.tsv", None),
    "biored-species": ("biored", "Species", "obo", "ncbitaxon-slim-2022.obo", None),
}
RERANKED = "Disease"  # what the shipped cross-encoder was trained on
FOLDS = 5
RETRIEVERS = ("exact", "ngram", "dense")


@dataclass(frozen=True)
class Bench:
    """Gold documents, the label whose mentions are linked, with ids as the knowledge base has them,
    and that knowledge base. Mentions of other labels stay in the text that the linker reads.
    """

    name: str
    label: str
    documents: list[Document]
    kb: KnowledgeBase

    @property
    def linked(self) -> dict[str, KnowledgeBase]:
        """What a linker is given."""
        return {self.label: self.kb}

    @property
    def mentions(self) -> int:
        """How many are linked."""
        return sum(m.label == self.label for d in self.documents for m in d.mentions)


def main() -> None:
    parser = options(__doc__)
    parser.add_argument(
        "--encoder", default=DEFAULT_BIENCODER, help="model name or folder; '' for none"
    )
    parser.add_argument("--baseline", type=Path, help="folder of another bi-encoder")
    parser.add_argument("--reranker", help="cross-encoder, name or folder")
    parser.add_argument("--weights", type=Path, help="weights of biopipe train linker")
    parser.add_argument("--cross-validate", action="store_true", help="needs the extra 'train'")
    parser.add_argument(
        "--fit", type=Path, help="fit weights on all dev sets and write them here, no scores"
    )
    parser.add_argument(
        "--work", type=Path, help="folder for the knowledge bases, used again when they are there"
    )
    parser.add_argument("--only", action="append", choices=list(RUNS))
    arguments = parser.parse_args()
    chosen = arguments.only or list(RUNS)
    with tempfile.TemporaryDirectory() as temporary:
        folder = arguments.work or Path(temporary)
        if arguments.baseline:
            other = Bases(arguments.data, folder / "baseline", str(arguments.baseline))
            alone = {
                name: retrievers(bench(other, name, arguments.data), arguments.baseline)["dense"]
                for name in chosen
            }
            model = load_manifest(find_model(arguments.baseline)).hash
            record("linking_dev_baseline", {"hash": model, "dense": alone}, arguments.results)
            return
        made = Bases(arguments.data, folder / "bases", arguments.encoder)
        benches = [bench(made, name, arguments.data) for name in chosen]
        if arguments.fit:
            fit_all(benches, arguments.fit)
            return
        halved = [bench(made, name, arguments.data, half=True) for name in chosen]
        folds = cross_validated(benches) if arguments.cross_validate else None
        result: dict[str, Any] = {
            b.name: measure(b, h, arguments.weights, folds)
            for b, h in zip(benches, halved, strict=True)
        }
        if arguments.reranker:
            for b, h in zip(benches, halved, strict=True):
                if b.label == RERANKED:
                    result[b.name]["reranked"] = reranked(b, h, arguments.reranker)
    encoder = benches[0].kb.encoder
    result["encoder"] = None if encoder is None else {"name": encoder[0], "hash": encoder[1]}
    prior = load_manifest(find_model(DEFAULT_PRIOR))
    result["prior"] = {"name": prior.name, "hash": prior.hash}
    if arguments.reranker:
        manifest = load_manifest(find_model(arguments.reranker))
        result["reranker"] = {"name": manifest.name, "hash": manifest.hash}
    suffix = "_cross_validated" if arguments.cross_validate else ""
    record(f"linking_dev{suffix}", result, arguments.results)


class Bases:
    """Knowledge bases built on demand, each once; `half` keeps every second concept."""

    def __init__(self, data: Path, folder: Path, encoder: str) -> None:
        self._data, self._folder = data, folder
        self._encoder = RememberingEncoder(BiEncoder(encoder)) if encoder else None
        self._built: dict[tuple[str, bool], KnowledgeBase] = {}

    def get(self, format: str, file: str, *, half: bool) -> KnowledgeBase:
        path = self._folder / f"{file}-{half}"
        if path.exists():
            self._built.setdefault((file, half), KnowledgeBase.open(path))
        if (file, half) not in self._built:
            concepts: Iterable[Concept] = typed(format, self._data / "terminologies" / file)
            compile_kb(
                (c for c in concepts if not (half and left_out(c))),
                path,
                name=file,
                version="",
                licence="",
                sources={},
                encoder=self._encoder,
            )
            self._built[file, half] = KnowledgeBase.open(path)
        return self._built[file, half]


class RememberingEncoder:
    """Encodes a name once: a halved knowledge base has half of the names of the whole one."""

    def __init__(self, encoder: BiEncoder) -> None:
        self.name, self.hash, self.dimension = encoder.name, encoder.hash, encoder.dimension
        self._encoder = encoder
        self._vectors: dict[str, npt.NDArray[np.float16]] = {}

    def encode(self, names: Sequence[str]) -> npt.NDArray[np.float32]:
        new = [name for name in dict.fromkeys(names) if name not in self._vectors]
        self._vectors |= zip(new, self._encoder.encode(new).astype(np.float16), strict=True)
        return np.stack([self._vectors[name] for name in names]).astype(np.float32)


def typed(format: str, path: Path) -> Iterator[Concept]:
    """The concepts without the groups of an ontology as their types, as `biopipe kb build` has
    them.
    """
    known = terminology_format(format)
    for concept in known.read(path):
        groups = known.groups or not concept.types
        yield replace(concept, types=(known.type,) if known.type else ()) if groups else concept


def left_out(concept: Concept) -> bool:
    main = concept.replaced_by or concept.id
    return hashlib.blake2b(main.encode(), digest_size=1, key=b"half").digest()[0] % 2 == 0


def bench(bases: Bases, name: str, data: Path, *, half: bool = False) -> Bench:
    corpus, label, format, file, _ = RUNS[name]
    kb = bases.get(format, file, half=half)
    documents = []
    for document in AbbreviationFinder().predict(
        list(read(data / "corpora" / corpus / "dev.pubtator"))
    ):
        documents.append(
            with_canonical_ids(
                replace(document, relations=()),
                lambda of, id_: kb.canonical(id_) if of == label else id_,
            )
        )
    return Bench(name, label, documents, kb)


def fit_all(benches: Sequence[Bench], path: Path) -> None:
    import json
    from dataclasses import asdict

    from biopipe.train.linking.examples import linking_examples
    from biopipe.train.linking.weights import fit_weights

    examples = [e for b in benches for e in linking_examples(b.documents, Linker(b.linked))]
    raw = {label: asdict(each) for label, each in fit_weights(examples).items()}
    path.write_text(json.dumps(raw, indent=2) + "\n", encoding="utf-8")


def cross_validated(benches: Sequence[Bench]) -> list[WeightsByLabel]:
    """Weights fitted without each fifth of the documents, by the hash of a document's id."""
    from biopipe.train.linking.examples import linking_examples
    from biopipe.train.linking.weights import fit_weights

    examples = [e for b in benches for e in linking_examples(b.documents, Linker(b.linked))]
    return [fit_weights([e for e in examples if fold(e.document) != k]) for k in range(FOLDS)]


def fold(document_id: str) -> int:
    return hashlib.blake2b(document_id.encode(), digest_size=1).digest()[0] % FOLDS


def measure(
    whole: Bench, half: Bench, weights: Path | None, folds: list[WeightsByLabel] | None
) -> dict[str, Any]:
    started = time.perf_counter()
    predicted = link(whole, weights, folds)
    seconds = time.perf_counter() - started
    scores = score(whole, predicted)
    linked_half = link(half, weights, folds)
    halved = score(half, linked_half)
    return {
        "asked for": RUNS[whole.name][4],
        **retrievers(whole),
        "fused": scores,
        "half of the concepts": {
            "nil": halved["nil"],
            "ece": halved["ece"],
            "accuracy where the concept is there": present(half, linked_half, half),
            "before": present(whole, predicted, half),
        },
        "mentions per second": round(whole.mentions / seconds, 1),
        "concepts": len(whole.kb),
        "names": whole.kb.manifest.counts["names"],
    }


def reranked(whole: Bench, half: Bench, reranker: str) -> dict[str, Any]:
    """What a cross-encoder makes of the same links."""
    started = time.perf_counter()
    predicted = link(whole, None, None, reranker=reranker)
    seconds = time.perf_counter() - started
    halved = score(half, link(half, None, None, reranker=reranker))
    return {
        **score(whole, predicted),
        "half of the concepts": {"nil": halved["nil"], "ece": halved["ece"]},
        "mentions per second": round(whole.mentions / seconds, 1),
    }


def link(
    bench: Bench,
    weights: Path | None,
    folds: list[WeightsByLabel] | None,
    *,
    reranker: str | None = None,
) -> list[Document]:
    inputs = [replace(without_concepts(d), abbreviations=d.abbreviations) for d in bench.documents]
    if folds is None:
        return Linker(bench.linked, weights=weights, reranker=reranker).predict(inputs)
    linkers = [Linker(bench.linked, weights=each) for each in folds]
    return [linkers[fold(d.id)].predict([d])[0] for d in inputs]


def score(bench: Bench, predicted: Sequence[Document]) -> dict[str, Any]:
    known = lambda _, id_: id_ in bench.kb  # noqa: E731
    scores = score_linking(bench.documents, predicted, known=known, labels=[bench.label])
    covered = scores["coverage"] or 1.0
    shares = {
        f"recall@{k} of covered": round(scores[f"recall@{k}"] / covered, 4) for k in (1, 5, 20)
    }
    kept = {k: v for k, v in scores.items() if k != "types"}
    return {**kept, **shares}


def present(bench: Bench, predicted: Sequence[Document], half: Bench) -> float:
    """The share of right answers among mentions with one concept that the halved knowledge base has
    too.
    """
    right = total = 0
    for gold, found in zip(bench.documents, predicted, strict=True):
        for one, other in zip(gold.mentions, found.mentions, strict=True):
            if (
                one.label == bench.label
                and len(one.concept_ids) == 1
                and one.concept_ids[0] in half.kb
            ):
                total += 1
                right += one.concept_ids == other.concept_ids
    return round(right / max(total, 1), 4)


def retrievers(bench: Bench, encoder: str | Path = "auto") -> dict[str, dict[str, float]]:
    """Recall at 1 and 20 of each retriever alone, over covered mentions with one concept."""
    hits = {name: [0, 0] for name in RETRIEVERS}
    total = 0
    for explained in Linker(bench.linked, encoder=encoder).explain(bench.documents):
        gold = [explained.kb.canonical(id_) for id_ in explained.mention.concept_ids]
        if len(gold) == 1 and gold[0] is not None:
            total += 1
            for name in RETRIEVERS:
                ranked = ranking(explained, name)
                hits[name][0] += gold[0] in ranked[:1]
                hits[name][1] += gold[0] in ranked[:20]
    return {
        name: {
            "recall@1": round(one / max(total, 1), 4),
            "recall@20": round(twenty / max(total, 1), 4),
        }
        for name, (one, twenty) in hits.items()
    }


def ranking(explained: ExplainedMention, name: str) -> list[str]:
    scores = getattr(explained.evidence, name).tolist()
    scored = zip(explained.candidate_ids, scores, strict=True)
    kept = [(concept_id, score) for concept_id, score in scored if score > 0]
    return [concept_id for concept_id, _ in sorted(kept, key=lambda pair: -pair[1])]


if __name__ == "__main__":
    main()
