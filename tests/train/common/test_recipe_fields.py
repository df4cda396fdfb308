import json
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch", reason="needs the extra 'train'", exc_type=ImportError)

from biopipe.errors import ConfigError
from biopipe.extras import shipped_folder
from biopipe.train.common.recipe_fields import read_recipe_fields

CORPUS: dict[str, Any] = {"path": "c.pubtator", "labels": ["Gene"]}
RECIPE: dict[str, Any] = {"labels": ["Gene"], "corpora": [CORPUS], "dev": [CORPUS]}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{"labels": [', r"cannot be read as JSON \(.*line 1"),
        ("[1, 2]", r"holds \[1, 2\] in place of an object"),
        ({key: RECIPE[key] for key in ("labels", "corpora")}, "has no 'dev'"),
        ({**RECIPE, "labels": "Gene"}, "has \"Gene\" as 'labels' in place of a list of strings"),
        ({**RECIPE, "corpora": CORPUS}, "as 'corpora' in place of a list of objects"),
        ({**RECIPE, "corpora": ["c.pubtator"]}, r"as corpora\[0\] in place of an object"),
        ({**RECIPE, "dev": [{"labels": []}]}, r"has no 'path' in dev\[0\]"),
        ({**RECIPE, "corpora": [CORPUS, {**CORPUS, "repeat": "x"}]}, r"'repeat' in corpora\[1\]"),
        ({**RECIPE, "corpora": [{**CORPUS, "repeat": True}]}, "in place of a number"),
        ({**RECIPE, "corpora": [{**CORPUS, "share": [0.1]}]}, "in place of two numbers"),
        ({**RECIPE, "corpora": [{**CORPUS, "label": []}]}, r"unknown 'label' in corpora\[0\]"),
        ({**RECIPE, "corpus": []}, "unknown 'corpus'; there are labels, corpora, dev"),
    ],
)
def test_what_is_wrong_is_named(content: Any, message: str, tmp_path: Path) -> None:
    path = tmp_path / "r.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    with pytest.raises(ConfigError, match=message):
        read_recipe_fields(path)
    with pytest.raises(ConfigError, match="There is no training recipe"):
        read_recipe_fields(tmp_path / "none.json")


def test_recipes_of_shipped_models() -> None:
    paths = sorted(shipped_folder("models").glob("biopipe-ner-*/recipe*.json"))
    assert paths
    for path in paths:
        assert read_recipe_fields(path)["labels"]
