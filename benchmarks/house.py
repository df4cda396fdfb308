"""How the house is built: files a room, lengths of files and functions, names that stand twice, and
how many modules hold each mechanism that should stand once; of a commit and of the working tree.
"""

import ast
import re
import subprocess
import tarfile
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from statistics import median
from typing import Any

from record import PROJECT, options, record

# Modules that hold a mechanism are told by its words: a count shows repetition, it does not prove
# that two modules do the same.
MECHANISMS = {
    "opens an ONNX session": (r"InferenceSession\(",),
    "finds a model and reads its manifest": (r"\bfind_model\(", r"\bload_manifest\("),
    "hashes files block by block": (r"hashlib\.(sha256\(\)|file_digest\()",),
    "renames what is finished": (r"os\.(replace|rename)\(|\.rename\(|temporary\.replace\(",),
    "reads where the cache folder is": (r"environ[^\n]*(XDG_CACHE_HOME|BIOPIPE_CACHE)",),
    "names of Greek letters": (r"\balpha\b", r"\bbeta\b", r"\bgamma\b", "α"),
    "Roman numerals": (r"(?i)\bviii\b", r"(?i)\bix\b"),
    "names of residues": (r"(?i)\bala\b", r"(?i)\barg\b", r"(?i)\basn\b"),
    "pattern of rs numbers": (r"rs\)?\[?(\\d|\[0-9\]|\[1-9\])",),
    "words for species": (r"\bmice\b", r"\brats?\b", r"\b10090\b"),
    "defines the check for lone surrogates": (r"def check_text\(",),
}


def measure(root: Path) -> dict[str, Any]:
    """What the package below `root` is made of."""
    modules = sorted((root / "biopipe").rglob("*.py"))
    texts = {path: path.read_text(encoding="utf-8") for path in modules}
    functions = {
        f"{path.relative_to(root)}:{node.name}": (node.end_lineno or node.lineno) - node.lineno + 1
        for path, text in texts.items()
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    lines = {path: text.count("\n") for path, text in texts.items()}
    rooms: dict[str, int] = defaultdict(int)
    for path in modules:
        if path.name != "__init__.py":
            rooms[str(path.parent.relative_to(root))] += 1
    longest = max(functions, key=lambda name: functions[name])
    twice = repeated_names(texts)
    return {
        "modules": len(modules),
        "lines": sum(lines.values()),
        "rooms": dict(sorted(rooms.items())),
        "largest_room": max(rooms.values()),
        "longest_module": max(lines.values()),
        "modules_over_200_lines": sum(count > 200 for count in lines.values()),
        "functions": len(functions),
        "median_function": median(functions.values()),
        "longest_function": {"name": longest, "lines": functions[longest]},
        "functions_over_40_lines": sum(length > 40 for length in functions.values()),
        "public_names_in_two_modules": len(twice),
        "which": twice,
        "modules_by_mechanism": {
            name: sum(all(re.search(word, text) for word in words) for text in texts.values())
            for name, words in MECHANISMS.items()
        },
    }


def repeated_names(texts: dict[Path, str]) -> list[str]:
    """Public classes and functions of two or more modules; `read` and `write` of formats do not
    count."""
    homes: dict[str, set[Path]] = defaultdict(set)
    for path, text in texts.items():
        for name in public_names(ast.parse(text)):
            homes[name].add(path)
    return sorted(n for n, paths in homes.items() if len(paths) > 1 and n not in ("read", "write"))


def public_names(module: ast.Module) -> Iterator[str]:
    """Names of the classes and functions that a module defines for others."""
    for node in module.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            yield node.name


def main() -> None:
    """Measure a commit and the working tree."""
    parser = options(__doc__)
    parser.add_argument("--before", default="08f495d", help="the commit to compare with")
    arguments = parser.parse_args()
    command = ["git", "-C", str(PROJECT), "archive", arguments.before, "biopipe"]
    archive = subprocess.run(command, capture_output=True, check=True).stdout
    with tempfile.TemporaryDirectory() as folder:
        with tarfile.open(fileobj=BytesIO(archive)) as tar:
            tar.extractall(folder, filter="data")
        before = measure(Path(folder))
    result = {"before": {"commit": arguments.before, **before}, "after": measure(PROJECT)}
    record("house", result, arguments.results)


if __name__ == "__main__":
    main()
