"""A synthetic vocabulary of the size of UMLS: build time, size, memory, speed, and recall of the
vector index.

At --scale 1 it has 4 million concepts with 10 million names: word parts of medicine joined, with
word frequencies after Zipf, synonyms by the ways in which vocabularies differ, a tree of parents,
120 types and 8 sources. Mentions are stored names as they are, in another form, misspelt, or with a
word left out.

Vectors: encoding 10 million names would take hours on two cores. --encoded names go through the
real bi-encoder (--encoder), and every other name gets one of those vectors with noise added. Build
time with vectors is therefore without the encoder's part, and recall is of such vectors. Recall
compares with a visit to all lists of the index.

"exact", "ngram" and "dense" ask the knowledge base for each kind of candidate, the vectors of the
mentions at hand; "linker" is the whole linker: each mention encoded, all candidates joined,
probabilities. Without vectors it searches n-grams only for mentions that are no exact name.

"both_indexes" asks lists of 3-grams and an index by words of the same names for the same mentions,
one after the other: milliseconds of processor time for each, how many of the 20 concepts that the
exhaustive lists give the other gives too, and how often the concept whose name was changed is among
them. The index that the base has not is built beside it and removed.

The memory of the build is sampled four times a second: anonymous pages, pages of files, which the
system takes back where it needs them, and both, with the highest of each stage.

With --folder the knowledge base stays there, its building figures beside it; a second run links
with what it finds.

    python benchmarks/umls_scale.py [--scale 0.01] [--encoder NAME] [--encoded 20000] [--no-dense]
"""

import argparse
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from record import options, record
from synthetic_vocabulary import concepts, mentions

from biopipe.document import Document, Mention
from biopipe.kb.ann import AnnIndex
from biopipe.kb.arrays import open_batch, view
from biopipe.kb.base import KnowledgeBase
from biopipe.kb.build.compile import compile_kb
from biopipe.kb.build.ngram_build import BLOCK_NAMES, build_ngrams
from biopipe.kb.build.word_build import build_words
from biopipe.kb.groups import Mask, NameGroups
from biopipe.kb.hashing import name_hash
from biopipe.kb.ngram import NgramIndex
from biopipe.kb.word_index import WordIndex
from biopipe.kb.word_postings import WORD_POSTINGS_FILE
from biopipe.linking.linker import Linker
from biopipe.text.normalize import normalize_name

CONCEPTS = 4_000_000
MENTIONS, PROCESSES, NEAREST = 200, 4, 20
COMPARED = 100
SAMPLE_SECONDS = 0.25
DIMENSION, CLUSTERS = 384, 600
# Length of the noise added to a vector of length 1: a cosine of 0.9 to where it came from.
NOISE = 0.48
# Name and hash of the encoder that vectors are said to be of without --encoder.
RANDOM = ("random clusters", "0" * 64)

Floats = npt.NDArray[np.float32]


class SampledEncoder:
    """Gives each name a vector near one that was really encoded; the same name always the same
    one.
    """

    def __init__(self, sample: Floats, name: str, hash: str) -> None:
        self.name, self.hash, self.dimension = name, hash, sample.shape[1]
        self.sample = sample

    def encode(self, names: Sequence[str]) -> Floats:
        hashes = np.array([name_hash(name) for name in names], np.uint64)
        generator = np.random.default_rng(hashes[:4])
        vectors = self.sample[(hashes % np.uint64(len(self.sample))).astype(np.int64)]
        return near(vectors, generator)


def near(vectors: Floats, generator: np.random.Generator) -> Floats:
    noise = generator.standard_normal(vectors.shape, np.float32) * (
        NOISE / np.sqrt(vectors.shape[1])
    )
    return unit(vectors + noise)


