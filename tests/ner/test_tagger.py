import json
import pickle
import re
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from biopipe.document import Document, Mention
from biopipe.errors import ConfigError
from biopipe.ner.tagger import Tagger

TEXT = "The gene of cancer in patients, aspirin (p.V600E) and HeLa-cells; 5'-AMP α-synuclein."


@pytest.fixture
def tagger(tiny_tagger: Path) -> Tagger:
    return Tagger(tiny_tagger)


def test_mentions_lie_on_word_edges_with_scores_and_source(tagger: Tagger) -> None:
    (document,) = tagger.predict([Document("1", TEXT)])
    assert document.mentions, "random weights this wild find something"
    for mention in document.mentions:
        assert TEXT[mention.start : mention.end].strip() == TEXT[mention.start : mention.end] != ""
        assert 0 <= mention.score <= 1
        assert mention.label in tagger.labels
        assert mention.sources == ("tiny-tagger",)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(text=st.text(st.characters(blacklist_categories=["Cs"]), max_size=120))
def test_any_text_gives_offsets_inside_it(tagger: Tagger, text: str) -> None:
    (document,) = tagger.predict([Document("1", text)])
    assert document.text == text
    for mention in document.mentions:
        assert 0 <= mention.start < mention.end <= len(text)


def test_empty_and_blank_documents_pass_through(tagger: Tagger) -> None:
    empty, blank = tagger.predict([Document("1", ""), Document("2", " \n\t ")])
    assert (empty.mentions, blank.mentions, empty.windows) == ((), (), 0)


def test_long_text_finds_in_each_place_what_it_finds_alone(tagger: Tagger) -> None:
    (document,) = tagger.predict([Document("1", "the gene of cancer . " * 700)])
    assert document.windows > 5
    assert max(m.end for m in document.mentions) > 0.99 * len(document.text)
    spans = [(m.start, m.end) for m in document.mentions]
    assert len(spans) == len(set(spans))


def test_known_mentions_stay_and_are_not_doubled(tagger: Tagger) -> None:
    (first,) = tagger.predict([Document("1", TEXT)])
    known = Mention(
        first.mentions[0].start, first.mentions[0].end, first.mentions[0].label, sources=("me",)
    )
    (second,) = tagger.predict([Document("1", TEXT, mentions=(known,))])
    same = [
        m
        for m in second.mentions
        if (m.start, m.end, m.label) == (known.start, known.end, known.label)
    ]
    assert [set(m.sources) for m in same] == [{"me", tagger.model_name}]
    assert len(second.mentions) == len(first.mentions)


def test_signs_are_read_as_typed_and_edges_are_tidy(tagger: Tagger) -> None:
    printed = TEXT.replace("-", "\N{NON-BREAKING HYPHEN}").replace("'", "\N{PRIME}")
    (one,), (other,) = (tagger.predict([Document("1", text)]) for text in (TEXT, printed))
    assert [(m.start, m.end, m.label) for m in one.mentions] == [
        (m.start, m.end, m.label) for m in other.mentions
    ]
    assert not any(TEXT[m.start : m.end].endswith(("(", ",")) for m in one.mentions)


def test_threshold_leaves_out_what_is_below_it(tiny_tagger: Path) -> None:
    (everything,) = Tagger(tiny_tagger).predict([Document("1", TEXT)])
    middle = sorted(m.score for m in everything.mentions)[len(everything.mentions) // 2]
    (some,) = Tagger(tiny_tagger, threshold=middle).predict([Document("1", TEXT)])
    assert some.mentions == tuple(m for m in everything.mentions if m.score >= middle)
    label = everything.mentions[0].label
    (without,) = Tagger(tiny_tagger, threshold={label: 1.0}).predict([Document("1", TEXT)])
    assert without.mentions == tuple(m for m in everything.mentions if m.label != label)


def test_unknown_label_in_threshold_lists_the_labels(tiny_tagger: Path) -> None:
    with pytest.raises(ConfigError, match=r"Unknown label 'Drug'.*Gene, Disease"):
        Tagger(tiny_tagger, threshold={"Drug": 0.5})


def test_pickled_tagger_predicts_the_same(tagger: Tagger) -> None:
    document = Document("1", TEXT)
    assert pickle.loads(pickle.dumps(tagger)).predict([document]) == tagger.predict([document])


def test_result_does_not_depend_on_batch_or_threads(tiny_tagger: Path) -> None:
    documents = [Document(str(i), TEXT[i:]) for i in range(12)]
    together = Tagger(tiny_tagger, threads=3).predict(documents)
    assert together == [Tagger(tiny_tagger, threads=1).predict([d])[0] for d in documents]


def test_agreement_is_the_manifests_unless_it_is_given(tiny_tagger: Path, tmp_path: Path) -> None:
    folder = tmp_path / "tagger"
    shutil.copytree(tiny_tagger, folder)
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["settings"]["agreement"] = 0.75
    (folder / "manifest.json").write_text(json.dumps(manifest))
    assert Tagger(tiny_tagger).agreement == 0.0
    assert Tagger(folder).agreement == 0.75
    assert Tagger(folder, agreement=0.0).agreement == 0.0
    with pytest.raises(ConfigError, match="agreement of a tagger is 2"):
        Tagger(folder, agreement=2)


def test_repeated_words_are_tagged_alike_with_full_agreement(tiny_tagger: Path) -> None:
    text = "aspirin in the cancer of patients and the gene of aspirin disease; " * 8
    tagged = Tagger(tiny_tagger, agreement=1.0).predict([Document("1", text)])[0]
    labels: dict[str, set[str]] = {}
    for mention in tagged.mentions:
        for word in re.findall("[a-z]{2,}", text[mention.start : mention.end]):
            labels.setdefault(word, set()).add(mention.label)
    assert tagged.mentions
    assert all(len(each) == 1 for each in labels.values())
