"""A tagger that is told the names of knowledge bases."""

import json
from collections.abc import Sequence
from pathlib import Path
from random import Random

import numpy as np
import pytest

pytest.importorskip("torch", reason="needs the extra 'train'")

from biopipe.document import Document, Mention
from biopipe.errors import ConfigError
from biopipe.io.codecs import pubtator
from biopipe.kb.base import KnowledgeBase
from biopipe.kb.build.compile import compile_kb
from biopipe.kb.schema import Concept
from biopipe.ner.name_features import FEATURES_PER_LABEL, NameFeatures, told_names
from biopipe.ner.tagger import Tagger
from biopipe.runtime.trunk import Trunk
from biopipe.train.common.corpora import load_training_recipe
from biopipe.train.common.restore import restore
from biopipe.train.common.schedule import Schedule
from biopipe.train.export.model import export_model
from biopipe.train.export.task import ModelDescription
from biopipe.train.ner.known_names import (
    NameNoise,
    TokenName,
    add_names_input,
    features_with_noise,
    labels_to_tell,
)
from biopipe.train.ner.trainer import train_ner

SYLLABLES = ("ba", "co", "di", "fu", "ga", "he", "jo", "ku", "la", "mi", "no", "pe")
EVERYTHING = NameNoise(hidden=0.0, none=0.0, false=0.0)


def _words(seed: int, count: int) -> list[str]:
    random = Random(seed)
    return sorted({"".join(random.choices(SYLLABLES, k=4)) for _ in range(count)})


def _base(path: Path, names: dict[str, Sequence[str]]) -> Path:
    concepts = [
        Concept(f"X:{label}{number}", name, types=(label,))
        for label, words in names.items()
        for number, name in enumerate(words)
    ]
    return compile_kb(concepts, path, name=path.name, version="1", licence="", sources={})


def _documents(
    names: dict[str, Sequence[str]], plain: Sequence[str], prefix: str
) -> list[Document]:
    """Sentences whose words tell nothing: only who knows the names can tell what is what."""
    random = Random(prefix)
    documents = []
    for number in range(60):
        text, mentions = "of", []
        for _ in range(4):
            label = random.choice([*names, ""])
            word = random.choice(names[label] if label else plain)
            if label:
                mentions.append(Mention(len(text) + 1, len(text) + 1 + len(word), label))
            text += f" {word} and"
        documents.append(Document(f"{prefix}{number}", text, mentions=tuple(mentions)))
    return documents


def test_terms_added_to_a_base_are_found_without_training(tiny_bert: Path, tmp_path: Path) -> None:
    words = _words(1, 400)
    plain, words = words[::4], [word for place, word in enumerate(words) if place % 4]
    known = {"Disease": words[:90], "Chemical": words[90:180]}
    new = {"Disease": words[180:220], "Chemical": words[220:260]}
    pubtator.write(_documents(known, plain[:60], "1"), tmp_path / "train.pubtator")
    unseen = _documents(new, plain[60:], "2")
    pubtator.write(unseen, tmp_path / "dev.pubtator")
    labels = ["Disease", "Chemical"]
    recipe = tmp_path / "recipe.json"
    corpora = {part: [{"path": f"{part}.pubtator", "labels": labels}] for part in ("train", "dev")}
    recipe.write_text(
        json.dumps({"labels": labels, "corpora": corpora["train"], "dev": corpora["dev"]})
    )
    out = train_ner(
        load_training_recipe(recipe, tmp_path),
        str(tiny_bert),
        tmp_path / "out",
        schedule=Schedule(epochs=25, learning_rate=5e-3),
        batch_tokens=512,
        names=NameFeatures([_base(tmp_path / "known", known)], labels),
        noise=NameNoise(hidden=0.1, none=0.0, false=0.0),
        log=lambda _: None,
    )
    model = tmp_path / "model"
    about = ModelDescription(name="told")
    manifest = export_model(
        str(out), model, about=about, precision="int8", documents=unseen[:8], states_layer=1
    )
    assert manifest.settings["names"] == labels

    mine = _base(tmp_path / "mine", new)
    told, untold = (
        _f1(Tagger(model, kb=bases), unseen) for bases in ([tmp_path / "known", mine], [])
    )
    assert told > 0.9
    assert untold < told - 0.3

    _check_states(model, [tmp_path / "known", mine], unseen[:3])

    # What was exported can be trained on, with what it learned of names.
    again = export_model(
        str(restore(model, tmp_path / "again")),
        tmp_path / "second",
        about=about,
        precision="int8",
        documents=unseen[:8],
    )
    assert again.settings["names"] == labels
    assert _f1(Tagger(tmp_path / "second", kb=[tmp_path / "known", mine]), unseen) > 0.85


