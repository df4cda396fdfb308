"""Write docs/figures.md: every figure of the project with its commit, date, corpus and hardware.

`figures.json` describes the figures; the numbers come from `results/` alone. A figure is marked
stale when a path that its benchmark depends on (`depends_on` there) is no longer what it was at the
commit that was measured. Run this after a benchmark, or when the test of the page asks for it.
"""

import argparse
import json
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

__all__ = ["PAGE", "describe", "page", "staleness"]

PROJECT = Path(__file__).resolve().parent.parent
PAGE = PROJECT / "docs" / "figures.md"
DESCRIPTIONS = PROJECT / "benchmarks" / "figures.json"
RESULTS = PROJECT / "benchmarks" / "results"
INTRODUCTION = """\
# Figures

Written by `python benchmarks/figures.py` from [benchmarks/results](../benchmarks/results); do not
edit it by hand. Models are the shipped int8 graphs on CPU unless a row says otherwise. No model was
trained on a development set that it is measured on, but thresholds, calibration, the linker's
weights and the mixture of the relation model were fitted on development sets, so that unseen text
gives less: the [README](../README.md#what-it-is-not-good-at) says how much where it is known.
Intervals are 95% bootstrap intervals over documents. int8 answers differ between processors, by up
to half a point of F1.

**stale** marks a figure whose code or model is no longer what it was at the commit that was
measured, be it by a change of names alone; unknown one whose commit was not recorded. Run its
script again to renew it. Versions of packages and the command are in the result.
"""
HEADER = """\
| what | corpus | measured | script, result | commit, date | hardware | |
|---|---|---|---|---|---|---|
"""


def describe() -> dict[str, Any]:
    """The descriptions: `depends_on` and `figures`."""
    descriptions: dict[str, Any] = json.loads(DESCRIPTIONS.read_text(encoding="utf-8"))
    return descriptions


def page(descriptions: Mapping[str, Any], stale: Mapping[str, bool | None]) -> str:
    """The text of the page; `stale` says of each benchmark whether its figures are, None where
    nobody can tell.
    """
    parts = [INTRODUCTION]
    group = ""
    for figure in descriptions["figures"]:
        if figure["group"] != group:
            group = figure["group"]
            parts.append(f"\n## {group}\n\n{HEADER}")
        parts.append(_row(figure, stale[figure["benchmark"]]))
    return "".join(parts)


def measured(figure: Mapping[str, Any]) -> str:
    """What a figure says, such as "87.7% (85.5% to 89.6%)"."""
    content = _result(figure["benchmark"])
    node = content.get("result", content)
    for key in figure.get("under", ()):
        node = node[key]
    text: str = figure["measured"].format(node)
    return text


def staleness(descriptions: Mapping[str, Any]) -> dict[str, bool | None]:
    """Whether the figures of each benchmark are stale; None without git or the measured commit."""
    paths = descriptions["depends_on"]
    return {
        name: _changed_since(_result(name).get("commit"), paths[name])
        for name in dict.fromkeys(figure["benchmark"] for figure in descriptions["figures"])
    }


def _row(figure: Mapping[str, Any], stale: bool | None) -> str:
    name = figure["benchmark"]
    content = _result(name)
    script = re.search(r"(\w+)\.py", content.get("command", f"{name}.py"))
    assert script is not None, f"{name}.json names no script"
    cells = [
        figure["what"],
        f"{figure['corpus']}, {figure['split']}",
        measured(figure),
        f"[{script[1]}](../benchmarks/{script[1]}.py), [json](../benchmarks/results/{name}.json)",
        f"{content.get('commit', 'not recorded')}, {content.get('date', 'not recorded')[:10]}",
        _hardware(content),
        {True: "**stale**", False: "", None: "unknown"}[stale],
    ]
    return f"| {' | '.join(cells)} |\n"


def _hardware(content: Mapping[str, Any]) -> str:
    if "hardware" not in content:
        return "not recorded"
    machine = content["hardware"]
    processor = machine["processor"].replace("(R)", "").removesuffix(" Processor")
    cores = "1 core" if machine["cores"] == 1 else f"{machine['cores']} cores"
    return f"{processor}, {cores}, {machine['memory_gb']:.0f} GB"


def _result(name: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((RESULTS / f"{name}.json").read_text(encoding="utf-8"))
    return content


def _changed_since(commit: str | None, paths: list[str]) -> bool | None:
    """Whether the working tree differs from `commit` in `paths`.

    The contents decide, not the log: a change that was taken back makes nothing stale, and the
    answer is the same before and after the commit of a change.
    """
    if not commit:
        return None
    command = ["git", "-C", str(PROJECT), "diff", "--quiet", commit.rstrip("+"), "--", *paths]
    try:
        code = subprocess.run(command, capture_output=True).returncode
    except OSError:
        return None
    return {0: False, 1: True}.get(code)


def main() -> None:
    """Write the page."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    descriptions = describe()
    stale = staleness(descriptions)
    PAGE.write_text(page(descriptions, stale), encoding="utf-8")
    print(f"{PAGE} holds {len(descriptions['figures'])} figures.")
    for name, is_stale in stale.items():
        if is_stale is not False:
            print(f"{name}: {'stale' if is_stale else 'no commit to compare with'}")


if __name__ == "__main__":
    main()
