"""`pack`, `install` and `list` of models and knowledge bases, from the command line."""

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from biopipe.cli import app
from biopipe.kb.build.compile import compile_kb
from biopipe.kb.schema import Concept
from biopipe.testing import tiny_model


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("BIOPIPE_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    return tmp_path / "home"


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_a_model_from_one_machine_to_another(home: Path) -> None:
    packed = run("model", "pack", tiny_model("tiny-tagger"), "-o", "tiny.zip")
    assert packed.exit_code == 0, packed.output
    sha256 = re.findall(r"sha256 (\w{64})", packed.output)[0]
    assert run("model", "pack", tiny_model("tiny-tagger"), "-o", "tiny.zip").exit_code == 1
    again = run("model", "pack", tiny_model("tiny-tagger"), "-o", "tiny.zip", "--force")
    assert sha256 in again.output
    installed = run("model", "install", "tiny.zip", "--name", "mine", "--sha256", sha256)
    assert installed.output == f"mine: installed in {home / 'models' / 'mine'}\n"
    refused = run("model", "install", "tiny.zip", "--name", "mine")
    assert refused.exit_code == 1
    assert "give --force to replace it" in refused.output
    assert run("model", "install", "tiny.zip", "--name", "mine", "--force").exit_code == 0
    assert any(line.startswith("mine\t") for line in run("model", "list").output.splitlines())
    assert "tiny-tagger" in run("model", "info", "mine").output


def test_a_base_by_its_name(tmp_path: Path, home: Path) -> None:
    concept = Concept("NCBIGene:1956", "EGFR", ("ERBB1",), ("Gene",))
    about = {"name": "tiny", "version": "1", "licence": "CC0-1.0", "sources": {"test": "1"}}
    compile_kb([concept], tmp_path / "base", **about)
    assert run("kb", "pack", "base", "-o", "tiny.zip").exit_code == 0
    assert "tiny: installed in" in run("kb", "install", "tiny.zip").output
    assert f"tiny\t{home / 'kb' / 'tiny'}" in run("kb", "list").output
    found = run("kb", "search", "tiny", "erbb1")
    assert "NCBIGene:1956" in found.output
    assert "one of: default, tiny" in run("kb", "info", "teeny").output
    wrong = run("model", "install", "tiny.zip")
    assert wrong.exit_code == 1
    assert "pack of a knowledge base, not of a model" in wrong.output


def test_any_token_classifier_in_one_command(tiny_tagger_checkpoint: Path, tmp_path: Path) -> None:
    pytest.importorskip("torch", reason="needs the extra 'train'", exc_type=ImportError)
    from biopipe.document import Document
    from biopipe.ner.tagger import Tagger

    made = run("model", "import", tiny_tagger_checkpoint, "-o", "ner", "--label", "disease=Problem")
    assert made.exit_code == 0, made.output
    tagger = Tagger(tmp_path / "ner", threshold=0.0)
    assert "Problem" in tagger.labels
    assert "Disease" not in tagger.labels
    assert tagger.predict([Document("1", "Aspirin in breast cancer.")])[0].text
    refused = run("model", "import", tiny_tagger_checkpoint, "-o", "ner")
    assert refused.exit_code == 1
    assert "give --force to replace it" in refused.output
    unknown = run("model", "import", tiny_tagger_checkpoint, "-o", "x", "--label", "Nix=A")
    assert unknown.exit_code == 1
    assert "No tag has the label 'Nix'" in unknown.output
    few = run("model", "import", tiny_tagger_checkpoint, "-o", "x", "--tags", "O,B-A,I-A")
    assert "and 3 names are given" in few.output
    assert not (tmp_path / "x").exists()
