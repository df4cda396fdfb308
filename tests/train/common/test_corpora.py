"""Corpora of recipes as annotation tools write them."""

import json
from pathlib import Path

import pytest

from biopipe.document import Document, Mention, Relation
from biopipe.errors import InputError
from biopipe.io.formats import write
from biopipe.train.common.corpora import (
    describe_corpora,
    load_training_recipe,
    read_gold_corpus,
    training_documents,
)

TEXT = "🧬 Lithium raises TSH."
DOCUMENTS = [
    Document(
        str(number),
        f"{TEXT} {number}",
        (Mention(2, 9, "Chemical"), Mention(17, 20, "Gene")),
        (Relation("NIL:Chemical/lithium", "NIL:Gene/tsh", "Association"),),
    )
    for number in range(3)
]


def corpus(tmp_path: Path, format: str, name: str) -> Path:
    path = tmp_path / name
    write(DOCUMENTS, path, format=format)
    return path


@pytest.mark.parametrize(
    ("format", "name"), [("labelstudio-annotations", "export.json"), ("brat", "corpus")]
)
def test_a_recipe_takes_gold_of_annotation_tools(tmp_path: Path, format: str, name: str) -> None:
    path = corpus(tmp_path, format, name)
    labels = ["Chemical", "Gene"]
    entry = {"path": name, "labels": labels}
    (tmp_path / "recipe.json").write_text(
        json.dumps({"labels": labels, "corpora": [entry], "dev": [entry]})
    )
    recipe = load_training_recipe(tmp_path / "recipe.json", tmp_path)
    said: list[str] = []
    ((*documents,),) = training_documents(recipe, [], seed=0, log=said.append)
    assert said == []
    assert [d.text for d in documents] == [d.text for d in DOCUMENTS]
    assert [(m.start, m.end, m.label) for m in documents[0].mentions] == [
        (2, 9, "Chemical"),
        (17, 20, "Gene"),
    ]
    (relation,) = documents[0].relations
    assert (relation.head, relation.tail) == ("TEXT:Chemical/lithium", "TEXT:Gene/tsh")
    (described,) = describe_corpora({path: "CC0"})
    assert len(described["sha256"]) == 64
    changed = path / "0.ann" if path.is_dir() else path
    changed.write_text(changed.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert describe_corpora({path: "CC0"}) != [described]


def test_tasks_that_nobody_annotated_or_that_do_not_fit_are_named(tmp_path: Path) -> None:
    path = corpus(tmp_path, "labelstudio-annotations", "export.json")
    tasks = json.loads(path.read_text(encoding="utf-8"))
    tasks[0] |= {"annotations": [], "predictions": tasks[0]["annotations"]}
    tasks[1]["annotations"][0]["result"][0]["value"] |= {"text": "calcium"}
    tasks[2]["annotations"][0]["result"].append(
        {"id": "r", "type": "rating", "value": {"rating": 1}}
    )
    path.write_text(json.dumps(tasks), encoding="utf-8")
    said: list[str] = []
    assert [d.id for d in read_gold_corpus(path, said.append)] == ["2"]
    assert said[0] == "left out 0: nobody annotated the task in Label Studio"
    assert said[1].startswith("left out 1: region m1 is left out, the mention of 7 characters")
    assert "1 results of type rating of this file" in said[2]
    assert len(said) == 3


def test_wrong_places_are_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="There is no corpus file"):
        read_gold_corpus(tmp_path / "nowhere", print)
    with pytest.raises(InputError, match="holds no annotations of brat"):
        read_gold_corpus(tmp_path, print)
