import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="needs the extra 'train'")

from safetensors import safe_open

from biopipe.document import Document, Mention
from biopipe.errors import ConfigError
from biopipe.io.codecs import pubtator
from biopipe.ner.tagger import Tagger
from biopipe.runtime.manifest import load_manifest
from biopipe.runtime.models import find_model
from biopipe.runtime.tokenizer import Tokenizer
from biopipe.train.common.corpora import Corpus, load_training_recipe, read_share, unseen
from biopipe.train.common.restore import restored
from biopipe.train.common.schedule import Schedule
from biopipe.train.export.model import export_model
from biopipe.train.export.task import ModelDescription
from biopipe.train.ner.examples import allowed_tags
from biopipe.train.ner.trainer import guideline_prefixes, train_ner


@pytest.fixture
def recipe(tmp_path: Path, write_corpus: Callable[..., None]) -> Path:
    write_corpus(
        tmp_path / "both.pubtator", labels={"aspirin": "Chemical", "cancer": "Disease"}, prefix="1"
    )
    write_corpus(tmp_path / "chemical.pubtator", labels={"aspirin": "Chemical"}, prefix="2")
    write_corpus(
        tmp_path / "dev.pubtator",
        labels={"aspirin": "Chemical", "cancer": "Disease"},
        prefix="3",
        count=4,
    )
    both = ["Chemical", "Disease"]
    path = tmp_path / "recipe.json"
    path.write_text(
        json.dumps(
            {
                "labels": both,
                "corpora": [
                    {"path": "both.pubtator", "labels": both, "repeat": 2},
                    {"path": "chemical.pubtator", "labels": ["Chemical"]},
                ],
                "dev": [{"path": "dev.pubtator", "labels": both}],
            }
        )
    )
    return path


def test_a_tagger_learns_from_partly_annotated_corpora_and_resumes_exactly(
    recipe: Path, tiny_bert: Path, tmp_path: Path
) -> None:
    loaded = load_training_recipe(recipe, tmp_path)
    schedule = Schedule(epochs=12, learning_rate=5e-3, save_every=5)
    lines: list[str] = []
    out = train_ner(
        loaded,
        str(tiny_bert),
        tmp_path / "out",
        schedule=schedule,
        batch_tokens=256,
        log=lines.append,
    )
    history = json.loads((out / "history.json").read_text())
    assert len(history) == 12
    assert history[-1]["dev_f1"][tmp_path.name] > 0.95
    weights = (out / "model.safetensors").read_bytes()

    # A run that goes on from the last checkpoint ends with the same weights.
    again: list[str] = []
    train_ner(loaded, str(tiny_bert), out, schedule=schedule, batch_tokens=256, log=again.append)
    assert any("starting at" in line and "starting at 0" not in line for line in again)
    assert (out / "model.safetensors").read_bytes() == weights

    documents = list(pubtator.read(tmp_path / "dev.pubtator"))
    export_model(
        str(out),
        tmp_path / "m",
        about=ModelDescription(name="m"),
        precision="int8",
        documents=documents,
    )
    predicted = Tagger(tmp_path / "m").predict([Document(d.id, d.text) for d in documents])
    found = [{(m.start, m.end, m.label) for m in d.mentions} for d in predicted]
    assert found == [{(m.start, m.end, m.label) for m in d.mentions} for d in documents]


def test_a_tagger_learns_in_bfloat16(recipe: Path, tiny_bert: Path, tmp_path: Path) -> None:
    loaded = load_training_recipe(recipe, tmp_path)
    folders = []
    for bf16 in (False, True):
        schedule = Schedule(epochs=12 if bf16 else 1, learning_rate=5e-3, bf16=bf16)
        folders.append(
            train_ner(
                loaded,
                str(tiny_bert),
                tmp_path / f"bf16-{bf16}",
                schedule=schedule,
                batch_tokens=256,
                log=lambda _: None,
            )
        )
    history = json.loads((folders[1] / "history.json").read_text())
    assert history[-1]["dev_f1"][tmp_path.name] > 0.95
    assert history[0] != json.loads((folders[0] / "history.json").read_text())[0]
    with safe_open(folders[1] / "model.safetensors", framework="pt") as file:
        assert {file.get_slice(name).get_dtype() for name in file.keys()} == {"F32"}  # noqa: SIM118


