"""Files of frames: those that ship, and faults of a user's own."""

import itertools
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from biopipe.document import Document
from biopipe.errors import ConfigError
from biopipe.io.codecs import pubtator
from biopipe.train.frames.documents import FrameTexts
from biopipe.train.frames.fill import FrameFiller, Piece, pieces_text
from biopipe.train.frames.slots import name_slots
from biopipe.train.frames.text_kinds import TextKind, read_text_kinds, slots_of, without_names
from biopipe.train.frames.values import read_values

DATA = Path(os.environ.get("BIOPIPE_DATA", "../shared/data"))
EVERYDAY = DATA / "everyday" / "dev.pubtator"
CASES = DATA / "everyday" / "cases.jsonl"


def _read(folder: Path) -> list[TextKind]:
    return read_text_kinds(folder, slots=name_slots(), values=read_values())


def _filled(texts: FrameTexts, times: int) -> Iterator[tuple[str, list[Piece]]]:
    """Every shipped frame, filled so many times."""
    for kind, seed in itertools.product(texts.kinds, range(times)):
        for frame in kind.frames:
            filler = FrameFiller(texts.names, texts.values, Random(f"{seed} {frame.text}"))
            yield frame.text, filler.fill(frame, sentences=kind.join == "sentence")


def test_there_are_frames_of_many_kinds_and_no_two_are_alike(shipped_frames: FrameTexts) -> None:
    frames = [frame.text for kind in shipped_frames.kinds for frame in kind.frames]
    assert len(frames) >= 350
    assert len(frames) == len(set(frames))
    assert {kind.genre for kind in shipped_frames.kinds} >= {"note", "article", "captions"}


def test_every_slot_has_a_frame_that_uses_it(shipped_frames: FrameTexts) -> None:
    """But for slots of a label alone, which are for frames of users."""
    used = {
        slot.name
        for kind in shipped_frames.kinds
        for frame in kind.frames
        for slot in slots_of(frame.nodes)
    }
    assert used >= {name for name in name_slots() if "." in name}


def test_every_frame_fills_with_its_mentions_apart_from_other_words(
    shipped_frames: FrameTexts,
) -> None:
    for text, pieces in _filled(shipped_frames, 3):
        filled = pieces_text(pieces)
        assert filled == filled.strip(), text
        assert not re.search(r"[{}\0]|\.\.|  ,| \.", filled), (text, filled)
        place = 0
        for piece in pieces:
            if piece.name is not None:
                around = filled[place - 1 : place] + filled[place + len(piece.text) :][:1]
                assert not re.search(r"[^\W_]", around), (text, filled)
            place += len(piece.text)


@pytest.mark.skipif(not EVERYDAY.is_file(), reason="needs the shared data")
def test_no_frame_has_the_wording_of_text_that_reports_figures(
    shipped_frames: FrameTexts,
) -> None:
    """No sentence of it, with labels in the place of mentions, is in a filled frame."""
    reported = {
        sentence
        for document in pubtator.read(EVERYDAY)
        for sentence in _sentences(_skeleton(document))
        # "Denies X" and "X: no" are nobody's own wording.
        if len(re.findall(r"[a-z]+", re.sub("<[a-z]+>", "", sentence))) > 1
    }
    assert len(reported) > 15
    for text, pieces in _filled(shipped_frames, 10):
        skeleton = "".join(f"<{p.name.label}>" if p.name else p.text for p in pieces)
        assert not [sentence for sentence in reported if sentence in skeleton.lower()], text


@pytest.mark.skipif(not CASES.is_file(), reason="needs the shared data")
def test_no_frame_has_the_text_of_a_public_report(shipped_frames: FrameTexts) -> None:
    inputs = {json.loads(line)["input"] for line in CASES.read_text("utf-8").splitlines()}
    long = {text for text in inputs if len(text.split()) > 3}
    assert len(long) > 50
    for text, pieces in _filled(shipped_frames, 5):
        assert not [case for case in long if case in pieces_text(pieces)], text


def _skeleton(document: Document) -> str:
    text, place = "", 0
    for mention in document.mentions:
        text += document.text[place : mention.start] + f"<{mention.label}>"
        place = mention.end
    return text + document.text[place:]


def _sentences(text: str) -> list[str]:
    return [sentence.strip(" .").lower() for sentence in re.split(r"(?<=[.?!])\s+|\n", text)]


def test_directives_say_how_a_kind_is_used(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("# of mine\n@genre g\n@join sentence\n\nno {Disease}\n")
    (tmp_path / "top.txt").write_text("@genre g\n@place first\n@case upper\nabout {Disease}\n")
    mine, top = _read(tmp_path)
    assert (mine.name, mine.genre, mine.join, mine.place) == ("mine", "g", "sentence", "any")
    assert (top.genre, top.place, top.case) == ("g", "first", "upper")
    assert [(frame.text, frame.line) for frame in mine.frames] == [("no {Disease}", 5)]


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ("fine\n{Disese} here\n", "mine.txt, line 2: unknown slot '{Disese}'"),
        ("fine\n@join page\n", "mine.txt, line 2: '@join page' is not one of"),
        ("fine\n@colour red\n", "mine.txt, line 2: '@colour red' is not one of"),
        ("# nothing\n", "mine.txt holds no frame"),
        ("@place last\nthe end\n", "The genre 'mine'"),
    ],
)
def test_faults_name_the_file_and_the_line(tmp_path: Path, content: str, fault: str) -> None:
    (tmp_path / "mine.txt").write_text(content)
    with pytest.raises(ConfigError) as raised:
        _read(tmp_path)
    assert fault in str(raised.value)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"holds no \.txt file"):
        _read(tmp_path)
    (tmp_path / "mine.txt").write_bytes(b"caf\xe9\n")
    with pytest.raises(ConfigError, match=r"mine\.txt cannot be read"):
        _read(tmp_path)


def test_frames_that_hold_a_name_left_out_go(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("no [{Disease=COVID-19}|{Disease}]\nno {Disease}\n")
    (kind,) = without_names(_read(tmp_path), ["covid-19"])
    assert [frame.text for frame in kind.frames] == ["no {Disease}"]
    (tmp_path / "mine.txt").write_text("no {Disease=COVID-19}\n")
    with pytest.raises(ConfigError, match="'mine'"):
        without_names(_read(tmp_path), ["COVID-19"])
