"""Links are as sure as the mention is, where a tagger found it."""

import json
import shutil
from pathlib import Path

import pytest

from biopipe.document import Candidate, Document, Mention
from biopipe.errors import ModelError
from biopipe.extras import shipped_folder
from biopipe.linking.linker import Linker
from biopipe.linking.mention_certainty import (
    CERTAINTY_FILE,
    certainty_features,
    shipped_certainty,
    with_certainty,
)
from biopipe.linking.requests import linking_requests

TEXT = "aspirin, aspirin and warfarin sodium were given."


def document(*scores: float, **fields: object) -> Document:
    spans = [(0, 7), (9, 16), (21, 36)]
    mentions = [
        Mention(start, end, "Chemical", score, ("C:1",), (Candidate("C:1", "x", 0.9),), **fields)  # type: ignore[arg-type]
        for (start, end), score in zip(spans, scores, strict=True)
    ]
    return Document("d", TEXT, tuple(mentions))


def certain(given: Document, threshold: float = 0.65) -> tuple[Mention, ...]:
    requests = linking_requests(given)
    return with_certainty(given, given.mentions, requests, threshold=threshold)


def test_a_single_word_that_is_doubted_is_less_sure_than_a_phrase() -> None:
    first, second, phrase = certain(document(0.4, 0.3, 0.4))
    assert first.candidates[0].score < phrase.candidates[0].score < 0.9
    # Both ask for one name in one text, and are as sure as the surer of them.
    assert second.candidates == first.candidates


def test_a_mention_below_the_threshold_is_nil_and_keeps_its_candidates() -> None:
    first, *_ = certain(document(0.1, 0.1, 0.1), threshold=0.85)
    assert first.concept_ids == ()
    assert first.candidates[0].concept_id == "C:1"
    assert certain(document(0.1, 0.1, 0.1), threshold=0.0)[0].concept_ids == ("C:1",)


def test_what_somebody_gave_stays_as_it_is() -> None:
    given = document(1.0, 1.0, 1.0)
    assert certain(given) == given.mentions
    from_dictionary = document(0.3, 0.3, 0.3, dictionary="mine")
    assert certain(from_dictionary) == from_dictionary.mentions


def test_scores_beyond_what_was_judged_are_not_told_apart() -> None:
    assert certainty_features("x", 0.0) == certainty_features("x", 0.01)
    assert certainty_features("x y", 0.999)[2] == 0.0


def test_the_linker_doubts_with_the_tagger(kb_path: Path) -> None:
    linker = Linker(kb_path)
    sure, unsure = (
        linker.predict([Document("d", "Aspirin helps.", (Mention(0, 7, "Chemical", score),))])
        for score in (0.99, 0.35)
    )
    high, low = (found[0].mentions[0].candidates[0].score for found in (sure, unsure))
    assert high > low


def test_damaged_weights_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name = "biopipe-linker-weights"
    folder = Path(shutil.copytree(shipped_folder("models") / name, tmp_path / name))
    content = json.loads((folder / CERTAINTY_FILE).read_text())
    (folder / CERTAINTY_FILE).write_text(json.dumps(content | {"about": {}}))
    monkeypatch.setattr("biopipe.linking.mention_certainty.WEIGHTS_MODEL", str(folder))
    shipped_certainty.cache_clear()
    try:
        with pytest.raises(ModelError, match=CERTAINTY_FILE):
            shipped_certainty()
    finally:
        shipped_certainty.cache_clear()
