import json
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from biopipe.train.encoder.texts import mixed_texts, text_pieces


def test_files_are_read_in_turn(tmp_path: Path) -> None:
    for name, texts in (("a", ["one", "two", "three"]), ("b", ["eins"])):
        lines = [json.dumps({"id": f"{name}{i}", "text": text}) for i, text in enumerate(texts)]
        (tmp_path / f"{name}.jsonl").write_text("\n".join(lines))
    assert list(mixed_texts([tmp_path / "a.jsonl", tmp_path / "b.jsonl"])) == [
        "one",
        "eins",
        "two",
        "three",
    ]


def test_a_title_beside_the_text_is_read_too(tmp_path: Path) -> None:
    rows = [{"id": "1", "title": "Aspirin", "text": "It helps."}]
    rows += [{"id": "2", "title": "Aspirin", "text": "Aspirin helps."}]
    (tmp_path / "t.jsonl").write_text("\n".join(map(json.dumps, rows)))
    assert list(mixed_texts([tmp_path / "t.jsonl"])) == ["Aspirin It helps.", "Aspirin helps."]


@given(st.text(alphabet="ab \n", max_size=200), st.integers(1, 30))
def test_pieces_are_the_text_and_none_is_longer(text: str, longest: int) -> None:
    pieces = list(text_pieces(text, longest))
    assert "".join(pieces) == text
    assert all(0 < len(piece) <= longest for piece in pieces)


def test_no_word_is_cut_that_fits() -> None:
    text = "one two three four five six"
    assert [word for piece in text_pieces(text, 9) for word in piece.split()] == text.split()
