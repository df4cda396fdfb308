"""What messages, help and pages advise can be typed: commands, options and extras."""

import ast
import re
from collections.abc import Iterator, Mapping
from configparser import ConfigParser
from pathlib import Path
from typing import Any

import pytest
import typer

from biopipe.cli import app

PROJECT = Path(__file__).parents[2]
PACKAGE = PROJECT / "biopipe"
PAGES = (PROJECT / "README.md", PROJECT / "CONTRIBUTING.md", *(PROJECT / "docs").glob("*.md"))
OPTION = re.compile(r"(?<![\w-])--[a-z][a-z0-9-]*")
COMMAND = re.compile(r"(?:[`']|: |^\$? ?)(?:nice )?biopipe((?: [a-z]+){1,2})")
EXTRA = re.compile(r"biopipe\[([\w,]+)\]")
PIP = re.compile(r"pip install .*")

# The commands that a user gave, or is told to give, when a room speaks; the longest name counts.
COMMANDS_OF_ROOMS: Mapping[str, tuple[str, ...]] = {
    "bulk": ("run",),
    "cli/bases.py": ("run", "annotate", "evaluate linking"),
    "cli/convert.py": ("convert",),
    "cli/evaluate.py": ("evaluate ner",),
    "cli/exports.py": ("run", "convert"),
    "cli/graph.py": ("graph",),
    "cli/kb.py": ("kb build", "kb formats", "kb info", "kb search"),
    "cli/kb_build.py": ("kb build",),
    "cli/kb_sources.py": ("kb build",),
    "cli/linking_options.py": ("evaluate linking",),
    "cli/model_export.py": ("model export",),
    "cli/model_import.py": ("model import",),
    "cli/run.py": ("run",),
    "cli/run_report.py": ("run",),
    "cli/similar.py": ("similar",),
    "cli/train_linking.py": ("train prior",),
    "cli/train_relations.py": ("train relations", "model export"),
    "evaluate/speed.py": ("model export",),
    "graph": ("graph",),
    "graph/parts.py": ("run",),
    "io/installing.py": ("model install", "kb install"),
    "io/packs.py": ("model install", "kb install", "model pack", "kb pack"),
    "io/run_output/documents.py": ("run", "report", "convert"),
    "kb/build": ("kb build",),
    "runtime": ("run", "annotate"),
    "runtime/session.py": ("run", "annotate", "model export"),
    "runtime/trunk.py": ("model export",),
    "serve": ("serve",),
    "similarity": ("run",),
    "train/common": ("train ner", "train relations"),
    "train/gliner": ("train gliner",),
    "train/linking": ("kb build",),
    "train/relations": ("train relations",),
}


def commands() -> dict[str, frozenset[str]]:
    """The options of every command and group by its name, "kb build" for one in a group."""

    def walk(command: Any, name: tuple[str, ...]) -> Iterator[tuple[str, frozenset[str]]]:
        options = {o for p in command.params for o in (*p.opts, *p.secondary_opts)}
        yield " ".join(name), frozenset(options | {"--help"})
        for word, inner in getattr(command, "commands", {}).items():
            yield from walk(inner, (*name, word))

    return dict(walk(typer.main.get_command(app), ()))


COMMANDS = commands()


def strings(path: Path) -> Iterator[tuple[int, str, bool]]:
    """The strings of a module with their line, "{}" for what is filled in, and whether each is a
    docstring.
    """
    tree = ast.parse(path.read_text(encoding="utf-8"))
    documentation = {id(n.value) for n in ast.walk(tree) if isinstance(n, ast.Expr)}
    parts = {id(v) for n in ast.walk(tree) if isinstance(n, ast.JoinedStr) for v in n.values}
    for node in ast.walk(tree):
        if id(node) in parts:
            continue
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value, id(node) in documentation
        elif isinstance(node, ast.JoinedStr):
            values = [v.value if isinstance(v, ast.Constant) else "{}" for v in node.values]
            yield node.lineno, "".join(map(str, values)), False