def test_a_tagger_of_other_labels_is_told_what_its_base_was(
    tiny_bert: Path, tmp_path: Path
) -> None:
    from transformers import AutoModelForTokenClassification

    base = KnowledgeBase.open(_base(tmp_path / "base", {"Disease": ["fufufufu"]}))
    with pytest.raises(ConfigError, match="Problem"):
        labels_to_tell(str(tiny_bert), ["Problem"], [base])
    assert labels_to_tell(str(tiny_bert), ["Problem", "Disease"], [base]) == ("Disease",)

    model = AutoModelForTokenClassification.from_pretrained(str(tiny_bert))
    add_names_input(model, ["Chemical", "Disease"], str(tiny_bert))
    model.names_layer.weight.data.fill_(1.0)
    model.save_pretrained(tmp_path / "told")
    told = labels_to_tell(str(tmp_path / "told"), ["Problem", "Gene"], [base])
    assert told == ("Chemical", "Disease")

    following = AutoModelForTokenClassification.from_pretrained(str(tmp_path / "told"))
    add_names_input(following, ["Gene", "Disease"], str(tmp_path / "told"))
    columns = following.names_layer.weight.detach().numpy()
    assert not columns[:, :FEATURES_PER_LABEL].any()
    assert (columns[:, FEATURES_PER_LABEL:] == 1.0).all()


def _check_states(model: Path, bases: Sequence[Path], documents: Sequence[Document]) -> None:
    """States made for a text that no tagger has read are those of the tagger, who was told."""
    tagger = Tagger(model, kb=bases)
    tagger.shares_states = True
    plain = [Document(document.id, document.text) for document in documents]
    told = Trunk(model, features=lambda manifest: told_names(manifest, bases)).read(plain)
    for document, alone, untold in zip(
        tagger.predict(plain), told, Trunk(model).read(plain), strict=True
    ):
        shared = document.shared[tagger.states_graph].states
        assert np.array_equal(shared, alone.states)
        assert not np.allclose(shared, untold.states)


def _f1(tagger: Tagger, gold: Sequence[Document]) -> float:
    predicted = tagger.predict([Document(document.id, document.text) for document in gold])
    one, other = (
        {(d.id, m.start, m.end, m.label) for d in documents for m in d.mentions}
        for documents in (predicted, gold)
    )
    return 2 * len(one & other) / max(1, len(one) + len(other))


def test_whole_names_are_hidden_and_false_ones_made_up() -> None:
    names = [
        TokenName(0, 2, 0, 0.9, "one name"),
        TokenName(4, 5, 1, 0.8, "other"),
        TokenName(6, 8, 0, 0.9, "one name"),
    ]
    rows = features_with_noise(names, 10, 2, EVERYTHING, Random(0))
    assert np.flatnonzero(rows[:, 0]).tolist() == [0, 6]
    assert np.flatnonzero(rows[:, 1]).tolist() == [1, 7]
    assert np.flatnonzero(rows[:, 3]).tolist() == [4]

    noise = NameNoise(hidden=0.5, none=0.0, false=0.0)
    drawn = [features_with_noise(names, 10, 2, noise, Random(seed)) for seed in range(200)]
    # Both occurrences of a name are hidden, or none.
    assert all(rows[0, 0] == rows[6, 0] for rows in drawn)
    assert 60 < sum(rows[0, 0] for rows in drawn) < 140

    none = NameNoise(hidden=0.0, none=1.0, false=5.0)
    assert not features_with_noise(names, 10, 2, none, Random(0)).any()
    false = NameNoise(hidden=0.0, none=0.0, false=10.0)
    assert sum(features_with_noise([], 100, 2, false, Random(1))[:, [0, 3]].sum(axis=1)) > 5


def test_a_model_that_is_told_nothing_refuses_a_base(tiny_tagger: Path) -> None:
    with pytest.raises(ConfigError, match="told no names"):
        Tagger(tiny_tagger, kb=["default"])
