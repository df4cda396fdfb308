"""Texts annotated with the classes of knowledge bases, and what a GLiNER makes of them."""

import json
import random
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from biopipe.document import Document
from biopipe.errors import ConfigError, InputError
from biopipe.io.codecs import pubtator
from biopipe.kb.build.compile import compile_kb
from biopipe.kb.schema import Concept
from biopipe.train.gliner.classes import SEPARATOR, load_naming, write_classes

DISEASES = (
    Concept("D:1", "Disease"),
    Concept("D:2", "Lung Disease", parents=("D:1",)),
    Concept("D:3", "asthma", parents=("D:2",)),
    Concept("D:4", "emphysema", parents=("D:2", "D:1")),
    Concept("D:5", "chronic asthma", parents=("D:3",)),
    Concept("D:6", "kidney", parents=("D:9",)),
    Concept("D:9", "organ"),
)
FINDINGS = (Concept("F:1", "asthma"), Concept("F:2", "wheezing"), Concept("F:3", "gastroscopy"))
TEXT = (
    "We begin here. Chronic asthma was found in 12 % of them. Wheezing and asthma came before emphysema. "
    * 3
)


@pytest.fixture(scope="module")
def bases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bases")
    for name, concepts in (("diseases", DISEASES), ("findings", FINDINGS)):
        compile_kb(concepts, folder / name, name=name, version="1", licence="CC0", sources={})
    return folder


Write = Callable[..., list[Document]]


@pytest.fixture
def written(bases: Path, tmp_path: Path) -> Write:
    def write(text: str = TEXT, **naming: Any) -> list[Document]:
        (tmp_path / "naming.json").write_text(json.dumps({"fewest": 1, **naming}))
        (tmp_path / "t.jsonl").write_text(json.dumps({"id": "1", "text": text}) + "\n")
        output = tmp_path / "out.pubtator"
        loaded = load_naming(tmp_path / "naming.json", bases)
        write_classes(
            [tmp_path / "t.jsonl"], loaded, output, passages=1, characters=400, log=lambda _: None
        )
        return list(pubtator.read(output))

    return write


def labelled(documents: list[Document]) -> dict[str, set[str]]:
    return {
        d.text[m.start : m.end].lower(): set(m.label.split(SEPARATOR))
        for d in documents
        for m in d.mentions
    }


def test_names_have_the_classes_above_them_and_the_longest_stays(written: Write) -> None:
    found = labelled(written(sources=[{"kb": "diseases", "always": ["illness"]}]))
    assert found["chronic asthma"] == {"illness", "asthma", "lung disease", "disease"}
    assert found["emphysema"] == {"illness", "lung disease", "disease"}
    assert set(found) == {"chronic asthma", "asthma", "emphysema"}


def test_every_mention_of_the_passage_is_annotated(written: Write) -> None:
    (document,) = written(sources=[{"kb": "diseases"}])
    names = ("chronic asthma", "asthma", "emphysema")
    wanted = [m.span() for m in re.finditer("|".join(names), document.text, re.IGNORECASE)]
    assert [(m.start, m.end) for m in document.mentions] == wanted != []


def test_branches_expressions_patterns_and_sources_that_stand_alone(written: Write) -> None:
    sources = [
        {
            "kb": "diseases",
            "branches": ["D:2"],
            "parents": False,
            "always": ["disease"],
            "leave": "^emph",
        },
        {
            "kb": "findings",
            "alone": True,
            "always": ["symptom"],
            "classes": {"examination": "scopy$"},
        },
    ]
    text = TEXT + "A gastroscopy of the kidney."
    found = labelled(written(text, sources=sources, patterns={"percentage": r"\d+ %"}))
    assert found == {
        "chronic asthma": {"disease"},
        "asthma": {"disease"},
        "wheezing": {"symptom"},
        "12 %": {"percentage"},
        "gastroscopy": {"symptom", "examination"},
    }


def test_rare_and_unwanted_classes_are_left_out(written: Write) -> None:
    found = labelled(written(sources=[{"kb": "diseases"}], fewest=2, without=["disease"]))
    assert found == {
        "chronic asthma": {"lung disease"},
        "asthma": {"lung disease"},
        "emphysema": {"lung disease"},
    }
    with pytest.raises(InputError, match="No class has 5 different names in 1 passages"):
        written(sources=[{"kb": "diseases"}], fewest=5)


def test_a_file_of_classes_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "naming.json").write_text('{"sources": [{"kb": "x", "classes": {"a": "("}}]}')
    with pytest.raises(ConfigError, match="Cannot read the classes"):
        load_naming(tmp_path / "naming.json", tmp_path)
    (tmp_path / "naming.json").write_text("{}")
    with pytest.raises(ConfigError, match=r"naming\.json \(it has no 'sources'\); see"):
        load_naming(tmp_path / "naming.json", tmp_path)


