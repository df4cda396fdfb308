"""What every benchmark shares: its options, and the result file with hardware, versions, date and
command.
"""

import argparse
import json
import os
import platform
import shlex
import subprocess
import sys
from datetime import datetime, timezone
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

__all__ = ["PROJECT", "hardware", "options", "record", "versions"]

PROJECT = Path(__file__).resolve().parent.parent
PACKAGES = ("biopipe", "numpy", "onnxruntime", "pyarrow", "spacy", "tokenizers")


def options(description: str | None) -> argparse.ArgumentParser:
    """A parser with the options of all benchmarks."""
    parser = argparse.ArgumentParser(description=description)
    data = os.environ.get("BIOPIPE_DATA") or PROJECT.parent / "shared" / "data"
    parser.add_argument("--data", type=Path, default=Path(data), help="corpora and texts")
    parser.add_argument(
        "--results", type=Path, default=PROJECT / "benchmarks" / "results", help="result folder"
    )
    return parser


def record(name: str, result: dict[str, Any], results: Path) -> Path:
    """Print the result as JSON and write it, with what it was made by, to `results`/NAME.json."""
    content = {
        "benchmark": name,
        "date": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "command": command(),
        "commit": commit(),
        "hardware": hardware(),
        "versions": versions(),
        "result": result,
    }
    text = json.dumps(content, indent=2, ensure_ascii=False) + "\n"
    results.mkdir(parents=True, exist_ok=True)
    path = results / f"{name}.json"
    temporary = path.with_name(f".{name}.{os.getpid()}.tmp")
    temporary.write_text(text, encoding="utf-8")
    temporary.replace(path)
    print(text, end="")
    return path


def command() -> str:
    """The command line, with paths relative to the project."""
    words = [
        word if not word.startswith("/") else os.path.relpath(word, PROJECT) for word in sys.argv
    ]
    return shlex.join(["python", *words])


def commit() -> str | None:
    """The git commit, with "+" where the checkout has changes; None outside of git."""
    git = ["git", "-C", str(PROJECT)]
    try:
        head = subprocess.run(
            [*git, "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=True
        )
        changes = subprocess.run(
            [*git, "status", "--porcelain", "-uno"], capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return head.stdout.strip() + ("+" if changes.stdout.strip() else "")


def hardware() -> dict[str, Any]:
    """Processor, the cores this process may use, and memory."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    memory = (
        os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") if hasattr(os, "sysconf") else None
    )
    return {
        "processor": _processor(),
        "cores": cores,
        "memory_gb": None if memory is None else round(memory / 2**30, 1),
        "system": f"{platform.system()} {platform.machine()}",
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    names = (line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor())


def versions() -> dict[str, str]:
    """Python and the packages that speed and scores depend on."""
    found = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found
