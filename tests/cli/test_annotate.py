import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from typer.testing import Result

Invoke = Callable[..., Result]
TEXT = "Tumor necrosis factor (TNF) is a cytokine."


def test_json_is_one_document(invoke: Invoke, pipeline: Path) -> None:
    result = invoke("annotate", TEXT, "--pipeline", pipeline, "--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout) == {
        "id": "text",
        "text": TEXT,
        "abbreviations": [{"start": 23, "end": 26, "long_start": 0, "long_end": 21}],
    }


def test_a_dash_reads_stdin(invoke: Invoke, pipeline: Path) -> None:
    result = invoke(
        "annotate", "-", "--pipeline", pipeline, "--json", stdin="Überempfindlichkeit 🧬\n"
    )
    assert json.loads(result.stdout)["text"] == "Überempfindlichkeit 🧬\n"


def test_no_mentions_are_said_to_be_none(invoke: Invoke, pipeline: Path) -> None:
    result = invoke("annotate", "", "--pipeline", pipeline)
    assert (result.exit_code, result.stdout) == (0, "No mentions found.\n")


def test_text_that_is_not_unicode_is_refused(invoke: Invoke, pipeline: Path) -> None:
    result = invoke("annotate", "-", "--pipeline", pipeline, stdin=b"abc\xff")
    assert result.exit_code == 1
    assert "not valid UTF-8 at byte 3" in result.stderr
    result = invoke("annotate", "abc\udcff", "--pipeline", pipeline)
    assert result.exit_code == 1
    assert "lone surrogate (U+DCFF) at character 3" in result.stderr


def test_a_pipeline_that_is_not_there_is_named(invoke: Invoke) -> None:
    result = invoke("annotate", TEXT, "--pipeline", "no-such-pipeline")
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: There is no pipeline 'no-such-pipeline'")


def test_a_reader_that_goes_away_is_no_error(pipeline: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "biopipe",
        "annotate",
        "-",
        "--pipeline",
        str(pipeline),
        "--json",
    ]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdin
    assert process.stdout
    assert process.stderr
    process.stdout.close()
    process.stdin.write("x" * 1_000_000)
    process.stdin.close()
    assert process.stderr.read() == ""
    process.stderr.close()
    assert process.wait(timeout=60) == 1
