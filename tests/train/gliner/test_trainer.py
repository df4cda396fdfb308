import json
import random
from pathlib import Path

import pytest

from biopipe.document import Document, Mention
from biopipe.errors import ConfigError
from biopipe.ner.gliner_inputs import Layout
from biopipe.runtime.tokenizer import Tokenizer

torch = pytest.importorskip("torch", reason="needs the extra 'train'")

from biopipe.train.common.corpora import Corpus  # noqa: E402
from biopipe.train.gliner.examples import MOST_PIECES, collate_examples, gliner_examples  # noqa: E402
from biopipe.train.gliner.trainer import load_names  # noqa: E402
from biopipe.train.gliner.vocabulary import keep_most_used  # noqa: E402

TEXT = "Aspirin helps patients. The gene p53 is not in cancer."
MENTIONS = (Mention(0, 7, "Chemical"), Mention(28, 36, "Gene"), Mention(47, 53, "Disease"))
NAMES = {"Gene": ["gene"], "Chemical": ["drug", "chemical"], "Disease": ["disease"]}
LAYOUT = Layout(2, 100, "[MASK]", "[SEP]", 0, "first")
CORPUS = Corpus(Path("mine"), ("Gene", "Chemical"), ambiguous=("patients",))


@pytest.fixture(scope="module")
def tokenizer(tiny_bert: Path) -> Tokenizer:
    return Tokenizer(tiny_bert / "tokenizer.json")


def test_examples_hold_what_the_corpus_annotates(tokenizer: Tokenizer) -> None:
    (example,) = gliner_examples([Document("1", TEXT, mentions=MENTIONS)], CORPUS, tokenizer)
    assert example.labels == ("Gene", "Chemical")
    assert example.spans == ((0, 0, "Chemical"), (5, 6, "Gene"))
    assert example.unsure == ((2, 2),)


def test_long_texts_come_in_whole_sentences(tokenizer: Tokenizer) -> None:
    documents = [
        Document("1", f"{TEXT} " * 40),
        Document("2", "cancer " * 3 * MOST_PIECES),
        Document("3", " "),
    ]
    examples = gliner_examples(documents, CORPUS, tokenizer)
    assert all(0 < len(example.words.ids) <= MOST_PIECES for example in examples)
    assert sum(len(example.words) for example in examples) == 40 * 12 + 3 * MOST_PIECES
    assert all(int(example.words.starts[-1]) == len(example.words.ids) for example in examples)


def test_targets_and_weights(tokenizer: Tokenizer) -> None:
    short = Document("2", "p53", mentions=(Mention(0, 3, "Gene"),))
    documents = [Document("1", TEXT, mentions=MENTIONS), short]
    examples = gliner_examples(documents, CORPUS, tokenizer)
    for seed in range(8):
        inputs, targets, weights = collate_examples(
            examples, NAMES, tokenizer, LAYOUT, random.Random(seed)
        )
        rows, count = inputs["words"].shape
        assert targets.shape == weights.shape == (rows, count, 2, inputs["labels"].shape[1])
        assert inputs["text_lengths"].tolist() == [[12], [1]]
        assert (targets <= weights).all()
        assert {tuple(each) for each in targets[0].nonzero()[:, :2].tolist()} <= {(0, 0), (5, 1)}
        assert weights[0, 2].sum() == weights[0, 1, 1].sum() == 0  # "patients" may be anything
        assert weights[1, 0, 1:].sum() == weights[1, 1:].sum() == 0  # past the end of the text
        asked = int((inputs["labels"][0] > 0).sum())
        assert weights[0, 0, 0].tolist()[:asked] == [1] * asked


def test_fewer_pieces(tiny_bert: Path, tmp_path: Path) -> None:
    from transformers import AutoModel

    folder = keep_most_used(
        str(tiny_bert), ["the cancer of the gene"] * 3, tmp_path / "base", pieces=112
    )
    before, after = (Tokenizer(each / "tokenizer.json") for each in (tiny_bert, folder))
    old, new = (
        AutoModel.from_pretrained(each).get_input_embeddings().weight
        for each in (tiny_bert, folder)
    )
    assert len(new) == 112 < len(old)
    assert after.encode(["cancer"])[0].ids != before.encode(["cancer"])[0].ids
    text = "the cancer of aspirin"
    kept, whole = after.encode([text])[0], before.encode([text])[0]
    assert len(kept.ids) > len(whole.ids)  # aspirin is spelled now
    assert torch.equal(new[torch.tensor(kept.ids[:3])], old[torch.tensor(whole.ids[:3])])
    assert torch.equal(new[list(after.prefix)], old[list(before.prefix)])


