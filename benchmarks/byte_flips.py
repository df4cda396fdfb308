"""Bits of the default base flipped by chance, one at a time: each is refused when the base is opened,
or changes no answer.

    python benchmarks/byte_flips.py --flips 40

The base is copied, never changed in place. Half of the flips fall on files in proportion to their
sizes, half on any file alike, so that the small ones and the manifest have their share; a file keeps
its time of change, as after a copy. A base is opened and asked in a process of its own, whose crash
would be told.
"""

import os
import random
import shutil
import tempfile
import time
from collections import Counter
from pathlib import Path

from record import options, record

NAMES = (
    *("aspirin", "breast cancer", "BRCA1", "tumour necrosis factor", "Homo sapiens", "HeLa"),
    *("type 2 diabetes", "doxorubicin", "p53", "Escherichia coli", "acetylsalicylic acid", "gout"),
)
EQUAL, OTHER, REFUSED = 10, 11, 12
OUTCOMES = {EQUAL: "opened, equal answers", OTHER: "opened, OTHER ANSWERS", REFUSED: "refused"}


def answers(folder: Path) -> str:
    """What the base says of some names: exact matches with their concepts, and near ones."""
    from biopipe.kb.base import KnowledgeBase

    kb = KnowledgeBase.open(folder)
    hits = kb.ngram_hits(list(NAMES), 5)
    concepts = [kb.concept(candidate.concept_id) for c in map(kb.lookup, NAMES) for candidate in c]
    return repr((concepts, [kb.matches(name) for name in NAMES], hits, len(kb), kb.types))


def outcome(folder: Path, expected: str) -> str:
    """What becomes of opening and asking the base in a process of its own."""
    from biopipe.errors import KnowledgeBaseError

    process = os.fork()
    if not process:
        code = 1
        try:
            code = EQUAL if answers(folder) == expected else OTHER
        except KnowledgeBaseError:
            code = REFUSED
        finally:
            os._exit(code)
    code = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
    return OUTCOMES.get(code, f"CRASHED ({code})")


def flipped(path: Path, chance: random.Random) -> int:
    """Flip one bit of a file and return the place of its byte; its time of change stays."""
    times = path.stat()
    place = chance.randrange(times.st_size)
    _flip(path, place, 1 << (bit := chance.randrange(8)))
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    return place << 3 | bit


def restore(path: Path, where: int) -> None:
    """Flip the same bit again."""
    _flip(path, where >> 3, 1 << (where & 7))


def _flip(path: Path, place: int, mask: int) -> None:
    with path.open("r+b") as file:
        file.seek(place)
        (byte,) = file.read(1)
        file.seek(place)
        file.write(bytes([byte ^ mask]))


def main() -> None:
    from biopipe.kb.default import default_directory

    parser = options(__doc__)
    parser.add_argument("--flips", type=int, default=40)
    parser.add_argument("--seed", type=int, default=17)
    arguments = parser.parse_args()
    chance = random.Random(arguments.seed)
    started = time.perf_counter()
    outcomes: dict[str, Counter[str]] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name, "base")
        shutil.copytree(default_directory(), folder)
        os.environ["BIOPIPE_CACHE"] = str(Path(name, "cache"))
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        sizes = [path.stat().st_size for path in files]
        expected = answers(folder)
        for number in range(arguments.flips):
            (path,) = chance.choices(files, sizes) if number % 2 else [chance.choice(files)]
            where = flipped(path, chance)
            what = outcome(folder, expected)
            restore(path, where)
            file = path.relative_to(folder).as_posix()
            outcomes.setdefault(file, Counter())[what] += 1
            print(number, file, where >> 3, what, flush=True)
        whole = outcome(folder, expected)
    total: Counter[str] = sum(outcomes.values(), Counter())
    result = {
        "flips": arguments.flips,
        "seed": arguments.seed,
        "bytes of the base": sum(sizes),
        "outcomes": dict(sorted(total.items())),
        "by file": {file: dict(count) for file, count in sorted(outcomes.items())},
        "every flip undone": whole,
        "seconds": round(time.perf_counter() - started, 1),
    }
    record("byte_flips", result, arguments.results)


if __name__ == "__main__":
    main()