def test_a_base_that_the_folder_lacks_is_known_by_its_name(tmp_path: Path) -> None:
    (tmp_path / "naming.json").write_text('{"sources": [{"kb": "mine"}, {"kb": "installed"}]}')
    (tmp_path / "mine").mkdir()
    naming = load_naming(tmp_path / "naming.json", tmp_path)
    assert [source.kb for source in naming.sources] == [tmp_path / "mine", "installed"]


def test_from_the_command_line(bases: Path, tmp_path: Path) -> None:
    (tmp_path / "naming.json").write_text(
        json.dumps({"fewest": 1, "sources": [{"kb": "diseases"}]})
    )
    (tmp_path / "t.jsonl").write_text(
        "".join(json.dumps({"id": str(n), "text": TEXT}) + "\n" for n in range(4))
    )
    command = [
        sys.executable,
        "-m",
        "biopipe",
        "train",
        "classes",
        "naming.json",
        "t.jsonl",
        "-o",
        "c.pubtator",
    ]
    command += ["--kb", str(bases), "--passages", "3"]
    result = subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False
    )
    assert result.returncode == 0, result.stderr
    assert "c.pubtator: 3 passages" in result.stdout
    first = (tmp_path / "c.pubtator").read_bytes()
    assert len(list(pubtator.read(tmp_path / "c.pubtator"))) == 3
    subprocess.run(command, cwd=tmp_path, capture_output=True, timeout=120, check=True)
    assert (tmp_path / "c.pubtator").read_bytes() == first


def test_every_file_gives_a_passage_however_few_are_asked_for(bases: Path, tmp_path: Path) -> None:
    (tmp_path / "naming.json").write_text(
        json.dumps({"fewest": 1, "sources": [{"kb": "diseases"}]})
    )
    texts = [tmp_path / f"{name}.jsonl" for name in "abc"]
    for path in texts:
        path.write_text(json.dumps({"id": "1", "text": TEXT}) + "\n")
    naming, output = load_naming(tmp_path / "naming.json", bases), tmp_path / "out.pubtator"
    assert write_classes(texts, naming, output, passages=2, log=lambda _: None) == 3
    assert {d.id for d in pubtator.read(output)} == {"a-1", "b-1", "c-1"}


def test_examples_of_classes_ask_for_some_there_and_some_not(tiny_bert: Path) -> None:
    pytest.importorskip("torch", reason="needs the extra 'train'")
    from biopipe.document import Mention
    from biopipe.ner.gliner_inputs import Layout
    from biopipe.runtime.tokenizer import Tokenizer
    from biopipe.train.common.corpora import Corpus
    from biopipe.train.gliner.examples import collate_examples, gliner_examples

    tokenizer = Tokenizer(tiny_bert / "tokenizer.json")
    others = [
        Document(str(n), "cancer", mentions=(Mention(0, 6, f"class {n}"),)) for n in range(30)
    ]
    document = Document("x", "aspirin in cancer", mentions=(Mention(11, 17, "tumor|illness"),))
    corpus = Corpus(Path("classes"), classes=True, trust=0.25)
    first = gliner_examples([document, *others], corpus, tokenizer)[0]
    assert first.spans == ((2, 2, "tumor"), (2, 2, "illness"))
    assert len(first.labels) == 32
    layout = Layout(2, 100, "[MASK]", "[SEP]", 0, "first")
    seen = set()
    for seed in range(30):
        inputs, targets, weights = collate_examples(
            [first], {}, tokenizer, layout, random.Random(seed)
        )
        there, asked = int(targets.sum()), int((inputs["labels"] > 0).sum())
        seen.add((there, asked > there))
        assert (targets[0, 2, 0] == 1).sum() == there
        assert set(weights.unique().tolist()) <= {0.0, 0.25, 1.0}
        assert ((weights == 1) == (targets == 1)).all()
    assert seen >= {(1, True), (2, True)}


def test_a_tagger_refuses_classes(tiny_bert: Path, tmp_path: Path) -> None:
    pytest.importorskip("torch", reason="needs the extra 'train'")
    from biopipe.train.common.corpora import Corpus, TrainingRecipe, load_training_recipe
    from biopipe.train.common.schedule import Schedule
    from biopipe.train.ner.trainer import train_ner

    recipe = TrainingRecipe(("A",), (Corpus(tmp_path / "c.pubtator", classes=True),), ())
    with pytest.raises(ConfigError, match="train a GLiNER on it"):
        train_ner(recipe, str(tiny_bert), tmp_path / "out", schedule=Schedule(1, 1e-4), log=print)
    both = {
        "labels": ["A"],
        "corpora": [{"path": "c", "labels": ["A"], "classes": True}],
        "dev": [],
    }
    (tmp_path / "recipe.json").write_text(json.dumps(both))
    with pytest.raises(ConfigError, match="both 'labels' and 'classes'"):
        load_training_recipe(tmp_path / "recipe.json", tmp_path)