def test_names_of_a_recipe(tmp_path: Path) -> None:
    path = tmp_path / "recipe.json"
    path.write_text(json.dumps({"names": {"Gene": ["gene", "protein"]}}), encoding="utf-8")
    assert load_names(path, ["Gene"]) == {"Gene": ["gene", "protein"]}
    with pytest.raises(ConfigError, match="no 'names' for the label 'Disease'"):
        load_names(path, ["Gene", "Disease"])


def test_trained_and_exported(tiny_bert: Path, tmp_path: Path) -> None:
    pytest.importorskip("gliner", reason="needs the extra 'gliner'")
    from safetensors.torch import load_file

    from biopipe.io.codecs import pubtator
    from biopipe.ner.gliner import Gliner
    from biopipe.train.common.corpora import TrainingRecipe
    from biopipe.train.common.schedule import Schedule
    from biopipe.train.export.model import export_model
    from biopipe.train.export.sample import parity_sample
    from biopipe.train.export.task import ModelDescription
    from biopipe.train.gliner.trainer import train_gliner

    documents = [Document(str(number), TEXT, mentions=MENTIONS) for number in range(6)]
    pubtator.write(documents, tmp_path / "train.pubtator")
    pubtator.write([Document("9", "Nothing of that.")], tmp_path / "dev.pubtator")
    labels = tuple(NAMES)
    corpora = (Corpus(tmp_path / "train.pubtator", labels, licence="CC0"),)
    recipe = TrainingRecipe(labels, corpora, (Corpus(tmp_path / "dev.pubtator", labels),))
    logged: list[str] = []
    folder = train_gliner(
        recipe,
        NAMES,
        str(tiny_bert),
        tmp_path / "checkpoint",
        schedule=Schedule(epochs=2, learning_rate=1e-3),
        batch_tokens=100,
        pieces=150,
        log=logged.append,
    )
    assert any("6 windows" in line for line in logged)
    manifest = export_model(
        str(folder),
        tmp_path / "model",
        about=ModelDescription(name="mine"),
        precision="fp32",
        documents=parity_sample(None),
    )
    assert manifest.labels == labels
    assert manifest.settings["prompts"] == {
        "Gene": "gene",
        "Chemical": "drug",
        "Disease": "disease",
    }
    assert [each["licence"] for each in manifest.training_data] == ["CC0"]
    gliner = Gliner(tmp_path / "model", threshold=0.0)
    assert {m.label for m in gliner.predict(documents[:1])[0].mentions} <= set(labels)
    assert gliner.labels == labels

    # From such a checkpoint on, with classes in place of labels; a learning rate of nought shows
    # where it began.
    classes = [Document("7", TEXT, mentions=(Mention(0, 7, "drug|remedy"),))]
    pubtator.write(classes, tmp_path / "classes.pubtator")
    again = TrainingRecipe(
        labels, (Corpus(tmp_path / "classes.pubtator", classes=True, trust=0.3),), recipe.dev
    )
    schedule = Schedule(epochs=1, learning_rate=0.0)
    further = train_gliner(
        again, NAMES, str(folder), tmp_path / "further", schedule=schedule, log=logged.append
    )
    before, after = (load_file(each / "model.safetensors") for each in (folder, further))
    assert before.keys() == after.keys()
    assert all(torch.equal(before[name], after[name]) for name in before)
    with pytest.raises(ConfigError, match="keeps the pieces it has"):
        train_gliner(
            again, NAMES, str(folder), tmp_path, schedule=schedule, pieces=9, log=logged.append
        )


def test_a_gliner_has_no_teachers(tiny_bert: Path, tmp_path: Path) -> None:
    from biopipe.train.common.corpora import TrainingRecipe
    from biopipe.train.common.schedule import Schedule
    from biopipe.train.gliner.trainer import train_gliner

    labels = tuple(NAMES)
    corpora = (Corpus(tmp_path / "train.pubtator", labels, taught=1.0),)
    with pytest.raises(ConfigError, match="is 'taught', and a GLiNER has no teachers"):
        train_gliner(
            TrainingRecipe(labels, corpora, ()),
            NAMES,
            str(tiny_bert),
            tmp_path / "checkpoint",
            schedule=Schedule(epochs=1, learning_rate=1e-3),
            log=lambda _: None,
        )
