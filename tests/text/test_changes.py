from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biopipe.document import Document, Mention
from biopipe.text.changes import (
    CHANGES,
    Edit,
    change_documents,
    rewritten,
    substitution,
)

TEXT = "Tumor necrosis factor-α (TNF-alpha) and 5'-AMP in lung cancer; lung cancer again."


def document(text: str, *names: str) -> Document:
    """Every occurrence of each name is a mention."""
    spans = []
    for name in names:
        start = text.find(name)
        while start >= 0:
            spans.append((start, start + len(name)))
            start = text.find(name, start + 1)
    return Document("1", text, mentions=tuple(Mention(*span, "Disease") for span in sorted(spans)))


def names(document: Document) -> list[str]:
    return [document.text[m.start : m.end] for m in document.mentions]


def changed(change: str, *mentions: str, text: str = TEXT) -> list[str]:
    (found,) = change_documents([document(text, *mentions)], CHANGES[change], name=change, seed=0)
    return names(found)


words = st.text(st.characters(blacklist_categories=["Cs"]), min_size=1, max_size=8)
texts = st.lists(words, min_size=1, max_size=12)


@given(texts, st.data())
def test_mentions_move_with_what_they_name(parts: list[str], data: st.DataObject) -> None:
    chosen = data.draw(st.lists(st.sampled_from(range(len(parts))), unique=True).map(sorted))
    offsets = [len("".join(parts[:i])) for i in range(len(parts) + 1)]
    mentions = tuple(Mention(offsets[i], offsets[i + 1], "Gene") for i in chosen)
    text = "".join(parts)
    edits = [Edit(offsets[i], offsets[i + 1], data.draw(words)) for i in chosen[::2]]
    result = rewritten(Document("1", text, mentions=mentions), edits)
    new = {edit.start: edit.text for edit in edits}
    assert names(result) == [new.get(offsets[i], parts[i]) for i in chosen]
    assert result.text == "".join(new.get(offsets[i], part) for i, part in enumerate(parts))


@pytest.mark.parametrize(("change", "one"), [("upper case", str.upper), ("lower case", str.lower)])
@given(st.text("aZ ßİıŉǆΑς1-", max_size=30), st.data())
def test_case_may_change_lengths(
    change: str, one: Callable[[str], str], text: str, data: st.DataObject
) -> None:
    start, end = sorted(data.draw(st.tuples(st.integers(0, len(text)), st.integers(0, len(text)))))
    before = Document("1", text, mentions=(Mention(start, end, "Gene"),))
    (after,) = change_documents([before], CHANGES[change], name=change, seed=0)
    assert after.text == "".join(map(one, text))
    assert names(after) == ["".join(map(one, text[start:end]))]


def test_case() -> None:
    assert changed("upper case", "lung cancer", text="Straße: lung cancer") == ["LUNG CANCER"]
    assert changed("title case", "TNF-alpha", "lung cancer") == [
        "Tnf-Alpha",
        "Lung Cancer",
        "Lung Cancer",
    ]
    assert changed("title case", "cancer", text="ß-cell cancer") == ["Cancer"]


def test_typography() -> None:
    assert changed("hyphen or space", "TNF-alpha", "lung cancer")[:2] == [
        "TNF alpha",
        "lung-cancer",
    ]
    assert changed("hyphen or space", "-141C-T", text="of -141C-T") == ["-141C T"]
    assert changed("Greek letters", "TNF-alpha", "factor-α") == ["factor-alpha", "TNF-α"]
    assert changed("Greek letters", "alphabet", text="alphabet") == ["alphabet"]
    (signs,) = changed("dashes, primes", "5'-AMP")
    assert signs[0] + signs[3:] == "5AMP"
    assert signs[1] in "′’"
    assert signs[2] in "‐‑–"


@given(st.integers(0, 200))
def test_a_typo_is_one_letter_off_and_spares_short_names(seed: int) -> None:
    before = document(TEXT, "lung cancer", "5'-AMP", "TNF")
    (after,) = change_documents([before], CHANGES["typo"], name="typo", seed=seed)
    for old, new in zip(names(before), names(after), strict=True):
        assert new[0] == old[0]
        assert abs(len(new) - len(old)) <= 1
        assert sorted(new) != sorted(old) or sum(a != b for a, b in zip(old, new, strict=True)) in (
            0,
            2,
        )
        assert len(old) > 4 or new == old


def test_one_name_becomes_one_other_in_a_document() -> None:
    pool = {"Disease": [f"disease {i}" for i in range(50)]}
    one = document(TEXT, "lung cancer")
    (after,) = change_documents([one], substitution(pool), name="s", seed=0)
    assert len(set(names(after))) == 1
    assert names(after)[0] in pool["Disease"]
    assert "lung cancer" not in after.text
    assert [after] == change_documents([one], substitution(pool), name="s", seed=0)
    others = [
        change_documents([one], substitution(pool), name="s", seed=seed)[0] for seed in range(9)
    ]
    assert len({other.text for other in others}) > 1


def test_mentions_that_overlap_and_labels_without_names_stay() -> None:
    overlapping = Document(
        "1", "lung cancer", mentions=(Mention(0, 4, "Disease"), Mention(0, 11, "Disease"))
    )
    (after,) = change_documents([overlapping], substitution({"Disease": ["flu"]}), name="s", seed=0)
    assert after == overlapping
    (same,) = change_documents([document(TEXT, "lung cancer")], substitution({}), name="s", seed=0)
    assert same.text == TEXT
