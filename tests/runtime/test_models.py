from pathlib import Path

import pytest

from biopipe.errors import ModelError
from biopipe.runtime.models import find_model, list_models, shipped_folder


def test_the_shipped_models_are_found_by_name() -> None:
    assert {"biopipe-ner-minilm", "biopipe-relations-shared"} <= set(list_models())
    assert find_model("biopipe-ner-minilm") == shipped_folder("models") / "biopipe-ner-minilm"


def test_a_folder_is_taken_as_it_is(tmp_path: Path) -> None:
    assert find_model(tmp_path) == tmp_path.resolve()


def test_an_unknown_name_lists_what_there_is() -> None:
    with pytest.raises(ModelError, match=r"no model 'nix'.*biopipe-ner-minilm"):
        find_model("nix")
