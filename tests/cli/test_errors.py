import subprocess
import sys
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from biopipe.cli.errors import ErrorGroup
from biopipe.errors import InputError, reason


def _app(error: BaseException) -> typer.Typer:
    app = typer.Typer(cls=ErrorGroup, pretty_exceptions_enable=False)

    @app.command()
    def fail() -> None:
        raise error

    @app.command()
    def other() -> None:
        typer.echo("done")

    return app


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (
            InputError("The input a.xml does not exist; give another."),
            "The input a.xml does not exist; give another.",
        ),
        (PermissionError(13, "Permission denied", "b.xml"), "Permission denied: b.xml"),
        (OSError("odd"), "odd"),
    ],
)
def test_an_error_is_one_sentence_on_stderr_and_exit_code_1(
    error: Exception, sentence: str
) -> None:
    result = CliRunner().invoke(_app(error), ["fail"])
    assert (result.exit_code, result.stdout, result.stderr) == (1, "", f"Error: {sentence}\n")


def test_what_is_a_bug_keeps_its_traceback() -> None:
    result = CliRunner().invoke(_app(ZeroDivisionError("bug")), ["fail"])
    assert isinstance(result.exception, ZeroDivisionError)


def test_other_commands_are_not_touched() -> None:
    result = CliRunner().invoke(_app(ValueError()), ["other"])
    assert (result.exit_code, result.stdout) == (0, "done\n")


def test_usage_errors_exit_with_2() -> None:
    assert CliRunner().invoke(_app(ValueError()), ["nonsense"]).exit_code == 2


def _biopipe(*arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "biopipe", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, **options)  # type: ignore[call-overload,no-any-return]


def test_the_command_says_its_version_and_its_errors() -> None:
    from biopipe import __version__

    assert _biopipe("--version").stdout == f"biopipe {__version__}\n"
    failed = _biopipe("run", "no-such-file.parquet", "-o", "out-not-made")
    assert failed.returncode == 1
    assert failed.stderr.startswith("Error: The input no-such-file.parquet does not exist;")
    assert len(failed.stderr.splitlines()) == 1
    assert not Path("out-not-made").exists()


def test_help_loads_none_of_what_the_commands_need() -> None:
    code = (
        "import sys, biopipe.cli; "
        "heavy = {'spacy', 'torch', 'transformers', 'onnxruntime', 'pyarrow', 'numpy'} & set(sys.modules); "
        "sys.exit(f'loaded: {heavy}' if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (KeyError("dev"), "it has no 'dev'"),
        (FileNotFoundError(2, "No such file or directory", "a.json"), "No such file or directory"),
        (ValueError("one\n  two"), "one two"),
    ],
)
def test_the_reason_of_an_error_in_words(error: Exception, words: str) -> None:
    assert reason(error) == words
