"""The default knowledge base: seconds to build, milliseconds to open, size, and the share of gold
mentions it links.

Built in a temporary folder in a process of its own, once more on one core alone, opened five times of
which the best counts. `build_cpu_seconds` and `build_peak_mb` are of that process, and of what it starts
beside itself the largest. Ids
are compared as those of one concept: "same id" counts mentions whose linked concepts are the gold's.
Some names of dictionaries/genes were added after seeing what BioRED dev lacked, so its share of
genes is not what unseen text gives.

    python benchmarks/default_kb.py [--data ../shared/data]
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

from record import options, record

from biopipe.io.codecs.pubtator import read
from biopipe.kb.base import KnowledgeBase
from biopipe.kb.build.default_build import build_default_kb
from biopipe.linking.linker import Linker
from biopipe.text.abbreviations import AbbreviationFinder


def main() -> None:
    parser = options(__doc__)
    parser.add_argument("--build", type=Path, help="only build there and print what it took")
    parser.add_argument("--one-core", action="store_true", help="with --build: on one core")
    arguments = parser.parse_args()
    if arguments.build:
        if arguments.one_core:
            os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
        print(json.dumps(build(arguments.build)))
        return
    with tempfile.TemporaryDirectory() as folder:
        directory = Path(folder) / "kb"
        alone = in_a_process("--build", str(Path(folder) / "alone"), "--one-core")
        result = in_a_process("--build", str(directory)) | {"on_one_core": alone}
        result |= describe(directory) | {"linked": linked(directory, arguments.data)}
    record("default_kb", result, arguments.results)


def in_a_process(*arguments: str) -> dict[str, object]:
    command = [sys.executable, __file__, *arguments]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return dict(json.loads(output))


def build(directory: Path) -> dict[str, float]:
    started, processor = time.perf_counter(), time.process_time()
    build_default_kb(directory, progress=False)
    return {
        "build_seconds": round(time.perf_counter() - started, 1),
        "build_cpu_seconds": round(time.process_time() - processor, 1),
        "build_peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "build_peak_mb_beside": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024,
    }


def describe(directory: Path) -> dict[str, object]:
    seconds = []
    for _ in range(5):
        started = time.perf_counter()
        kb = KnowledgeBase.open(directory)
        seconds.append(time.perf_counter() - started)
    return {
        "version": kb.version,
        "counts": dict(kb.manifest.counts),
        "types": dict(kb.types),
        "megabytes": round(kb.manifest.bytes / 1e6, 1),
        "open_milliseconds": round(1000 * min(seconds), 1),
    }


def linked(directory: Path, data: Path) -> dict[str, object]:
    documents = AbbreviationFinder().predict(list(read(data / "corpora/biored/dev.pubtator")))
    kb = KnowledgeBase.open(directory)
    linker = Linker(kb)
    started = time.perf_counter()
    predicted = linker.predict(documents)
    seconds = time.perf_counter() - started
    counts: dict[str, dict[str, int]] = defaultdict(
        lambda: {"mentions": 0, "linked": 0, "same id": 0}
    )
    for before, after in zip(documents, predicted, strict=True):
        for gold, found in zip(before.mentions, after.mentions, strict=True):
            count = counts[gold.label]
            count["mentions"] += 1
            count["linked"] += bool(found.concept_ids)
            right = {kb.canonical(id_) or id_ for id_ in gold.concept_ids}
            count["same id"] += bool(found.concept_ids) and set(found.concept_ids) == right
    return {
        "dataset": "BioRED dev",
        "documents_per_second": round(len(documents) / seconds),
        **counts,
    }


if __name__ == "__main__":
    main()
