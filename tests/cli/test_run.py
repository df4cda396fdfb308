import gzip
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import Result

import biopipe
from biopipe.bulk import Summary
from biopipe.cli.run_report import print_summary
from biopipe.io.run_output.counts import Counts

Invoke = Callable[..., Result]
Run = Callable[..., dict[str, Any]]
DATA = Path(__file__).parents[1] / "data"
PACKAGES = ("poison", "no_torch")
SAMPLE = Path(biopipe.__file__).parent / "sample" / "abstracts.parquet"


@pytest.fixture
def run(invoke: Invoke, pipeline: Path, tmp_path: Path) -> Run:
    """Runs over inputs into tmp_path/out and returns the summary."""

    def call(*arguments: object) -> dict[str, Any]:
        options = ("--pipeline", pipeline, "--workers", 0, "--json")
        result = invoke("run", *arguments, "-o", tmp_path / "out", *options)
        assert result.exit_code == 0, result.output
        summary: dict[str, Any] = json.loads(result.stdout)
        assert summary["inputs"] == summary["documents"] + summary["failed"]
        return summary

    return call


def _rows(tmp_path: Path, table: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = pq.read_table(tmp_path / "out" / table).to_pylist()
    return rows


def _parquet(tmp_path: Path, texts: list[Any], ids: list[Any] | None = None) -> Path:
    path = tmp_path / "in.parquet"
    ids = [str(number) for number in range(len(texts))] if ids is None else ids
    pq.write_table(pa.table({"id": ids, "text": texts}), path)
    return path


TEXTS = {
    "empty": "",
    "whitespace": " \t\n\u00a0 ",
    "control characters": "TNF\x00\x07\x1b[31m and\x0c\r\n IL-6\x7f",
    "emoji and combining marks": "👩🏽‍🔬 studies café e\u0301 tumor necrosis factor (TNF) 🧬",
    "right to left": "סרטן השד (BRCA1) מחלה \u202eabc\u202c السرطان",
    "HTML": "<p>Tumor necrosis factor (TNF) &amp; <b>IL&#8209;6</b></p><script>alert(1)</script>",
    "2 MB": "Tumor necrosis factor (TNF) was measured. " * 50_000,
    "2 MB without a space": "x" * 2_000_000,
    "2 MB of brackets": "(" * 1_000_000 + ")" * 1_000_000,
}


@pytest.mark.parametrize("name", TEXTS)
def test_odd_text_is_a_document_like_any_other(run: Run, tmp_path: Path, name: str) -> None:
    text = TEXTS[name]
    summary = run(_parquet(tmp_path, ["before", text, "after"]))
    assert (summary["documents"], summary["errors"]) == (3, 0)
    assert [row["text_length"] for row in _rows(tmp_path, "documents")] == [6, len(text), 5]


def test_null_texts_and_ids_are_error_rows(run: Run, tmp_path: Path) -> None:
    summary = run(_parquet(tmp_path, ["a", None, "c", "d"], ["0", "1", None, "3"]))
    assert (summary["documents"], summary["failed"], summary["errors"]) == (2, 2, 2)
    errors = [
        (row["row"], row["document_id"], row["stage"], row["error"])
        for row in _rows(tmp_path, "errors")
    ]
    assert errors == [(1, "1", "read", "text is null"), (2, None, "read", "the id is null")]


def test_lone_surrogates_are_error_rows_that_name_the_place(run: Run, tmp_path: Path) -> None:
    # Parquet does not check what a string column holds; some writers leave UTF-16 halves in it.
    raw = pa.array([b"good", b"bad \xed\xa0\x80 text", b"good too"], pa.binary())
    strings = pa.Array.from_buffers(pa.string(), 3, raw.buffers())
    pq.write_table(pa.table({"id": ["0", "1", "2"], "text": strings}), tmp_path / "in.parquet")
    summary = run(tmp_path / "in.parquet")
    assert (summary["documents"], summary["errors"]) == (2, 1)
    (error,) = _rows(tmp_path, "errors")
    assert (error["row"], error["document_id"]) == (1, "1")
    assert "not valid UTF-8 at byte 4" in error["error"]


def test_lone_surrogates_of_json_are_error_rows(run: Run, tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_text(
        '{"id": "0", "text": "bad \\ud83d half"}\n{"id": "1", "text": "good"}\n'
    )
    assert run(tmp_path / "in.jsonl")["documents"] == 1
    (error,) = _rows(tmp_path, "errors")
    assert "lone surrogate (U+D83D) at character 4" in error["error"]


def test_repeated_ids_are_all_annotated_and_counted(run: Run, tmp_path: Path) -> None:
    summary = run(_parquet(tmp_path, ["a", "b", "c"], ["x", "x", "y"]))
    assert (summary["documents"], summary["repeated_ids"]) == (3, 1)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ([], "has no column 'text' for the text; its columns are: pmid, abstract, year."),
        (
            ["--text-column", "abstract"],
            "has no column 'id' for the id; its columns are: pmid, abstract, year.",
        ),
        (
            ["--text-column", "year", "--id-column", "pmid"],
            "is int64, not text; its text columns are: abstract.",
        ),
    ],
)
def test_a_column_that_is_not_there_or_not_text_is_one_sentence(
    invoke: Invoke, pipeline: Path, tmp_path: Path, options: list[str], sentence: str
) -> None:
    pq.write_table(
        pa.table({"pmid": [1], "abstract": ["a"], "year": [2020]}), tmp_path / "in.parquet"
    )
    result = invoke(
        "run", tmp_path / "in.parquet", "-o", tmp_path / "out", "--pipeline", pipeline, *options
    )
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: ")
    assert sentence in result.stderr
    assert not (tmp_path / "out").exists()