def unit(vectors: Floats) -> Floats:
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def main() -> None:
    parser = options(__doc__)
    parser.add_argument("--scale", type=float, default=0.01, help="1 is 4 million concepts")
    parser.add_argument(
        "--encoder", help="name or folder of a bi-encoder; without it vectors are random"
    )
    parser.add_argument("--encoded", type=int, default=20_000, help="names that are really encoded")
    parser.add_argument("--dense", action=argparse.BooleanOptionalAction, default=True)
    parser.add_argument("--folder", type=Path, help="build there and keep it")
    parser.add_argument("--work", choices=("build", "link", "compare"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.work == "build":
        print(json.dumps(build(arguments)))
        return
    if arguments.work:
        print(json.dumps((link if arguments.work == "link" else compare)(arguments.folder)))
        return
    with tempfile.TemporaryDirectory() as temporary:
        folder = arguments.folder or Path(temporary) / "kb"
        folder.parent.mkdir(parents=True, exist_ok=True)
        vectors = "" if arguments.dense else "_without_vectors"
        name = f"umls_scale_{arguments.scale:g}{vectors}"
        record(name, measure(arguments, folder), arguments.results)


def measure(arguments: argparse.Namespace, folder: Path) -> dict[str, Any]:
    figures = folder.with_name(f"{folder.name}.build.json")
    if not (folder.is_dir() and figures.is_file()):
        figures.write_text(json.dumps(sampled_build(folder)), encoding="utf-8")
    built = json.loads(figures.read_text(encoding="utf-8"))
    kb = KnowledgeBase.open(folder)
    sizes = {path.name: size(path) for path in sorted(folder.iterdir())}
    one, four = work("link", folder, 1), work("link", folder, PROCESSES)
    return {
        "scale": arguments.scale,
        "counts": dict(kb.manifest.counts),
        "vectors": about_vectors(arguments, kb),
        "build": built,
        "megabytes": {"together": round(sum(sizes.values()), 1), **sizes},
        "open_milliseconds": round(
            1000 * min(seconds(lambda: KnowledgeBase.open(folder)) for _ in range(5)), 2
        ),
        "both_indexes": work("compare", folder, 1)[0],
        "one_process": one[0],
        "four_processes": {
            "private_mb_together": round(sum(each["private_mb"] for each in four), 1),
            "anonymous_mb_together": round(sum(each["anonymous_mb"] for each in four), 1),
            "mentions_per_second_together": {
                way: round(sum(each["mentions_per_second"][way] for each in four), 1)
                for way in four[0]["mentions_per_second"]
            },
        },
        "recall@20_of_vector_index": vector_recall(folder),
    }


def about_vectors(arguments: argparse.Namespace, kb: KnowledgeBase) -> str:
    if not arguments.dense:
        return "none"
    made = (
        f"{arguments.encoded} names by {arguments.encoder}"
        if arguments.encoder
        else "random clusters"
    )
    return f"{kb.manifest.encoder['vectors']}; {made}, all others one of those with noise, made by no encoder"


def work(what: str, folder: Path, processes: int) -> list[dict[str, Any]]:
    command = [sys.executable, __file__, *sys.argv[1:], "--folder", str(folder), "--work", what]
    started = [
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(processes)
    ]
    return [json.loads(process.communicate()[0].splitlines()[-1]) for process in started]


def sampled_build(folder: Path) -> dict[str, Any]:
    """What `build` gives in a process of its own, and the most memory of each of its stages."""
    command = [sys.executable, __file__, *sys.argv[1:], "--folder", str(folder), "--work", "build"]
    samples: list[tuple[float, int, int]] = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        while process.poll() is None:
            status = numbers(Path(f"/proc/{process.pid}/status"))
            if "RssAnon" in status:
                samples.append((time.time(), status["RssAnon"], status["RssFile"]))
            time.sleep(SAMPLE_SECONDS)
        assert process.stdout is not None
        built = json.loads(process.stdout.read().splitlines()[-1])
    memory, start = {}, 0.0
    for stage, end in [*built.pop("stage_ends").items(), ("all", float("inf"))]:
        of_stage = [row for row in samples if start <= row[0] < end or stage == "all"]
        memory[stage] = {
            "anonymous": max((row[1] for row in of_stage), default=0) // 1024,
            "files": max((row[2] for row in of_stage), default=0) // 1024,
            "together": max((row[1] + row[2] for row in of_stage), default=0) // 1024,
        }
        start = end
    return {**built, "peak_mb_of_stages": memory}


def build(arguments: argparse.Namespace) -> dict[str, Any]:
    encoder = sampled_encoder(arguments) if arguments.dense else None
    if encoder:
        np.save(sample_file(arguments.folder), encoder.sample)
    started, processor = time.perf_counter(), time.process_time()
    parts: dict[str, float] = {}
    ends: dict[str, float] = {}

    def passed(what: str) -> None:
        parts[what] = round(time.process_time() - processor, 1)
        ends[what] = time.time()

    compile_kb(
        concepts(int(CONCEPTS * arguments.scale)),
        arguments.folder,
        name="synthetic",
        version="1",
        licence="CC0",
        sources={},
        encoder=encoder,
        progress=lambda count: passed("names read"),
        stage=lambda what, done, total: passed(f"{what} counted"),
    )
    return {
        "seconds": round(time.perf_counter() - started, 1),
        "processor_seconds": round(time.process_time() - processor, 1),
        "processor_seconds_until": parts,
        "stage_ends": ends,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def sampled_encoder(arguments: argparse.Namespace) -> SampledEncoder:
    generator = np.random.default_rng(3)
    if not arguments.encoder:
        centres = generator.standard_normal((CLUSTERS, DIMENSION), np.float32)
        places = centres[generator.integers(0, CLUSTERS, arguments.encoded)]
        noise = generator.standard_normal(places.shape, np.float32)
        return SampledEncoder(unit(places + noise), *RANDOM)
    from biopipe.linking.biencoder import BiEncoder

    names = [concept.name for concept in concepts(arguments.encoded, seed=11)]
    encoder = BiEncoder(arguments.encoder)
    return SampledEncoder(encoder.encode(names), encoder.name, encoder.hash)


def link(folder: Path) -> dict[str, Any]:
    """Speed and memory of one process that asks for every kind of candidate."""
    kb = KnowledgeBase.open(folder)
    rows = random.Random(os.getpid()).sample(range(kb.manifest.counts["names"]), MENTIONS)
    asked = mentions([kb.name_text(row) for row in rows], seed=os.getpid())
    spent = {"exact": seconds(lambda: [kb.lookup(name) for name in asked])}
    kb.search_ngrams(asked[:5], NEAREST)
    spent["ngram"] = seconds(lambda: kb.search_ngrams(asked, NEAREST))
    if kb.has_dense:
        vectors = query_vectors(folder)
        kb.search_dense(vectors[:5], NEAREST)
        spent["dense"] = seconds(lambda: kb.search_dense(vectors, NEAREST))
    if not kb.has_dense or kb.encoder != RANDOM:
        linker = Linker(kb, threads=1)
        documents = [
            Document(str(i), name, (Mention(0, len(name), "Disease"),))
            for i, name in enumerate(asked)
        ]
        linker.predict(documents[:1])
        spent["linker"] = seconds(lambda: linker.predict(documents[1:]))
    return {
        "mentions_per_second": {way: round(MENTIONS / each, 1) for way, each in spent.items()},
        "milliseconds_per_mention": {
            way: round(1000 * each / MENTIONS, 3) for way, each in spent.items()
        },
        **memory(),
    }


def compare(folder: Path) -> dict[str, Any]:
    """Lists of 3-grams and an index by words, asked the same."""
    kb = KnowledgeBase.open(folder)
    rows = random.Random(3).sample(range(kb.manifest.counts["names"]), COMPARED)
    asked = mentions([kb.name_text(row) for row in rows], seed=3)
    owners = view(open_batch(folder / "names.arrow")["concept"], np.uint32)
    groups = NameGroups(folder / "ngram", owners)
    own_by_words = (folder / "ngram" / WORD_POSTINGS_FILE).is_file()
    with tempfile.TemporaryDirectory(dir=folder.parent) as temporary:
        other = Path(temporary)
        spent = build_other(folder, groups, other, by_words=not own_by_words)
        by_words, by_grams = (
            (folder / "ngram", other) if own_by_words else (other, folder / "ngram")
        )
        indexes = {"lists": NgramIndex(by_grams, groups), "words": WordIndex(by_words, groups)}
        some = kb.select(types=list(kb.types)[:: len(kb.types) // 10])
        figures = {
            "all": compared(indexes, asked, owners[rows], None),
            "a tenth of the types": compared(indexes, asked, owners[rows], some),
        }
        sizes = {"lists": size(by_grams), "words": size(by_words)}
    return {
        "built_beside": "lists" if own_by_words else "words",
        "processor_seconds_of_it": spent,
        "megabytes": sizes,
        **figures,
    }


def build_other(folder: Path, groups: NameGroups, other: Path, *, by_words: bool) -> float:
    texts = open_batch(folder / "names.arrow")["text"]
    offsets, rows = (np.load(folder / "ngram" / f"name_{what}.npy") for what in ("offsets", "rows"))
    first = rows[offsets[:-1]]
    blocks = (
        [normalize_name(text) for text in texts.take(pa.array(part)).to_pylist()]
        for part in (first[at : at + BLOCK_NAMES] for at in range(0, len(first), BLOCK_NAMES))
    )
    started = time.process_time()
    (build_words if by_words else build_ngrams)(other, blocks, len(groups), lambda done: None)
    return round(time.process_time() - started, 1)


def compared(
    indexes: dict[str, NgramIndex | WordIndex],
    asked: Sequence[str],
    concepts: npt.NDArray[np.uint32],
    allowed: Mask | None,
) -> dict[str, Any]:
    """Both searches of each mention, one after the other, so that they run in the same weather."""
    spent: dict[str, list[float]] = {way: [] for way in indexes}
    scores: dict[str, list[list[float]]] = {way: [] for way in indexes}
    own = dict.fromkeys(indexes, 0)
    for name, concept in zip(asked, concepts.tolist(), strict=True):
        for way, index in indexes.items():
            started = time.process_time()
            hits = index.search([name], NEAREST, allowed)[0]
            spent[way].append(1000 * (time.process_time() - started))
            scores[way].append([round(hit.score, 9) for hit in hits])
            own[way] += concept in {hit.concept for hit in hits}
    # Equal scores may stand for one another.
    shared = [
        sum((Counter(lists) & Counter(words)).values())
        for lists, words in zip(scores["lists"], scores["words"], strict=True)
    ]
    return {
        "processor_milliseconds_per_mention": {
            way: {
                "mean": round(float(np.mean(of_way)), 2),
                "median": round(float(np.median(of_way)), 2),
            }
            for way, of_way in spent.items()
        },
        "times_faster": round(float(np.sum(spent["lists"]) / np.sum(spent["words"])), 1),
        "recall@20_of_lists": round(sum(shared) / max(sum(map(len, scores["lists"])), 1), 5),
        "mentions_with_other_scores": sum(
            lists != words for lists, words in zip(scores["lists"], scores["words"], strict=True)
        ),
        "own_concept_in_20": {way: round(count / len(asked), 4) for way, count in own.items()},
    }


def sample_file(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}.sample.npy")


def query_vectors(folder: Path) -> Floats:
    """Vectors as far from encoded ones as those of stored names are."""
    generator = np.random.default_rng(os.getpid())
    sample = np.load(sample_file(folder), mmap_mode="r")
    return near(sample[generator.integers(0, len(sample), MENTIONS)], generator)


def vector_recall(folder: Path) -> float | None:
    path = folder / "dense" / "vectors.faiss"
    if not path.is_file():
        return None
    index = AnnIndex(path)
    queries = query_vectors(folder)
    true = index.nearest(queries, NEAREST, None, exact=True)[0]
    found = index.nearest(queries, NEAREST, None)[0]
    shared = [len(np.intersect1d(a, b)) for a, b in zip(true, found, strict=True)]
    return round(float(np.mean(shared)) / NEAREST, 4)


def memory() -> dict[str, float]:
    """Megabytes that this process shares with no other, and those that no file holds."""
    rollup = numbers(Path("/proc/self/smaps_rollup"))
    private = rollup["Private_Clean"] + rollup["Private_Dirty"]
    return {
        "private_mb": round(private / 1024, 1),
        "anonymous_mb": round(numbers(Path("/proc/self/status"))["RssAnon"] / 1024, 1),
    }


def numbers(path: Path) -> dict[str, int]:
    lines = (line.split() for line in path.read_text().splitlines())
    return {
        words[0].rstrip(":"): int(words[1])
        for words in lines
        if len(words) == 3 and words[2] == "kB"
    }


def seconds(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


def size(path: Path) -> float:
    files = path.rglob("*") if path.is_dir() else [path]
    return round(sum(each.stat().st_size for each in files if each.is_file()) / 1e6, 1)


if __name__ == "__main__":
    main()
