import pickle
import shutil
from pathlib import Path

import pytest

from biopipe.errors import ModelError
from biopipe.runtime.opened import open_model


def test_a_model_is_opened_by_folder_and_task(tiny_tagger: Path) -> None:
    opened = open_model(tiny_tagger, task="token-classification")
    assert opened.path == tiny_tagger.resolve()
    assert opened.tokenizer().encode(["gene"])[0].ids.size > 0
    assert "logits" in opened.session().outputs
    assert pickle.loads(pickle.dumps(opened)) == opened


def test_another_task_and_an_altered_file_are_refused(tiny_tagger: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="does token-classification; give one that does relation"):
        open_model(tiny_tagger, task="relation")
    folder = tmp_path / "altered"
    shutil.copytree(tiny_tagger, folder)
    with (folder / "tokenizer.json").open("a", encoding="utf-8") as file:
        file.write(" ")
    with pytest.raises(ModelError, match=r"tokenizer\.json is not the one its manifest names"):
        open_model(folder)