def test_columns_by_other_names(run: Run, tmp_path: Path) -> None:
    pq.write_table(pa.table({"pmid": [12], "abstract": ["a"]}), tmp_path / "in.parquet")
    assert (
        run(tmp_path / "in.parquet", "--text-column", "abstract", "--id-column", "pmid")[
            "documents"
        ]
        == 1
    )
    assert _rows(tmp_path, "documents")[0]["id"] == "12"


CITATIONS = "".join(
    f"<PubmedArticle><MedlineCitation><PMID>{number}</PMID>"
    f"<Article><ArticleTitle>Title {number}</ArticleTitle>"
    f"<Abstract><AbstractText>Text {number}</AbstractText></Abstract></Article>"
    "</MedlineCitation></PubmedArticle>"
    for number in range(20)
)
XML = f'<?xml version="1.0"?><PubmedArticleSet>{CITATIONS}</PubmedArticleSet>'.encode()


@pytest.mark.parametrize(
    ("name", "content", "least"),
    [
        ("bad.parquet", b"PAR1 is not enough", 0),
        ("bad.parquet", b"", 0),
        ("bad.xml", XML[: len(XML) // 2], 8),
        ("bad.xml", b"\x00\x01\x02", 0),
        ("bad.xml.gz", gzip.compress(XML, mtime=0)[:-200], 0),
        ("bad.xml.gz", b"\x1f\x8b damaged", 0),
        ("bad.jsonl", b'{"id": "1", "text": "a"}\n{"id": ', 1),
        ("bad.jsonl.gz", gzip.compress(b'{"id": "1", "text": "a"}\n' * 5000, mtime=0)[:-20], 1),
        ("bad.pubtator", b"no PubTator at all", 0),
    ],
)
def test_a_damaged_file_is_an_error_row_and_the_other_files_are_read(
    run: Run, tmp_path: Path, name: str, content: bytes, least: int
) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / name).write_bytes(content)
    (folder / "good.jsonl").write_text('{"id": "good", "text": "a"}\n')
    summary = run(folder)
    assert summary["documents"] >= least + 1
    assert summary["errors"] == 1
    assert "good" in [row["id"] for row in _rows(tmp_path, "documents")]
    (error,) = _rows(tmp_path, "errors")
    assert (error["input"], error["stage"]) == (str(folder / name), "read")


def test_a_run_whose_inputs_all_failed_exits_with_1(
    invoke: Invoke, pipeline: Path, tmp_path: Path
) -> None:
    path = _parquet(tmp_path, ["a"] * 100)
    path.write_bytes(path.read_bytes()[:-10])
    command = ["run", path, "-o", tmp_path / "out", "--pipeline", pipeline, "--workers", 0]
    for _ in range(2):
        result = invoke(*command, "--json")
        assert result.exit_code == 1
        assert result.stderr.endswith(
            f"Error: No input became a document; the table {tmp_path}/out/errors says why of each.\n"
        )
        summary = json.loads(result.stdout)
        assert (summary["documents"], summary["errors"]) == (0, 1)
    assert "not a readable Parquet file" in _rows(tmp_path, "errors")[0]["error"]


def test_an_input_that_went_away_is_a_warning(
    invoke: Invoke, pipeline: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for name in "ab":
        (folder / f"{name}.jsonl").write_text('{"id": "1", "text": "a"}\n')
    command = ["run", folder, "-o", tmp_path / "out", "--pipeline", pipeline, "--workers", 0]
    assert "Warning" not in invoke(*command).stderr
    (folder / "a.jsonl").unlink()
    result = invoke(*command)
    assert result.exit_code == 0
    assert f"Warning: the input {folder / 'a.jsonl'} is gone; what was made of it" in result.stderr
    assert "Parts of 1 input kept that cannot be found any more." in result.stdout
    assert "Warning" not in invoke(*command, "--restart").stderr


def test_help_ends_with_an_example(invoke: Invoke) -> None:
    words = invoke("run", "--help").stdout.replace("\n", " ")
    assert "Example: biopipe run abstracts.parquet" in " ".join(words.split())


def test_an_output_folder_of_something_else_is_refused(
    invoke: Invoke, pipeline: Path, tmp_path: Path
) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "letter.txt").write_text("dear")
    for options in ([], ["--restart"]):
        result = invoke("run", SAMPLE, "-o", tmp_path / "out", "--pipeline", pipeline, *options)
        assert (result.exit_code, result.stdout) == (1, "")
        assert "no biopipe output (it holds letter.txt" in result.stderr
    assert (tmp_path / "out" / "letter.txt").read_text() == "dear"


def test_an_output_folder_of_another_run_is_refused_until_restart(
    invoke: Invoke, run: Run, tmp_path: Path
) -> None:
    run(SAMPLE)
    other = tmp_path / "other.json"
    other.write_text(json.dumps({"components": {"sentencizer": {}}}))
    command = ["run", SAMPLE, "-o", tmp_path / "out", "--pipeline", other, "--workers", "0"]
    refused = invoke(*command)
    assert refused.exit_code == 1
    assert "was made with another configuration (pipeline." in refused.stderr
    assert len(refused.stderr.splitlines()) == 1
    assert invoke(*command, "--restart").exit_code == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ["run"],
        ["run", "a.parquet"],
        ["run", "a", "-o", "b", "--workers", "-1"],
        ["run", "--nonsense"],
    ],
)
def test_wrong_usage_exits_with_2(invoke: Invoke, arguments: list[str]) -> None:
    assert invoke(*arguments).exit_code == 2