MODULES = sorted(PACKAGE.rglob("*.py"))
ADVICE = [
    (path.relative_to(PACKAGE).as_posix(), line, PIP.sub("pip", text))
    for path in MODULES
    for line, text, documentation in strings(path)
    # A string that is an option and nothing else declares it.
    if not documentation and OPTION.search(text) and len(text.split()) > 1
]


def unknown_command(words: str) -> bool:
    """Whether what follows "biopipe" is no command: the second word counts after a group."""
    first, *rest = words.split()
    if first not in COMMANDS:
        return True
    is_group = any(name.startswith(f"{first} ") for name in COMMANDS)
    return is_group and bool(rest) and f"{first} {rest[0]}" not in COMMANDS


def test_there_is_advice_to_check() -> None:
    assert len(ADVICE) > 40
    assert unknown_command(" kb make")
    assert not unknown_command(" run again")


@pytest.mark.parametrize(
    ("module", "line", "text"), ADVICE, ids=[f"{module}:{line}" for module, line, _ in ADVICE]
)
def test_every_option_of_a_message_is_one_of_the_command(module: str, line: int, text: str) -> None:
    rooms = [room for room in COMMANDS_OF_ROOMS if module == room or module.startswith(f"{room}/")]
    assert rooms, f"COMMANDS_OF_ROOMS names no command for biopipe/{module}."
    names = COMMANDS_OF_ROOMS[max(rooms, key=len)]
    missing = {
        option
        for option in OPTION.findall(text)
        if not any(option in COMMANDS[name] for name in names)
    }
    assert not missing, f"{module}:{line}: {', '.join(names)} has no {missing}: {text}"


def test_every_command_of_a_message_or_a_page_is_there() -> None:
    texts = {str(page): page.read_text(encoding="utf-8") for page in PAGES}
    for path in MODULES:
        texts |= {f"{path}:{line}": text for line, text, _ in strings(path)}
    named = {(place, match) for place, text in texts.items() for match in COMMAND.findall(text)}
    assert len(named) > 60
    assert not {(place, words) for place, words in named if unknown_command(words)}


def page_commands() -> Iterator[tuple[str, str, set[str]]]:
    """The command lines in the pages' code blocks: page, command, options."""
    for page in PAGES:
        for block in re.findall(r"```(?:bash|sh|console)?\n(.*?)```", page.read_text(), re.DOTALL):
            lines = re.sub(r"\\\n", " ", block).splitlines()
            for line in lines:
                words = re.match(r"\$? ?biopipe((?: [a-z-]+){1,2})(.*)", line)
                if words and not unknown_command(words[1]):
                    first, *rest = words[1].split()
                    pair = f"{first} {rest[0]}" if rest else first
                    name = pair if pair in COMMANDS else first
                    yield page.name, name, set(OPTION.findall(line.partition(" #")[0]))


def test_every_option_in_a_code_block_is_one_of_the_command() -> None:
    lines = list(page_commands())
    assert len(lines) > 20
    missing = [(page, name, opts - COMMANDS[name]) for page, name, opts in lines]
    assert not [entry for entry in missing if entry[2]]


def test_every_extra_that_is_advised_is_one() -> None:
    setup = ConfigParser()
    setup.read(PROJECT / "setup.cfg", encoding="utf-8")
    extras = set(setup["options.extras_require"])
    advised: set[tuple[str, str]] = set()
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "require":
                advised |= {
                    (str(path), a.value) for a in node.args[1:] if isinstance(a, ast.Constant)
                }
    places = [*PAGES, *MODULES]
    for path in places:
        for names in EXTRA.findall(path.read_text(encoding="utf-8")):
            advised |= {(str(path), name) for name in names.split(",")}
    assert {extra for _, extra in advised} >= {"kb", "train", "ray"}
    assert not {(place, extra) for place, extra in advised if extra not in extras}
