"""Recipe files of one's own: what they may say, and what is said of those that are wrong."""

import json
from pathlib import Path
from typing import Any

import pytest

from biopipe.errors import ConfigError, KnowledgeBaseError
from biopipe.kb.build.recipe import read_recipe

SOURCE = {
    "name": "My table",
    "holds": "names",
    "ids": "MY",
    "parser": "tsv",
    "address": "https://example.org",
    "licence": "CC0",
    "licence_address": "https://creativecommons.org/publicdomain/zero/1.0/",
    "download": "https://example.org/{year}/table.tsv",
    "filters": {"types": ["Disease"]},
}
RECIPE = {
    "format": 1,
    "name": "mine",
    "title": "Mine",
    "build": "biopipe kb build mine/recipe.json",
    "good_for": "tests",
    "options": {"year": "2026"},
    "sources": [SOURCE],
}


def written(folder: Path, **changes: Any) -> Path:
    path = folder / "recipe.json"
    path.write_text(json.dumps(RECIPE | changes), encoding="utf-8")
    return path


def without(key: str) -> dict[str, Any]:
    return {name: value for name, value in SOURCE.items() if name != key}


def test_what_a_recipe_says(tmp_path: Path) -> None:
    recipe = read_recipe(written(tmp_path))
    assert (recipe.name, recipe.folder, recipe.options) == ("mine", tmp_path, {"year": "2026"})
    assert recipe.sources[0].download == ("https://example.org/{year}/table.tsv",)
    assert recipe.sources[0].filters == {"types": ("Disease",)}
    assert recipe.licence == "CC0 (https://creativecommons.org/publicdomain/zero/1.0/)"
    assert not recipe.reads_packages


def test_the_licence_of_two_sources_is_named_once(tmp_path: Path) -> None:
    other = SOURCE | {"licence": "CC BY 4.0: https://x.org", "licence_address": "https://x.org"}
    recipe = read_recipe(written(tmp_path, sources=[SOURCE, SOURCE, other]))
    assert recipe.licence == (
        "CC0 (https://creativecommons.org/publicdomain/zero/1.0/); CC BY 4.0: https://x.org"
    )


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"format": 2}, r"should state 'format': 1"),
        ({"format": "1"}, r"should state 'format': 1"),
        ({"sources": []}, "names no sources"),
        ({"sources": ["x"]}, "source 1, is no JSON object"),
        ({"titel": "x"}, "unknown key 'titel'; did you mean 'title'"),
        ({"title": 1}, "has 1 as 'title'"),
        ({"name": "../up"}, r"'\.\./up'; it becomes a folder"),
        ({"sources": [SOURCE, without("licence")]}, "source 2, has no 'licence'"),
        ({"sources": [without("download")]}, "neither 'download' nor 'file'"),
        ({"sources": [SOURCE | {"downlod": "x"}]}, "did you mean 'download'"),
        ({"sources": [SOURCE | {"size": "12"}]}, "has '12' as 'size'"),
        ({"sources": [SOURCE | {"file": "../x"}]}, "give a file name without folders"),
        (
            {"sources": [SOURCE | {"licensed": True, "file": "x"}]},
            "is licensed, so it has a 'file'",
        ),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, changes: dict[str, Any], says: str) -> None:
    with pytest.raises(KnowledgeBaseError, match=says) as error:
        read_recipe(written(tmp_path, **changes))
    assert str(tmp_path / "recipe.json") in str(error.value)


def test_a_missing_key_of_the_recipe(tmp_path: Path) -> None:
    path = tmp_path / "recipe.json"
    path.write_text(json.dumps({key: value for key, value in RECIPE.items() if key != "good_for"}))
    with pytest.raises(KnowledgeBaseError, match="has no 'good_for'"):
        read_recipe(path)


def test_an_unknown_parser_lists_the_formats(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"Unknown format 'tvs'.*tsv"):
        read_recipe(written(tmp_path, sources=[SOURCE | {"parser": "tvs"}]))


def test_a_file_that_is_no_json(tmp_path: Path) -> None:
    (tmp_path / "recipe.json").write_text("{")
    with pytest.raises(KnowledgeBaseError, match=r"Cannot read the recipe .*recipe\.json"):
        read_recipe(tmp_path / "recipe.json")
    with pytest.raises(KnowledgeBaseError, match="Cannot read the recipe"):
        read_recipe(tmp_path / "none.json")
