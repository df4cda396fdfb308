"""Taggers that answer for texts without gold."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="needs the extra 'train'")

from biopipe.document import Document
from biopipe.errors import ConfigError
from biopipe.io.codecs import pubtator
from biopipe.ner.labels import bio_tags
from biopipe.ner.tagger import Tagger
from biopipe.runtime.tokenizer import Tokenizer
from biopipe.train.common.corpora import load_training_recipe
from biopipe.train.common.schedule import Schedule
from biopipe.train.export.model import export_model
from biopipe.train.export.task import ModelDescription
from biopipe.train.ner.teachers import check_teachers, taught_tags
from biopipe.train.ner.trainer import train_ner

TEXTS = ("aspirin in Xyzzyx cancer", "", "the gene")


def test_tokens_have_what_the_teachers_say_of_their_words(tiny_tagger: Path) -> None:
    teacher, documents = Tagger(tiny_tagger), [Document(str(n), t) for n, t in enumerate(TEXTS)]
    tokenizer = Tokenizer(tiny_tagger / "tokenizer.json")
    tokens = tokenizer.encode([document.text for document in documents])
    labels = teacher.labels[::-1]
    taught = list(taught_tags(documents, tokens, [teacher, teacher], labels))
    said = teacher.tag_words(documents)
    assert [len(answer) for answer in taught] == [len(text.ids) for text in tokens]
    assert any(len(text.ids) > len(words.starts) for text, words in zip(tokens, said, strict=True))

    tags = bio_tags(labels)
    for answer, text, words in zip(taught, tokens, said, strict=True):
        assert answer.sum(axis=1) == pytest.approx(1.0, abs=0.01)
        for row, (start, number) in enumerate(
            zip(text.offsets[:, 0].tolist(), text.words.tolist(), strict=True)
        ):
            first = start in words.starts.tolist()
            outside, *of_labels = words.probabilities[number].tolist()
            begin, inside = of_labels[: len(labels)], of_labels[len(labels) :]
            expected = {"O": outside}
            for place, label in enumerate(teacher.labels):
                expected[f"B-{label}"] = begin[place] if first else 0.0
                expected[f"I-{label}"] = inside[place] + (0.0 if first else begin[place])
            assert answer[row] == pytest.approx([expected[tag] for tag in tags], abs=0.002)


def test_the_answer_of_several_is_their_mean(tiny_tagger: Path, tiny_tagger_states: Path) -> None:
    teachers = [Tagger(tiny_tagger), Tagger(tiny_tagger_states, kb=[])]
    document = Document("1", TEXTS[0])
    tokens = Tokenizer(tiny_tagger / "tokenizer.json").encode([document.text])
    labels = teachers[0].labels
    one, other = (
        next(taught_tags([document], tokens, [teacher], labels)).astype(np.float32)
        for teacher in teachers
    )
    together = next(taught_tags([document], tokens, teachers, labels))
    assert together == pytest.approx((one + other) / 2, abs=0.002)


def test_a_teacher_has_the_labels_of_the_recipe(tiny_tagger: Path) -> None:
    with pytest.raises(ConfigError, match="cannot teach: its labels are CellLine, Chemical"):
        check_teachers([Tagger(tiny_tagger)], ["Gene", "Disease"])


@pytest.fixture
def teacher(
    tiny_bert: Path, tmp_path: Path, write_corpus: Callable[..., None]
) -> tuple[Path, Path]:
    """A folder of corpora, one of texts alone, and the model directory of a tagger that learned the
    gold of another.
    """
    gold = {"aspirin": "Chemical", "cancer": "Disease"}
    write_corpus(tmp_path / "gold.pubtator", labels=gold, prefix="1")
    write_corpus(tmp_path / "texts.pubtator", labels={}, prefix="2")
    write_corpus(tmp_path / "dev.pubtator", labels=gold, prefix="3", count=4)
    labels = list(gold.values())
    corpora = [{"path": "gold.pubtator", "labels": labels, "repeat": 3}]
    recipe = {"labels": labels, "corpora": corpora}
    recipe["dev"] = [{"path": "dev.pubtator", "labels": labels}]
    (tmp_path / "gold.json").write_text(json.dumps(recipe))
    corpora[0] = {"path": "texts.pubtator", "labels": [], "repeat": 3, "taught": 1.0}
    (tmp_path / "taught.json").write_text(json.dumps(recipe))
    checkpoint = train_ner(
        load_training_recipe(tmp_path / "gold.json", tmp_path),
        str(tiny_bert),
        tmp_path / "checkpoint",
        schedule=Schedule(epochs=12, learning_rate=5e-3),
        batch_tokens=256,
        log=lambda _: None,
    )
    export_model(
        str(checkpoint),
        tmp_path / "teacher",
        about=ModelDescription(name="teacher"),
        precision="fp32",
        documents=list(pubtator.read(tmp_path / "dev.pubtator")),
    )
    return tmp_path, tmp_path / "teacher"


def test_a_tagger_of_other_words_learns_from_a_teacher_alone(
    teacher: tuple[Path, Path], bert_of_other_words: Path
) -> None:
    folder, model = teacher
    recipe = load_training_recipe(folder / "taught.json", folder)
    out = train_ner(
        recipe,
        str(bert_of_other_words),
        folder / "student",
        schedule=Schedule(epochs=12, learning_rate=5e-3),
        batch_tokens=256,
        teachers=[Tagger(model)],
        log=lambda _: None,
    )
    history = json.loads((out / "history.json").read_text())
    assert history[-1]["dev_f1"][folder.name] > 0.95


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"taught": -1.0}, "is taught -1.0 times; give 0 or more"),
        ({"guideline": "strict"}, "has the guideline 'strict'; teachers know the usual one"),
    ],
)
def test_what_cannot_be_taught_is_said(
    teacher: tuple[Path, Path], tiny_bert: Path, change: dict[str, object], message: str
) -> None:
    folder, model = teacher
    recipe = json.loads((folder / "taught.json").read_text())
    recipe["corpora"][0].update(change)
    (folder / "wrong.json").write_text(json.dumps(recipe))
    with pytest.raises(ConfigError, match=message):
        train_ner(
            load_training_recipe(folder / "wrong.json", folder),
            str(tiny_bert),
            folder / "student",
            schedule=Schedule(epochs=1, learning_rate=1e-3),
            teachers=[Tagger(model)],
            log=lambda _: None,
        )


@pytest.mark.parametrize("given", [True, False])
def test_teachers_and_taught_corpora_go_together(
    teacher: tuple[Path, Path], tiny_bert: Path, given: bool
) -> None:
    folder, model = teacher
    recipe = load_training_recipe(folder / ("gold.json" if given else "taught.json"), folder)
    with pytest.raises(ConfigError, match="go together; give both or neither"):
        train_ner(
            recipe,
            str(tiny_bert),
            folder / "student",
            schedule=Schedule(epochs=1, learning_rate=1e-3),
            teachers=[Tagger(model)] if given else [],
            log=lambda _: None,
        )