def test_corpora_of_other_guidelines_are_learned_side_by_side(
    recipe: Path, tiny_bert: Path, tmp_path: Path, write_corpus: Callable[..., None]
) -> None:
    """Two corpora of the same sentences that disagree about aspirin; the tiny vocabulary gets
    unused tokens.
    """
    folder = tmp_path / "bert"
    shutil.copytree(tiny_bert, folder)
    spec = (folder / "tokenizer.json").read_text().replace('"aspirin":', '"[unused1]":')
    (folder / "tokenizer.json").write_text(spec)
    write_corpus(tmp_path / "none.pubtator", labels={"cancer": "Disease"}, prefix="4")
    raw = json.loads(recipe.read_text())
    both = raw["labels"]
    raw["corpora"] = [
        {"path": "both.pubtator", "labels": both},
        {"path": "none.pubtator", "labels": both, "guideline": "strict"},
    ]
    recipe.write_text(json.dumps(raw))
    out = train_ner(
        load_training_recipe(recipe, tmp_path),
        str(folder),
        tmp_path / "out",
        schedule=Schedule(epochs=25, learning_rate=5e-3),
        batch_tokens=256,
        log=lambda _: None,
    )
    documents = list(pubtator.read(tmp_path / "dev.pubtator"))
    export_model(
        str(out),
        tmp_path / "m",
        about=ModelDescription(name="m"),
        precision="fp32",
        documents=documents,
    )
    texts = [Document(d.id, d.text) for d in documents]
    found = [
        {m.label for d in Tagger(tmp_path / "m", guideline=each).predict(texts) for m in d.mentions}
        for each in ("", "strict")
    ]
    assert found == [{"Chemical", "Disease"}, {"Disease"}]
    with pytest.raises(ConfigError, match="has no guideline 'lax'; it has: strict"):
        Tagger(tmp_path / "m", guideline="lax")


def test_a_guideline_needs_a_token_and_a_corpus(
    recipe: Path, tiny_bert: Path, tmp_path: Path
) -> None:
    raw = json.loads(recipe.read_text())
    raw["dev"][0]["guideline"] = "strict"
    recipe.write_text(json.dumps(raw))
    with pytest.raises(ConfigError, match="guideline 'strict', which no training corpus has"):
        load_training_recipe(recipe, tmp_path)
    raw["corpora"][0]["guideline"] = "strict"
    recipe.write_text(json.dumps(raw))
    with pytest.raises(ConfigError, match="no unused token for the guideline 'strict'"):
        train_ner(
            load_training_recipe(recipe, tmp_path),
            str(tiny_bert),
            tmp_path / "out",
            schedule=Schedule(epochs=1, learning_rate=1e-3),
            log=lambda _: None,
        )


def test_a_corpus_is_divided_by_shares_and_faulty_documents_stay_out(
    tmp_path: Path, write_corpus: Callable[..., None]
) -> None:
    write_corpus(tmp_path / "all.pubtator", labels={"cancer": "Disease"}, prefix="7", count=60)
    with (tmp_path / "all.pubtator").open("a") as file:
        file.write("\n800|t|of cancer\n800|a|the gene\n800\t0\t6\tcancer\tDisease\n")
    parts = [
        {
            d.id
            for d in read_share(
                Corpus(tmp_path / "all.pubtator", ("Disease",), share=share), lambda _: None
            )
        }
        for share in ((0.0, 0.3), (0.3, 1.0), (0.0, 1.0))
    ]
    assert parts[0] | parts[1] == parts[2]
    assert not parts[0] & parts[1]
    assert 5 < len(parts[0]) < 35
    assert len(parts[2]) == 60


def test_a_checkpoint_of_other_settings_is_refused(
    recipe: Path, tiny_bert: Path, tmp_path: Path
) -> None:
    loaded = load_training_recipe(recipe, tmp_path)
    for rate, match in ((1e-3, None), (2e-3, "other settings")):
        schedule = Schedule(epochs=1, learning_rate=rate, save_every=1)
        if match is None:
            train_ner(loaded, str(tiny_bert), tmp_path / "o", schedule=schedule, log=lambda _: None)
        else:
            with pytest.raises(ConfigError, match=match):
                train_ner(
                    loaded, str(tiny_bert), tmp_path / "o", schedule=schedule, log=lambda _: None
                )


def test_what_a_corpus_does_not_annotate_is_left_open(tiny_tagger: Path) -> None:
    tokens = Tokenizer(tiny_tagger / "tokenizer.json").encode(["aspirin in cancer patients"])[0]
    document = Document(
        "1",
        "aspirin in cancer patients",
        mentions=(Mention(0, 7, "Chemical"), Mention(11, 17, "Old")),
    )
    corpus = Corpus(Path("x"), labels=("Chemical",), ambiguous=("patients",))
    allowed = allowed_tags(document, tokens, corpus, ("Chemical", "Disease"))
    chemical_begin, outside_or_disease, anything = 0b00010, 0b11001, 0b11111
    assert allowed.tolist() == [chemical_begin, outside_or_disease, anything, anything]


def test_held_out_documents_are_found_by_id_and_by_text() -> None:
    words = [f"word{i}" for i in range(30)]
    held_out = [Document("7", " ".join(words))]
    same_text = Document("8", "Before that: " + " ".join(words[5:20]).upper() + ".")
    fresh = Document("9", " ".join(words[5:16]))
    assert list(unseen([Document("7", "other"), same_text, fresh], held_out)) == [fresh]


