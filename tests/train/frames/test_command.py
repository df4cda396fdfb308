"""`biopipe train frames` in a process of its own."""

import subprocess
import sys
from pathlib import Path

import pytest

from biopipe.io.codecs import pubtator


@pytest.fixture
def frames_of(small_base: Path, tmp_path: Path):
    """Runs the command in a folder of the test, with the small base."""

    def run(*options: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "biopipe", "train", "frames", "-o", "out.pubtator"]
        return subprocess.run(
            [*command, "--kb", str(small_base), *options],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            timeout=300,
            check=False,
        )

    return run


def test_documents_are_written_and_the_same_again(frames_of, tmp_path: Path) -> None:
    (tmp_path / "seen.txt").write_text("COVID-19\n\n  Hypertension \n")
    (tmp_path / "texts.pubtator").write_text("1|t|Parkinson disease, Parkinson disease\n1|a|\n\n")
    options = (
        "--documents",
        "40",
        "--seed",
        "5",
        "--leave-out",
        "seen.txt",
        "--texts",
        "texts.pubtator",
    )
    result = frames_of(*options)
    assert result.returncode == 0, result.stderr
    assert result.stdout == "out.pubtator: 40 documents\n"
    assert "40 documents, mentions: " in result.stderr
    first = (tmp_path / "out.pubtator").read_bytes()
    documents = list(pubtator.read(tmp_path / "out.pubtator"))
    assert len(documents) == 40
    surfaces = {d.text[m.start : m.end].casefold() for d in documents for m in d.mentions}
    assert len(surfaces) > 100
    assert not {"covid-19", "hypertension"} & surfaces
    assert frames_of(*options).returncode == 0
    assert (tmp_path / "out.pubtator").read_bytes() == first


def test_frames_and_noise_of_ones_own(frames_of, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "cards.txt").write_text("card about {Disease=Foo disease}\n")
    noise = ("--noise", "upper case=1", "--noise", "typo=0")
    result = frames_of("--frames", "mine", "--documents", "2", *noise)
    assert result.returncode == 0, result.stderr
    for document in pubtator.read(tmp_path / "out.pubtator"):
        (mention,) = document.mentions
        assert document.text[mention.start : mention.end] == "FOO DISEASE"


@pytest.mark.parametrize(
    ("options", "code", "fault"),
    [
        (("--frames", "mine"), 1, "cards.txt, line 2: unknown slot '{Card}'"),
        (("--noise", "typo"), 2, "'typo' is not CHANGE=SHARE"),
        (("--noise", "colour=0.1"), 1, "Unknown noise 'colour'"),
        (("--kb", "nowhere"), 1, "nowhere"),
    ],
)
def test_errors_are_one_sentence(
    frames_of, tmp_path: Path, options: tuple[str, ...], code: int, fault: str
) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "cards.txt").write_text("fine\n{Card}\n")
    result = frames_of(*options)
    assert result.returncode == code
    assert fault in " ".join(result.stderr.split())
    assert "Traceback" not in result.stderr
    assert not (tmp_path / "out.pubtator").exists()
