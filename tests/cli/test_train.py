import json
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

pytest.importorskip("torch", reason="needs the extra 'train'", exc_type=ImportError)

Invoke = Callable[..., Result]


def test_train_ner_from_the_command_line(tiny_bert: Path, tmp_path: Path) -> None:
    (tmp_path / "c.pubtator").write_text(
        "1|t|aspirin in cancer\n1|a|the gene\n1\t0\t7\taspirin\tChemical\tD001241\n\n"
    )
    (tmp_path / "d.pubtator").write_text(
        "2|t|aspirin of cancer\n2|a|the end\n2\t0\t7\taspirin\tChemical\tD001241\n\n"
    )
    recipe = {
        "labels": ["Chemical"],
        "corpora": [{"path": "c.pubtator", "labels": ["Chemical"], "repeat": 4}],
        "dev": [{"path": "d.pubtator", "labels": ["Chemical"]}],
    }
    (tmp_path / "recipe.json").write_text(json.dumps(recipe))
    command = [
        sys.executable,
        "-m",
        "biopipe",
        "train",
        "ner",
        str(tmp_path / "recipe.json"),
        "-o",
        str(tmp_path / "out"),
        "--base",
        str(tiny_bert),
        "--data",
        str(tmp_path),
        "--epochs",
        "2",
    ]
    result = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert result.returncode == 0, result.stderr
    assert "dev F1" in result.stderr
    assert (tmp_path / "out" / "model.safetensors").is_file()
    kept = (tmp_path / "out" / "command.txt").read_text()
    assert shlex.split(kept) == ["biopipe", *command[3:]]
    assert "biopipe model export" in result.stdout


def test_a_missing_corpus_is_one_sentence(invoke: Invoke, tiny_bert: Path, tmp_path: Path) -> None:
    recipe = {"labels": ["A"], "corpora": [{"path": "no.pubtator", "labels": ["A"]}], "dev": []}
    (tmp_path / "recipe.json").write_text(json.dumps(recipe))
    recipe_file, output = tmp_path / "recipe.json", tmp_path / "out"
    result = invoke(
        "train", "ner", recipe_file, "-o", output, "--base", tiny_bert, "--data", tmp_path
    )
    assert result.exit_code == 1
    assert "There is no corpus file" in result.stderr
    assert "Traceback" not in result.stderr


def test_train_a_reranker_and_weights_for_a_knowledge_base(
    invoke: Invoke, tiny_bert: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "terms.tsv").write_text(
        "id\tname\tsynonyms\nD1\tcancer\ttumour|neoplasm\nD2\tcancer pain\tpain of cancer\nD3\tasthma\t\n"
    )
    gold = "".join(
        f"{n}|t|aspirin in cancer {n}\n{n}|a|the end\n{n}\t11\t17\tcancer\tDisease\tD1\n\n"
        for n in range(1, 9)
    )
    (tmp_path / "gold.pubtator").write_text(gold)
    build = ["kb", "build", "tsv", "terms.tsv", "-o", "kb", "--no-dense"]
    common = ["--gold", "gold.pubtator", "--kb", "Disease=kb"]
    train = [
        "train",
        "reranker",
        *common,
        "-o",
        "reranker",
        "--base",
        str(tiny_bert),
        "--epochs",
        "1",
    ]
    for arguments, said in (
        (build, ""),
        (train, "next: biopipe model export reranker"),
        (
            ["train", "linker", *common, "--hide-names", "0.3", "-o", "weights.json"],
            "weights.json",
        ),
        (
            ["train", "prior", "--gold", "gold.pubtator", "-o", "meant"],
            'meant: names {"Disease": 1}',
        ),
        (["model", "verify", "meant"], ""),
    ):
        result = invoke(*arguments)
        assert result.exit_code == 0, result.stderr
        assert said in result.stdout
    assert (tmp_path / "reranker" / "reranker.json").is_file()
    (corpus,) = json.loads((tmp_path / "reranker" / "training.json").read_text())
    assert corpus["name"].endswith("gold.pubtator")
    assert json.loads((tmp_path / "weights.json").read_text())
    (meant,) = json.loads((tmp_path / "meant" / "prior.json").read_text())["Disease"].values()
    assert meant == {"D1": 8}


@pytest.mark.parametrize("group", ["train", "evaluate", "model"])
def test_every_command_ends_its_help_with_an_example(group: str) -> None:
    from typer.main import get_command

    from biopipe.cli import app

    commands = get_command(app).commands[group].commands
    for name, command in commands.items():
        last = (command.help or "").strip().split("\n\n")[-1]
        assert f"{last} ".startswith(f"Example: biopipe {group} {name} "), name


def test_an_encoder_is_trained_from_the_command_line(
    invoke: Invoke, tiny_bert: Path, tmp_path: Path
) -> None:
    text = "aspirin lowers the risk of cancer. " * 60
    rows = [{"id": str(n), "text": text, "licence": "CC BY"} for n in range(90)]
    (tmp_path / "texts.jsonl").write_text("\n".join(map(json.dumps, rows)))
    command = ["train", "encoder", tmp_path / "texts.jsonl"]
    command += ["-o", tmp_path / "out", "--base", tiny_bert, "--vocabulary", "150"]
    command += ["--tokens", "4096", "--block", "32", "--batch-tokens", "512", "--parts", "2"]
    command += ["--objective", "replaced-tokens", "--bf16", "--anneal", "0.5"]
    result = invoke(*command)
    assert result.exit_code == 0, result.stderr
    assert "learning a vocabulary of 150 pieces" in result.stderr
    assert '"detection"' in result.stdout
    assert (tmp_path / "out" / "checkpoint" / "before-annealing").is_dir()
    assert "[unused32]" in (tmp_path / "out" / "tokenizer.json").read_text()
    (texts,) = json.loads((tmp_path / "out" / "training.json").read_text())
    assert (texts["name"], texts["licence"]) == (f"{tmp_path.name}/texts.jsonl", "CC BY")


def test_an_encoder_of_texts_that_were_cut_before_says_which_they_are(
    invoke: Invoke, tiny_bert: Path, tmp_path: Path
) -> None:
    row = {"id": "1", "text": "aspirin lowers the risk of cancer. " * 2000, "license": "CC0"}
    (tmp_path / "texts.jsonl").write_text(json.dumps(row))
    command = ["train", "encoder", tmp_path / "texts.jsonl"]
    command += ["--base", tiny_bert, "--blocks", tmp_path / "blocks", "--block", "16"]
    command += ["--tokens", "512", "--batch-tokens", "256", "--parts", "1"]
    for name in ("one", "other"):
        assert invoke(*command, "-o", tmp_path / name).exit_code == 0
        (tmp_path / "texts.jsonl").unlink(missing_ok=True)
    said = [(tmp_path / name / "training.json").read_text() for name in ("one", "other")]
    assert said[0] == said[1]
    assert json.loads(said[0])[0]["licence"] == "CC0"


def test_a_wrong_base_of_an_encoder_is_said_before_the_texts_are_read(
    invoke: Invoke, tmp_path: Path
) -> None:
    (tmp_path / "texts.jsonl").write_text(json.dumps({"id": "1", "text": "aspirin"}))
    command = ["train", "encoder", tmp_path / "texts.jsonl"]
    command += ["-o", tmp_path / "out", "--base", tmp_path / "no-such-base"]
    result = invoke(*command)
    assert result.exit_code != 0
    assert "no-such-base" in result.stderr
    assert "Traceback" not in result.stderr
    assert not (tmp_path / "out" / "training.json").exists()