def test_a_broken_recipe_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "r.json").write_text('{"labels": ["A"]}')
    with pytest.raises(ConfigError, match=r"r\.json has no 'corpora'"):
        load_training_recipe(tmp_path / "r.json", tmp_path)
    raw = {"labels": ["A"], "corpora": [{"path": "x", "labels": ["B"]}], "dev": []}
    (tmp_path / "r.json").write_text(json.dumps(raw))
    with pytest.raises(ConfigError, match=r"names labels \['B'\]"):
        load_training_recipe(tmp_path / "r.json", tmp_path)


def test_documents_of_dev_are_left_out_and_counted(
    recipe: Path, tiny_bert: Path, tmp_path: Path
) -> None:
    with (tmp_path / "both.pubtator").open("a") as corpus:
        corpus.write("\n" + (tmp_path / "dev.pubtator").read_text())
    lines: list[str] = []
    train_ner(
        load_training_recipe(recipe, tmp_path),
        str(tiny_bert),
        tmp_path / "out",
        schedule=Schedule(epochs=1, learning_rate=1e-3),
        batch_tokens=256,
        log=lines.append,
    )
    said = [line.split(": ")[1].split(", ")[0] for line in lines if " documents" in line]
    # Four of the twelve sentences of each corpus are those of dev documents, under other ids.
    assert said == ["8 documents left out", "4 documents left out", "8 documents", "8 documents"]


def test_a_tagger_of_other_labels_keeps_its_encoder_and_starts_a_new_last_layer(
    recipe: Path, tiny_bert: Path, tmp_path: Path
) -> None:
    still = Schedule(epochs=1, learning_rate=0.0)
    first = train_ner(
        load_training_recipe(recipe, tmp_path),
        str(tiny_bert),
        tmp_path / "first",
        schedule=still,
        log=lambda _: None,
    )
    for other in (["Medication", "Problem"], ["Medication", "Problem", "Test"]):
        raw = json.loads(recipe.read_text())
        raw |= {"labels": other, "dev": []}
        raw["corpora"] = [{"path": "both.pubtator", "labels": other}]
        path = tmp_path / "other.json"
        path.write_text(json.dumps(raw))
        out = train_ner(
            load_training_recipe(path, tmp_path),
            str(first),
            tmp_path / f"other-{len(other)}",
            schedule=still,
            log=lambda _: None,
        )
        names = json.loads((out / "config.json").read_text())["id2label"].values()
        assert list(names) == ["O", *(f"{p}-{label}" for label in other for p in "BI")]
        with (
            safe_open(first / "model.safetensors", "pt") as before,
            safe_open(out / "model.safetensors", "pt") as after,
        ):
            layers = [n for n in before.keys() if n.startswith("bert.encoder")]  # noqa: SIM118
            assert layers
            for name in layers:
                assert after.get_tensor(name).equal(before.get_tensor(name))
            head = after.get_tensor("classifier.weight")
            assert len(head) == 1 + 2 * len(other)
            old = before.get_tensor("classifier.weight")
            assert head.shape != old.shape or not head.equal(old)


def test_guidelines_of_the_base_keep_their_tokens() -> None:
    path = find_model("biopipe-ner-minilm") / "tokenizer.json"
    tokenizer = Tokenizer(path)
    usual = tokenizer.prefix[0]
    first = guideline_prefixes(("a", "b", "c"), tokenizer, path, {})
    assert len({usual, *(tokens[0] for tokens in first.values())}) == 4
    earlier = {name: tokens[0] for name, tokens in first.items() if name in ("b", "c")}
    again = guideline_prefixes(("b", "d", "e"), tokenizer, path, earlier)
    assert again["b"] == first["b"]
    assert again["d"] == first["a"]
    assert again["e"] not in first.values()


def test_a_tagger_is_read_in_windows_as_long_as_those_it_learned(
    recipe: Path, tiny_bert: Path, tmp_path: Path
) -> None:
    loaded = load_training_recipe(recipe, tmp_path)
    schedule = Schedule(epochs=1, learning_rate=1e-3)

    lines: list[str] = []

    def trained(base: Path, name: str, window: int) -> Path:
        return train_ner(
            loaded, str(base), tmp_path / name, schedule=schedule, window=window, log=lines.append
        )

    short = trained(tiny_bert, "short", 30)
    about = ModelDescription(name="m")
    export_model(str(short), tmp_path / "m", about=about, precision="int8", documents=[])
    manifest = load_manifest(tmp_path / "m")
    assert (manifest.max_length, manifest.stride) == (32, 8)
    # Neither does training that goes on from it reach farther, from the checkpoint or the model.
    again = trained(short, "again", 510)
    assert "windows of 30 tokens, the most that the base reads, in place of 510" in lines
    model = trained(
        Path(restored(str(tmp_path / "m"), tmp_path / "b", task=manifest.task)), "c", 40
    )
    for folder in (again, model):
        limit = json.loads((folder / "tokenizer_config.json").read_text())["model_max_length"]
        assert limit == 32
