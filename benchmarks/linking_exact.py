"""Dictionary linking of gold mentions: recall@1, precision of what is linked, and how true the scores are.

Diseases with MEDIC, chemicals with MeSH descriptors, both turned into TSV and compiled in a temporary folder.
All ids of a MEDIC concept count as the same answer; a composite mention is right when its set of concepts is.
The scores were set on these same dev sets, so "ece" is not what unseen text gives.
A mention without an id, or with one the dictionary lacks, is right when it is NIL.

    python benchmarks/linking_exact.py [--data ../shared/data] [--output RESULT.json] [--errors]
"""

import argparse
import json
import re
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from biopipe.io.pubtator import read
from biopipe.kb.base import KnowledgeBase
from biopipe.kb.compile import compile_kb
from biopipe.kb.sources import tsv
from biopipe.linking.linker import Linker
from biopipe.text.abbreviations import AbbreviationFinder
from biopipe.types import Document

HERE = Path(__file__).parent
RUNS = (
    ("ncbi-disease", "Disease", "medic"),
    ("bc5cdr", "Disease", "medic"),
    ("biored", "Disease", "medic"),
    ("bc5cdr", "Chemical", "mesh"),
    ("biored", "Chemical", "mesh"),
)
BINS = 10


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=HERE.parent / "../shared/data")
    parser.add_argument("--output", type=Path, default=HERE / "results/linking_exact.json")
    parser.add_argument("--errors", action="store_true", help="print what was linked wrongly or not at all")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        result = run(arguments.data, Path(folder), errors=arguments.errors)
    arguments.output.write_text(json.dumps(result, indent=2) + "\n")
    print(json.dumps(result, indent=2))


def run(data: Path, folder: Path, *, errors: bool) -> dict[str, object]:
    terminologies = data / "terminologies"
    rows = {
        "medic": list(medic_rows(terminologies / "medic-2012.txt")),
        "mesh": list(mesh_rows(terminologies / "mesh-descriptors-2019.tsv")),
    }
    same = dict(same_ids(terminologies / "medic-2012.txt"))
    kbs = {name: build(name, table, folder) for name, table in rows.items()}
    results: dict[str, object] = {}
    for corpus, label, name in RUNS:
        documents = AbbreviationFinder().predict(list(read(data / "corpora" / corpus / "dev.pubtator")))
        key = f"{corpus} dev {label} with {name}"
        results[key] = score(documents, label, kbs[name], same if name == "medic" else {}, errors=errors)
    return results


def medic_concepts(path: Path) -> Iterator[tuple[list[str], list[str]]]:
    """Ids, the primary one first, and names of each concept; an empty field parts them."""
    for line in path.read_text(encoding="utf-8").splitlines():
        ids, _, names = line.partition("||")
        yield [curie(id_) for id_ in ids.split("|")], names.split("|")


def medic_rows(path: Path) -> Iterator[tuple[str, str, str]]:
    for ids, names in medic_concepts(path):
        yield ids[0], names[0], "|".join(names[1:])


def mesh_rows(path: Path) -> Iterator[tuple[str, str, str]]:
    for line in path.read_text(encoding="utf-8").splitlines():
        id_, name, synonyms = (*line.split("\t"), "")[:3]
        yield curie(id_), name, synonyms


def same_ids(path: Path) -> Iterator[tuple[str, str]]:
    """Every alternative id of MEDIC with the primary id of its concept."""
    for ids, _ in medic_concepts(path):
        yield from ((other, ids[0]) for other in ids[1:])


def curie(id_: str) -> str:
    return f"MESH:{id_}" if re.fullmatch(r"[CD]\d+", id_) else f"OMIM:{id_}" if id_.isdigit() else id_


def build(name: str, rows: Iterable[tuple[str, str, str]], folder: Path) -> KnowledgeBase:
    table = folder / f"{name}.tsv"
    table.write_text("\n".join(["id\tname\tsynonyms", *("\t".join(row) for row in rows)]), encoding="utf-8")
    directory = compile_kb(
        tsv.read(table), folder / name, name=name, version="benchmark", licence="see its source", sources={}
    )
    return KnowledgeBase.open(directory)


def score(
    documents: Sequence[Document], label: str, kb: KnowledgeBase, same: Mapping[str, str], *, errors: bool
) -> dict[str, float | int]:
    kept = [keep(document, label) for document in documents]
    started = time.perf_counter()
    predicted = Linker(kb).predict(kept)
    seconds = time.perf_counter() - started
    counts: Counter[str] = Counter()
    scored: list[tuple[float, bool]] = []
    for before, after in zip(kept, predicted, strict=True):
        for gold, found in zip(before.mentions, after.mentions, strict=True):
            expected = answer(gold.concept_ids, kb, same)
            got = answer(found.concept_ids, kb, same)
            counts["mentions"] += 1
            counts["covered"] += bool(expected)
            counts["linked"] += bool(got)
            counts["right"] += bool(got) and got == expected
            counts["nil"] += not expected
            counts["nil right"] += not expected and not got
            if found.candidates:
                scored.append(
                    (
                        found.candidates[0].score,
                        answer([found.candidates[0].concept_id], kb, same) == expected,
                    )
                )
            if errors and got != expected:
                print(before.text[gold.start : gold.end], sorted(expected), sorted(got), sep="\t")
    return {
        "mentions": counts["mentions"],
        "coverage": ratio(counts["covered"], counts["mentions"]),
        "recall@1": ratio(counts["right"], counts["covered"]),
        "recall@1 of all mentions": ratio(counts["right"], counts["mentions"]),
        "precision of links": ratio(counts["right"], counts["linked"]),
        "nil recall": ratio(counts["nil right"], counts["nil"]),
        "ece": round(calibration_error(scored), 4),
        "mentions per second": round(counts["mentions"] / seconds),
    }


def keep(document: Document, label: str) -> Document:
    mentions = tuple(mention for mention in document.mentions if mention.label == label)
    return Document(document.id, document.text, mentions, abbreviations=document.abbreviations)


def answer(ids: Iterable[str], kb: KnowledgeBase, same: Mapping[str, str]) -> frozenset[str]:
    """The concepts as the dictionary's primary ids; empty when it has none of them, or not all."""
    # NCBI Disease joins the parts of some composites with "+".
    parts = [part if ":" in part else f"MESH:{part}" for id_ in ids for part in id_.split("+")]
    primary = {same.get(part, part) for part in parts}
    return frozenset(primary) if all(id_ in kb for id_ in primary) else frozenset()


def calibration_error(scored: Sequence[tuple[float, bool]]) -> float:
    bins: dict[int, list[tuple[float, bool]]] = {}
    for probability, right in scored:
        bins.setdefault(min(int(probability * BINS), BINS - 1), []).append((probability, right))
    gaps = (abs(sum(p for p, _ in each) - sum(right for _, right in each)) for each in bins.values())
    return sum(gaps) / max(1, len(scored))


def ratio(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 0.0


if __name__ == "__main__":
    main()
