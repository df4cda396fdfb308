"""scispaCy's candidate generator beside biopipe's n-gram index: the same names, the same gold
mentions, one run.

Theirs is its vectoriser, `TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 3), min_df=10)` over
the aliases, with exact sparse search in place of its nmslib index, which has no build for many
platforms: the candidates that its approximate index aims at, so recall is an upper bound of theirs
and time is not their index's. scispaCy pins numpy below 2, so it runs in an environment of its own
(--environment, made when it is not there). A concept's score is its best alias', as there.

Gold mentions are those of NCBI Disease and BC5CDR dev whose ids MEDIC has, or --mentions of them
drawn by chance; a mention is right where the first concept is one of its ids. Ties go to the
concept that comes first in MEDIC. Abbreviations are not resolved. "biopipe linker" is the whole
linker without vectors: names, and n-grams where there is no exact one.

    python benchmarks/scispacy_linking.py [--data ../shared/data] [--environment DIR] [--mentions N]
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
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from biopipe.linking.linker import Linker

NEAREST = 20
MIN_DF = 10
PACKAGES = ("numpy<2", "scipy<1.15", "scikit-learn<1.6")


def main() -> None:
    if sys.argv[1:2] == ["--theirs"]:
        print(json.dumps(theirs(Path(sys.argv[2]))))
        return
    from record import options, record

    parser = options(__doc__)
    parser.add_argument("--environment", type=Path, help="folder of scispaCy's environment")
    parser.add_argument("--mentions", type=int, help="how many; all when not given")
    parser.add_argument("--ours", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.ours:
        print(json.dumps(ours(arguments.ours)))
        return
    with tempfile.TemporaryDirectory() as temporary:
        task = write_task(arguments.data, Path(temporary), arguments.mentions)
        environment = arguments.environment or Path(temporary) / "environment"
        result = {
            "mentions": len(json.loads(task.read_text())["mentions"]),
            **run([sys.executable, __file__, "--ours", str(task)]),
            "scispaCy vectoriser": run(
                [str(python_of(environment)), __file__, "--theirs", str(task)]
            ),
        }
    record("scispacy_linking", result, arguments.results)


def run(command: list[str]) -> Any:
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)


def python_of(environment: Path) -> Path:
    """Its interpreter; makes the environment first."""
    python = environment / "bin" / "python"
    if not python.is_file():
        subprocess.run([sys.executable, "-m", "venv", environment], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", *PACKAGES], check=True)
    return python


def write_task(data: Path, folder: Path, most: int | None) -> Path:
    """Names of MEDIC and gold mentions, as JSON that needs no biopipe to be read."""
    from biopipe.io.codecs.pubtator import read

    concepts, known = list(medic(data)), {}
    for number, concept in enumerate(concepts):
        for id_ in concept["ids"]:
            known.setdefault(id_, number)
    mentions = []
    for corpus in ("ncbi-disease", "bc5cdr"):
        for document in read(data / f"corpora/{corpus}/dev.pubtator"):
            for mention in document.mentions:
                gold = {known[each] for id_ in mention.concept_ids if (each := bare(id_)) in known}
                if mention.label == "Disease" and gold:
                    mentions.append([document.text[mention.start : mention.end], sorted(gold)])
    if most is not None:
        mentions = random.Random(0).sample(mentions, min(most, len(mentions)))
    path = folder / "task.json"
    path.write_text(json.dumps({"concepts": concepts, "mentions": mentions}))
    return path


def bare(id_: str) -> str:
    return id_.rpartition(":")[2]


def medic(data: Path) -> Iterator[dict[str, list[str]]]:
    """id|alternative ids||name|synonyms, each field but the third may repeat."""
    lines = (data / "terminologies/medic-2012.txt").read_text(encoding="utf-8").splitlines()
    for line in lines:
        ids, _, names = line.partition("||")
        yield {
            "ids": [bare(id_) for id_ in ids.split("|") if id_],
            "names": list(dict.fromkeys(name for name in names.split("|") if name)),
        }


def ours(task: Path) -> dict[str, Any]:
    from biopipe.kb.base import KnowledgeBase
    from biopipe.kb.build.compile import compile_kb
    from biopipe.kb.schema import Concept
    from biopipe.linking.linker import Linker

    work = json.loads(task.read_text())
    concepts = (
        Concept(str(n), c["names"][0], tuple(c["names"][1:]))
        for n, c in enumerate(work["concepts"])
    )
    started = time.perf_counter(), time.process_time()
    folder = task.parent / "kb"
    compile_kb(concepts, folder, name="MEDIC", version="2012", licence="", sources={})
    built = since(started)
    kb, before = KnowledgeBase.open(folder), anonymous_mb()
    surfaces = [surface for surface, _ in work["mentions"]]
    kb.search_ngrams(surfaces[:5], NEAREST)
    started = time.perf_counter(), time.process_time()
    found = [
        [hit.concept for hit in kb.search_ngrams([surface], NEAREST)[0]] for surface in surfaces
    ]
    memory = {"build": built, "anonymous_mb_added_by_index": anonymous_mb() - before}
    return {
        "biopipe n-grams": report(work, found, started) | memory,
        "biopipe linker": linked(work, Linker(kb, candidates=NEAREST)),
    }


def linked(work: Any, linker: "Linker") -> dict[str, Any]:
    from biopipe.document import Document, Mention

    documents = [
        Document(str(i), surface, (Mention(0, len(surface), "Disease"),))
        for i, (surface, _) in enumerate(work["mentions"])
    ]
    started = time.perf_counter(), time.process_time()
    predicted = [linker.predict([document])[0].mentions[0] for document in documents]
    return report(
        work, [[int(c.concept_id) for c in mention.candidates] for mention in predicted], started
    )


def theirs(task: Path) -> dict[str, Any]:
    """The vectoriser and exact search; runs without biopipe."""
    import numpy
    from sklearn.feature_extraction.text import TfidfVectorizer

    work = json.loads(task.read_text())
    pairs = [(name, n) for n, concept in enumerate(work["concepts"]) for name in concept["names"]]
    before = anonymous_mb()
    started = time.perf_counter(), time.process_time()
    aliases = sorted({name for name, _ in pairs})
    place = {name: row for row, name in enumerate(aliases)}
    owners: list[list[int]] = [[] for _ in aliases]
    for name, concept in pairs:
        owners[place[name]].append(concept)
    vectoriser = TfidfVectorizer(
        analyzer="char_wb", ngram_range=(3, 3), min_df=MIN_DF, dtype=numpy.float32
    )
    names = vectoriser.fit_transform(aliases).T.tocsr()
    built = since(started)
    started = time.perf_counter(), time.process_time()
    found = []
    for surface, _ in work["mentions"]:
        scores = numpy.asarray((vectoriser.transform([surface]) @ names).todense())[0]
        best: dict[int, float] = {}
        # scispaCy asks for k aliases, and k concepts at most come of them; here as many as k
        # concepts need.
        for alias in numpy.argsort(-scores, kind="stable")[: 20 * NEAREST]:
            for concept in owners[alias]:
                best[concept] = max(best.get(concept, 0.0), float(scores[alias]))
        found.append(sorted(best, key=lambda concept: (-best[concept], concept))[:NEAREST])
    return report(work, found, started) | {
        "how": "its vectoriser with exact sparse search",
        "numpy": numpy.__version__,
        "build": built,
        "anonymous_mb_added_by_index": anonymous_mb() - before,
    }


def report(work: Any, found: list[list[int]], started: tuple[float, float]) -> dict[str, Any]:
    spent = since(started)
    mentions = work["mentions"]

    def recall(most: int) -> float:
        right = [
            not set(gold).isdisjoint(each[:most])
            for (_, gold), each in zip(mentions, found, strict=True)
        ]
        return round(sum(right) / len(right), 4)

    return {
        **{f"recall@{most}": recall(most) for most in (1, 5, 20)},
        "milliseconds_per_mention": round(1000 * spent["seconds"] / len(mentions), 3),
        "processor_milliseconds_per_mention": round(
            1000 * spent["processor_seconds"] / len(mentions), 3
        ),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def since(started: tuple[float, float]) -> dict[str, float]:
    return {
        "seconds": round(time.perf_counter() - started[0], 2),
        "processor_seconds": round(time.process_time() - started[1], 2),
    }


def anonymous_mb() -> float:
    status = Path("/proc/self/status").read_text()
    return round(int(status.partition("RssAnon:")[2].split()[0]) / 1024, 1)


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    main()
