"""`biopipe kb`."""

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from biopipe.cli import kb
from biopipe.cli.errors import ErrorGroup

app = typer.Typer(cls=ErrorGroup)
app.add_typer(kb.app, name="kb")


@app.callback()
def _root() -> None: ...


def biopipe(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["kb", *map(str, arguments)])


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "small.tsv"
    path.write_text("id\tname\tsynonyms\ttypes\nX:1\tasthma\ta|b|c|d|e|f\tDisease\nX:2\tcold\t\tDisease\n")
    return path


@pytest.fixture
def built(table: Path, tmp_path: Path) -> Path:
    result = biopipe("build", "tsv", table, "-o", tmp_path / "kb", "--version", "2", "--licence", "CC0")
    assert result.exit_code == 0, result.output
    return tmp_path / "kb"


def test_build_says_what_it_built(table: Path, tmp_path: Path) -> None:
    result = biopipe("build", "tsv", table, "-o", tmp_path / "kb")
    assert result.exit_code == 0
    assert result.stdout.startswith(f"{tmp_path / 'kb'}: 2 concepts, 8 names, ")
    assert len(result.stdout.splitlines()) == 1


def test_build_joins_several_files(table: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.tsv"
    other.write_text("id\tname\nX:1\tAsthma bronchiale\nX:3\tflu\n")
    assert biopipe("build", "tsv", table, other, "-o", tmp_path / "kb").exit_code == 0
    found = json.loads(biopipe("search", tmp_path / "kb", "asthma bronchiale", "--json").stdout)
    assert [concept["id"] for concept in found] == ["X:1"]
    sources = json.loads(biopipe("info", tmp_path / "kb", "--json").stdout)["sources"]
    assert {name: len(sha256) for name, sha256 in sources.items()} == {"small.tsv": 64, "other.tsv": 64}


@pytest.mark.parametrize(
    ("format", "text", "version"),
    [
        ("jsonl", '{"concept_id": "X:1", "canonical_name": "asthma", "aliases": []}\n', "not stated"),
        ("obo", "data-version: v9\n\n[Term]\nid: X:1\nname: asthma\n", "v9"),
    ],
)
def test_build_other_formats(tmp_path: Path, format: str, text: str, version: str) -> None:
    source = tmp_path / "source"
    source.write_text(text)
    assert biopipe("build", format, source, "-o", tmp_path / "kb").exit_code == 0
    about = json.loads(biopipe("info", tmp_path / "kb", "--json").stdout)
    assert (about["name"], about["version"], about["counts"]["concepts"]) == ("kb", version, 1)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("build", "obograf", "x", "-o", "y"), "Unknown format 'obograf'; give one of: obograph, obo, tsv,"),
        (("build", "tsv", "-o", "y"), "needs at least one SOURCE and -o DIR"),
        (("build", "tsv", "x.tsv"), "needs at least one SOURCE and -o DIR"),
        (("build", "tsv", "no.tsv", "-o", "y"), "There is no file 'no.tsv'"),
        (("build", "default", "x.tsv"), "leave out 'x.tsv'"),
        (("info", "nowhere"), "There is no knowledge base folder"),
        (("search", "nowhere", "x"), "There is no knowledge base folder"),
    ],
)
def test_errors_are_one_sentence(
    arguments: tuple[str, ...], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = biopipe(*arguments)
    assert result.exit_code == 1
    assert result.stdout == ""
    assert message in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


def test_a_failed_build_leaves_nothing(tmp_path: Path) -> None:
    source = tmp_path / "bad.tsv"
    source.write_text("id\tname\nX:1\tone\nX:2\t\n")
    result = biopipe("build", "tsv", source, "-o", tmp_path / "kb")
    assert result.exit_code == 1
    assert "bad.tsv, line 3, has no name" in result.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["bad.tsv"]


def test_info(built: Path) -> None:
    about = json.loads(biopipe("info", built, "--json").stdout)
    assert (about["name"], about["version"], about["licence"]) == ("kb", "2", "CC0")
    assert about["counts"] == {"concepts": 2, "replaced": 0, "names": 8, "edges": 0}
    assert about["types"] == {"Disease": 2}
    text = biopipe("info", built).stdout
    assert "licence:    CC0" in text
    assert "concepts 2" in text


def test_info_verify_finds_an_altered_file(built: Path) -> None:
    names = built / "names.arrow"
    names.write_bytes(names.read_bytes()[:-1] + b"x")
    result = biopipe("info", built, "--verify")
    assert result.exit_code == 1
    assert "names.arrow is not the one its manifest names" in result.stderr


def test_search(built: Path) -> None:
    assert (
        biopipe("search", built, "Asthma").stdout
        == "0.95  X:1  asthma [Disease]; also a, b, c, d, e and 1 more\n"
    )
    assert biopipe("search", built, "X:2").stdout == "1.00  X:2  cold [Disease]\n"
    nothing = biopipe("search", built, "unheard-of")
    assert (nothing.exit_code, nothing.stdout) == (0, "No concept of kb has the name 'unheard-of'.\n")
    assert json.loads(biopipe("search", built, "unheard-of", "--json").stdout) == []
