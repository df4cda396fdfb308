"""`biopipe similar` over what `biopipe run` wrote, both as a user starts them."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from biopipe.kb.build.compile import compile_kb
from biopipe.kb.schema import Concept

TEXTS = {
    "heart": "The patient has myocarditis. He takes aspirin.",
    "denied": "No evidence of myocarditis. The patient takes aspirin.",
    "near": "A myocardial infarction was treated with aspirin.",
    "mother": "His mother had myocarditis.",
    "flu": "The patient has influenza.",
    "nothing": "The weather is fine.",
}
PARENTS = {
    "disease": (),
    "heart disease": ("disease",),
    "myocarditis": ("heart disease",),
    "myocardial infarction": ("heart disease",),
    "influenza": ("disease",),
    "aspirin": (),
}


def biopipe(*arguments: object, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "biopipe", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, input=stdin, timeout=300)


@pytest.fixture(scope="module")
def kb(tmp_path_factory: pytest.TempPathFactory) -> Path:
    concepts = [
        Concept(
            f"T:{name}",
            name,
            types=("Chemical" if name == "aspirin" else "Disease",),
            parents=tuple(f"T:{parent}" for parent in parents),
        )
        for name, parents in PARENTS.items()
    ]
    folder = tmp_path_factory.mktemp("base") / "kb"
    return compile_kb(concepts, folder, name="tiny", version="1", licence="CC0", sources={})


@pytest.fixture(scope="module")
def pipeline(kb: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("pipeline") / "pipeline.json"
    components = {"biopipe_dictionary": {"kb": str(kb)}, "biopipe_assertion": {}}
    path.write_text(json.dumps({"components": components}))
    return path


@pytest.fixture(scope="module")
def output(pipeline: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run")
    lines = [json.dumps({"id": id_, "text": text}) for id_, text in TEXTS.items()]
    (folder / "texts.jsonl").write_text("\n".join(lines))
    done = biopipe("run", folder / "texts.jsonl", "-o", folder / "out", "--pipeline", pipeline)
    assert done.returncode == 0, done.stderr
    return folder / "out"


def nearest(*arguments: object, stdin: str | None = None) -> dict[str, Any]:
    done = biopipe("similar", *arguments, "--json", stdin=stdin)
    assert done.returncode == 0, done.stderr
    content: dict[str, Any] = json.loads(done.stdout)
    return content


def test_a_denied_disease_is_not_like_a_stated_one(output: Path, kb: Path) -> None:
    content = nearest(output, "--id", "heart", "--kb", kb)
    assert content["query"] == {"stated": ["T:aspirin", "T:myocarditis"], "denied": []}
    scores = {document["id"]: document["score"] for document in content["documents"]}
    # A related heart disease is nearer than the same one denied; a relative's is not there at all.
    assert list(scores) == ["near", "denied", "flu"]
    assert scores["near"] > scores["denied"] > scores["flu"] > 0
    shared = {document["id"]: document["shared"] for document in content["documents"]}
    assert [concept["query_id"] for concept in shared["denied"]] == ["T:aspirin"]
    assert {"mother", "nothing", "heart"}.isdisjoint(scores)


def test_a_text_is_read_by_the_pipeline(output: Path, kb: Path, pipeline: Path) -> None:
    options = ("--kb", kb, "--pipeline", pipeline)
    text = "No sign of myocarditis."
    content = nearest(output, "--text", "-", *options, stdin=text)
    assert content["query"] == {"stated": [], "denied": ["T:myocarditis"]}
    assert [document["id"] for document in content["documents"]] == ["denied"]
    assert content["documents"][0]["shared"][0]["denied"] is True
    (output.parent / "note").write_text(text)
    assert nearest(output, "--file", output.parent / "note", *options) == content


def test_people_read_names(output: Path, kb: Path) -> None:
    done = biopipe("similar", output, "--id", "denied", "--kb", kb, "-k", 1)
    assert done.returncode == 0, done.stderr
    # As near as "near", and before it in the run.
    (line,) = done.stdout.splitlines()
    assert line.split("  ")[1:] == ["heart", "aspirin"]


def test_annotated_files_do_as_well(tmp_path: Path, kb: Path) -> None:
    lines = [
        f"{id_}|t|myocarditis\n{id_}|a|\n{id_}\t0\t11\tmyocarditis\tDisease\tT:myocarditis\n"
        for id_ in (1, 2)
    ]
    (tmp_path / "gold.pubtator").write_text("\n".join(lines))
    content = nearest(tmp_path / "gold.pubtator", "--id", "1", "--kb", kb)
    assert [(document["id"], document["score"]) for document in content["documents"]] == [
        ("2", 1.0)
    ]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--id", "none"), "No document of the corpus has the id 'none'"),
        (("--id", "nothing"), "The document 'nothing' has no linked concept"),
        ((), "Give one of --id, --text and --file"),
        (("--id", "flu", "--alpha", "0", "--beta", "0"), "must be 0 or more and not both 0"),
    ],
)
def test_what_cannot_be_compared(
    output: Path, kb: Path, arguments: tuple[str, ...], message: str
) -> None:
    done = biopipe("similar", output, "--kb", kb, *arguments)
    assert done.returncode == 1
    assert message in done.stderr


def test_a_folder_of_something_else(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    done = biopipe("similar", tmp_path / "empty", "--id", "1")
    assert done.returncode == 1
    assert "holds no run.json; give the output folder of biopipe run" in done.stderr


def test_help_ends_with_an_example() -> None:
    assert "Example: biopipe similar OUT --id" in biopipe("similar", "--help").stdout
