"""Corpora with other names of a label, typos and other hyphens in the place of what was written."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from biopipe.document import Document, Mention
from biopipe.errors import ConfigError, InputError
from biopipe.io.codecs import pubtator
from biopipe.train.common.augment import AUGMENTATIONS, OTHER_NAMES, augmented
from biopipe.train.common.corpora import load_training_recipe, training_documents

NAMES = {"Chemical": ["imatinib", "9-cis-retinoic acid"], "Disease": ["gout", "Wilson disease"]}


def _document(number: int = 0) -> Document:
    text = (
        "Aspirin, aspirin and warfarin in ischaemic stroke; no stroke after aspirin in 12 patients."
    )
    mentions = []
    for name, label in (
        ("aspirin", "Chemical"),
        ("warfarin", "Chemical"),
        ("ischaemic stroke", "Disease"),
    ):
        start = text.lower().find(name)
        while start >= 0:
            mentions.append(Mention(start, start + len(name), label))
            start = text.lower().find(name, start + 1)
    mentions.append(Mention(text.index("patients"), len(text) - 1, "Species"))
    return Document(str(number), text, mentions=tuple(sorted(mentions, key=lambda m: m.start)))


def _names(document: Document) -> list[str]:
    return [document.text[m.start : m.end] for m in document.mentions]


def test_all_names_are_replaced_alike_and_labels_without_names_stay() -> None:
    before = _document()
    (after,) = augmented([before], {OTHER_NAMES: 1.0}, NAMES, seed=0)
    assert [m.label for m in after.mentions] == [m.label for m in before.mentions]
    changed = _names(after)
    assert changed[0] == changed[1] == changed[4]
    assert changed[0] in NAMES["Chemical"]
    assert changed[2] in NAMES["Chemical"]
    assert changed[3] in NAMES["Disease"]
    assert changed[5] == "patients"
    assert "no stroke after" in after.text  # what is no mention stays


def test_a_share_of_the_names_changes_and_the_seed_decides_which() -> None:
    documents = [_document(number) for number in range(200)]
    after = list(augmented(documents, {OTHER_NAMES: 0.3}, NAMES, seed=1))
    changed = sum(_names(one)[2] != "warfarin" for one in after)
    assert 35 <= changed <= 85  # 0.3 of 200 names
    assert after == list(augmented(documents, {OTHER_NAMES: 0.3}, NAMES, seed=1))
    assert after != list(augmented(documents, {OTHER_NAMES: 0.3}, NAMES, seed=2))
    assert list(augmented(documents, {}, NAMES, seed=1)) == documents


@settings(max_examples=60)
@given(
    shares=st.dictionaries(st.sampled_from(AUGMENTATIONS), st.floats(0, 1)),
    seed=st.integers(0, 1000),
)
def test_mentions_move_with_the_text(shares: dict[str, float], seed: int) -> None:
    before = _document(seed)
    (after,) = augmented([before], shares, NAMES, seed=seed)
    assert len(after.mentions) == len(before.mentions)
    gaps = [
        [
            d.text[a:b]
            for a, b in zip(
                [0, *(m.end for m in d.mentions)],
                [*(m.start for m in d.mentions), None],
                strict=True,
            )
        ]
        for d in (before, after)
    ]
    assert gaps[0] == gaps[1]


@pytest.mark.parametrize(
    ("augment", "said"),
    [
        (
            {"lower case": 0.5},
            "augmented by 'lower case'; choose of other names, typo, hyphen or space, Greek",
        ),
        ({"typo": 1.5}, "has 1.5 of its names augmented by 'typo'; give 0 to 1"),
        ({"typo": "half"}, "has half of its names augmented by 'typo'; give 0 to 1"),
        ({OTHER_NAMES: 0.5}, "names no files of them in 'other_names'"),
        (0.5, "0.5 as 'augment' in corpora"),
    ],
)
def test_faults_of_a_recipe(augment: object, said: str, tmp_path: Path) -> None:
    corpus = {"path": "train.pubtator", "labels": ["Disease"], "augment": augment}
    (tmp_path / "r.json").write_text(
        json.dumps({"labels": ["Disease"], "corpora": [corpus], "dev": []})
    )
    with pytest.raises(ConfigError, match=said):
        load_training_recipe(tmp_path / "r.json", tmp_path)


def test_files_of_names(tmp_path: Path) -> None:
    pubtator.write([_document()], tmp_path / "t.pubtator")
    corpus = {"path": "t.pubtator", "labels": ["Disease"], "augment": {OTHER_NAMES: 1.0}}
    recipe = {
        "labels": ["Disease"],
        "corpora": [corpus],
        "dev": [],
        "other_names": {"Disease": "d.txt"},
    }
    (tmp_path / "r.json").write_text(json.dumps(recipe))

    def documents() -> list[list[Document]]:
        return training_documents(
            load_training_recipe(tmp_path / "r.json", tmp_path), [], seed=0, log=lambda _: None
        )

    with pytest.raises(InputError, match="no file of names"):
        documents()
    for faulty in ("", "gout\n\nstroke\n", "gout \n"):
        (tmp_path / "d.txt").write_text(faulty)
        with pytest.raises(
            InputError, match="is empty or has lines that are blank or begin or end with a space"
        ):
            documents()
    (tmp_path / "d.txt").write_text("gout\nWilson disease\ngout\n")
    ((document,),) = documents()
    assert _names(document)[3] in NAMES["Disease"]
    assert _names(document)[2] == "warfarin"


def test_a_tagger_is_trained_on_augmented_documents(tiny_bert: Path, tmp_path: Path) -> None:
    """Names that stand in no corpus but in the file of names are learned."""
    pytest.importorskip("torch", reason="needs the extra 'train'")
    from biopipe.ner.tagger import Tagger
    from biopipe.train.common.schedule import Schedule
    from biopipe.train.export.model import export_model
    from biopipe.train.export.task import ModelDescription
    from biopipe.train.ner.trainer import train_ner

    def written(name: str, word: str, count: int) -> None:
        texts = [f"the {word} of patients", f"{word} and the gene"]
        pubtator.write(
            (
                Document(
                    f"{name}{n}",
                    t,
                    mentions=(Mention(t.index(word), t.index(word) + len(word), "Disease"),),
                )
                for n, t in enumerate(texts * count)
            ),
            tmp_path / f"{name}.pubtator",
        )

    written("1", "cancer", 6)
    written("2", "aspirin", 1)
    (tmp_path / "names.txt").write_text("aspirin\n")
    corpus = {"path": "1.pubtator", "labels": ["Disease"], "augment": {OTHER_NAMES: 0.5}}
    recipe = {
        "labels": ["Disease"],
        "corpora": [corpus],
        "dev": [],
        "other_names": {"Disease": "names.txt"},
    }
    (tmp_path / "r.json").write_text(json.dumps(recipe))
    out = train_ner(
        load_training_recipe(tmp_path / "r.json", tmp_path),
        str(tiny_bert),
        tmp_path / "out",
        schedule=Schedule(epochs=20, learning_rate=5e-3),
        batch_tokens=256,
        log=lambda _: None,
    )
    dev = list(pubtator.read(tmp_path / "2.pubtator"))
    export_model(
        str(out), tmp_path / "m", about=ModelDescription(name="m"), precision="fp32", documents=dev
    )
    found = Tagger(tmp_path / "m", threshold=0).predict([Document(d.id, d.text) for d in dev])
    assert [_names(d) for d in found] == [["aspirin"], ["aspirin"]]
