"""How the house is built: files a room, lengths of files and functions, comments, names that stand
twice, and how many modules hold each mechanism that should stand once; of a commit and of the
working tree.
"""

import ast
import re
import subprocess
import tarfile
import tempfile
import tokenize
from collections import defaultdict
from collections.abc import Iterator
from io import BytesIO, StringIO
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

# Names that one module of each format, each source or each group of commands has by design.
ONE_OF_EACH = frozenset({"read", "write", "register", "read_licence", "read_version"})

# Comments that are meant for tools.
FOR_TOOLS = re.compile(r"#\s*(type:|noqa|pragma)")


def measure(root: Path) -> dict[str, Any]:
    """What the package below `root` is made of."""
    modules = sorted((root / "biopipe").rglob("*.py"))
    texts = {path: path.read_text(encoding="utf-8") for path in modules}
    functions = {
        f"{path.relative_to(root)}:{name}": length
        for path, text in texts.items()
        for name, length in function_lengths(text)
    }
    lines = {path: text.count("\n") for path, text in texts.items()}
    rooms: dict[str, int] = defaultdict(int)
    for path in modules:
        if path.name != "__init__.py":
            rooms[str(path.parent.relative_to(root))] += 1
    longest = max(functions, key=lambda name: functions[name])
    twice = repeated_names(texts)
    comments, code = (sum(map(count, texts.values())) for count in (comment_lines, code_lines))
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
        "lines_of_code": code,
        "comment_lines": comments,
        "comments_per_100_lines_of_code": round(100 * comments / code, 2),
        "comments_per_100_lines": round(100 * comments / sum(lines.values()), 2),
        "public_names_in_two_modules": len(twice),
        "which": twice,
        "modules_by_mechanism": {
            name: sum(all(re.search(word, text) for word in words) for text in texts.values())
            for name, words in MECHANISMS.items()
        },
    }


def function_lengths(text: str) -> Iterator[tuple[str, int]]:
    """Each function of a module and its lines, signature and docstring among them; lines of comments
    alone do not count, as for the test that limits them.
    """
    is_comment = [line.lstrip().startswith("#") for line in text.split("\n")]
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, is_comment[node.lineno - 1 : node.end_lineno].count(False)


def repeated_names(texts: dict[Path, str]) -> list[str]:
    """Public classes and functions of two or more modules, without those of ONE_OF_EACH."""
    homes: dict[str, set[Path]] = defaultdict(set)
    for path, text in texts.items():
        for name in public_names(ast.parse(text)):
            homes[name].add(path)
    return sorted(n for n, paths in homes.items() if len(paths) > 1 and n not in ONE_OF_EACH)


def comment_lines(text: str) -> int:
    """Lines that hold a comment for readers, at the end of a line of code as well."""
    tokens = tokenize.generate_tokens(StringIO(text).readline)
    comments = (token.string for token in tokens if token.type == tokenize.COMMENT)
    return sum(bool(comment.strip("# ")) and not FOR_TOOLS.match(comment) for comment in comments)


def code_lines(text: str) -> int:
    """Lines that are not blank, no docstring and not a comment alone."""
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    docstrings = {
        line
        for node in ast.walk(ast.parse(text))
        if isinstance(node, documented) and ast.get_docstring(node) is not None
        for line in range(node.body[0].lineno, (node.body[0].end_lineno or 0) + 1)
    }
    return sum(
        bool(line.strip()) and not line.lstrip().startswith("#") and number not in docstrings
        for number, line in enumerate(text.split("\n"), 1)
    )


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