def test_the_formats_go_in_and_every_input_is_accounted_for(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.xml").write_bytes(XML)
    (folder / "b.xml.gz").write_bytes(gzip.compress(XML, mtime=0))
    (folder / "c.txt").write_text("1|t|Title\n1|a|Text\n1\t0\t5\tTitle\tDisease\t-\n\n")
    pq.write_table(pa.table({"id": ["1"], "text": ["a"]}), folder / "d.parquet")
    summary = run(folder / "*", SAMPLE)
    assert (summary["documents"], summary["errors"], summary["this_run"]["parts"]) == (
        42 + 32,
        0,
        5,
    )
    first = _rows(tmp_path, "documents")
    assert {"title", "abstract"} <= {part["type"] for row in first for part in row["passages"]}


def test_the_summary_can_be_read_by_a_person(
    invoke: Invoke, pipeline: Path, tmp_path: Path
) -> None:
    path = _parquet(tmp_path, ["a", None, "c"], ["x", "y", "x"])
    command = ["run", path, "-o", tmp_path / "out", "--pipeline", pipeline]
    first = invoke(*command)
    assert first.exit_code == 0
    assert "Annotated 3 inputs in " in first.stdout
    assert "holds 3 inputs: 2 documents and 1 failed." in first.stdout
    assert "1 document with an id that another document had before." in first.stdout
    assert "1 error row in " in first.stdout
    assert "in.parquet, row 1 (y), read: text is null" in first.stdout
    assert "Nothing to do: every part was finished before." in invoke(*command).stdout


def test_the_summary_has_mentions_and_relations_by_type(capsys: pytest.CaptureFixture[str]) -> None:
    counts = Counts(inputs=2, documents=2)
    counts.mentions.update(Gene=3, Disease=4)
    counts.linked.update(Gene=1, Disease=3)
    counts.relations.update(Association=2)
    counts.novel.update(Association=1)
    print_summary(Summary("out", counts, 0, 2, 2, 1, 0, 0, 2.0, 1.0, ()))
    words = [line.replace("│", " ").split() for line in capsys.readouterr().out.splitlines()]
    assert ["Disease", "4", "3", "75%"] in words
    assert ["Gene", "3", "1", "33%"] in words
    assert ["all", "7", "4", "57%"] in words
    assert ["Association", "2", "1", "50%"] in words


@pytest.mark.parametrize("workers", [0, 1])
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_ctrl_c_says_what_is_finished_and_how_to_go_on(
    tmp_path: Path, number: signal.Signals, code: int, workers: int
) -> None:
    # The run waits in its second part until the gate is open, and is told to stop before that.
    texts = ["Tumor necrosis factor (TNF)", "wait gate", "Tumor necrosis factor (TNF)"]
    table = pa.table({"id": ["a", "b", "c"], "text": texts})
    pq.write_table(table, tmp_path / "in.parquet", row_group_size=1)
    components = {"biopipe_poison": {"seen": str(tmp_path)}}
    (tmp_path / "waits.json").write_text(json.dumps({"components": components}))
    out = tmp_path / "out"
    command = [sys.executable, "-m", "biopipe", "run", tmp_path / "in.parquet", "-o", out]
    command += ["--pipeline", tmp_path / "waits.json", "--workers", str(workers)]
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(str(DATA / name) for name in PACKAGES),
    }
    # A test run started in the background ignores SIGINT and would hand that down.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
        )
    finally:
        signal.signal(signal.SIGINT, before)
    while process.poll() is None and not (tmp_path / "gate.waiting").exists():
        time.sleep(0.005)
    process.send_signal(number)
    if not workers:
        (tmp_path / "gate").touch()
    output, errors = process.communicate()
    assert (process.returncode, output) == (code, "")
    assert errors == (
        f"Error: Interrupted; 1 of 3 parts of this run are finished in {out}. "
        "Start the same command again to go on from there.\n"
    )
    assert len(os.listdir(out / "journal")) == len(os.listdir(out / "documents")) == 1
    assert os.listdir(out / ".tmp") == []
