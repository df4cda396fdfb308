import json
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from biopipe.train.encoder.texts import mixed_texts, stated_licences, text_pieces


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


def test_licences_are_those_that_the_records_state(tmp_path: Path) -> None:
    rows = [{"id": "1", "text": "a", "licence": "CC0"}, {"id": "2", "text": "b"}]
    rows += [{"id": n, "text": "c", "license": "CC BY"} for n in "345"]
    rows += [{"id": "6", "text": "d", "meta": {"licence": "CC0"}}]
    (tmp_path / "t.jsonl").write_text("\n".join(map(json.dumps, rows)))
    assert stated_licences(tmp_path / "t.jsonl") == "CC BY; CC0; not stated"


def test_a_table_without_licences_states_none(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("id,text\n1,Aspirin helps.\n")
    assert stated_licences(tmp_path / "t.csv") == "not stated"


@given(st.text(alphabet="ab \n", max_size=200), st.integers(1, 30))
def test_pieces_are_the_text_and_none_is_longer(text: str, longest: int) -> None:
    pieces = list(text_pieces(text, longest))
    assert "".join(pieces) == text
    assert all(0 < len(piece) <= longest for piece in pieces)


def test_no_word_is_cut_that_fits() -> None:
    text = "one two three four five six"
    assert [word for piece in text_pieces(text, 9) for word in piece.split()] == text.split()
