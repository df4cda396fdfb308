import json
import multiprocessing
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import spacy
from spacy.language import Language

from biopipe.components.document import to_document
from biopipe.components.saving import copy_folder
from biopipe.errors import ConfigError, KnowledgeBaseError, ModelError

TEXT = "Aspirin in patients with breast cancer (BC): the BRCA1 gene (HeLa)."


@pytest.fixture
def model(tiny_tagger: Path, tmp_path: Path) -> Path:
    """A copy that a test may remove or change."""
    return Path(shutil.copytree(tiny_tagger, tmp_path / "model"))


def pipeline(model: Path) -> Language:
    nlp = spacy.blank("en")
    nlp.add_pipe("biopipe_ner", config={"model": str(model), "threshold": 0.1, "threads": 1})
    nlp.add_pipe("biopipe_abbreviations")
    return nlp


def test_folder_works_without_the_model(model: Path, tmp_path: Path) -> None:
    nlp = pipeline(model)
    expected = to_document(nlp(TEXT))
    assert expected.mentions
    nlp.to_disk(tmp_path / "saved")
    model.rename(tmp_path / "gone")
    (tmp_path / "saved").rename(tmp_path / "moved")
    again = spacy.load(tmp_path / "moved")
    assert to_document(again(TEXT)) == expected
    assert again.get_pipe("biopipe_ner").config["threshold"] == 0.1
    again.to_disk(tmp_path / "again")
    shutil.rmtree(tmp_path / "moved")
    assert to_document(spacy.load(tmp_path / "again")(TEXT)) == expected


def test_saving_over_an_older_folder_and_onto_itself(model: Path, tmp_path: Path) -> None:
    folder = tmp_path / "saved"
    (folder / "biopipe_ner" / "model").mkdir(parents=True)
    (folder / "biopipe_ner" / "model" / "old.txt").write_text("old")
    pipeline(model).to_disk(folder)
    again = spacy.load(folder)
    again.to_disk(folder)
    names = {path.name for path in model.iterdir()}
    assert {path.name for path in (folder / "biopipe_ner" / "model").iterdir()} == names
    assert {path.name for path in (folder / "biopipe_ner").iterdir()} == {"cfg", "model"}
    assert again(TEXT).ents


def test_cfg_says_what_the_component_was(model: Path, tmp_path: Path) -> None:
    pipe = pipeline(model).get_pipe("biopipe_ner")
    pipe.to_disk(tmp_path / "ner", exclude=["model"])
    assert [path.name for path in (tmp_path / "ner").iterdir()] == ["cfg"]
    cfg = json.loads((tmp_path / "ner" / "cfg").read_bytes())
    assert cfg == {
        "config": {
            "spans_key": "biopipe",
            "model": str(model),
            "threshold": 0.1,
            "agreement": None,
            "short_forms": None,
            "guideline": "",
            "kb": None,
            "lines": False,
            "device": "cpu",
            "threads": 1,
        },
        "uses": {"model": {"name": "tiny-tagger", "hash": pipe.predictor.model_hash}},
    }


def test_configuration_can_be_changed_on_load(model: Path, tmp_path: Path) -> None:
    pipeline(model).to_disk(tmp_path / "saved")
    again = spacy.load(tmp_path / "saved", config={"components.biopipe_ner.threshold": 1.0})
    assert again(TEXT).ents == ()


def test_bytes_refer_to_the_model(model: Path) -> None:
    nlp = pipeline(model)
    expected = to_document(nlp(TEXT))
    again = pipeline(model).from_bytes(nlp.to_bytes())
    assert len(nlp.to_bytes(exclude=["vocab"])) < 200_000
    assert to_document(again(TEXT)) == expected


def test_another_model_than_the_saved_one(model: Path, tmp_path: Path) -> None:
    nlp = pipeline(model)
    nlp.to_disk(tmp_path / "saved")
    shutil.rmtree(tmp_path / "saved" / "biopipe_ner" / "model")
    manifest = json.loads((model / "manifest.json").read_text())
    (model / "manifest.json").write_text(json.dumps({**manifest, "stride": manifest["stride"] + 1}))
    for again in (spacy.load(tmp_path / "saved"), pipeline(model).from_bytes(nlp.to_bytes())):
        with pytest.raises(
            ConfigError, match=r"'biopipe_ner' was saved with the model 'tiny-tagger' \(\w{12}\)"
        ):
            again(TEXT)


def test_altered_copy(model: Path, tmp_path: Path) -> None:
    pipeline(model).to_disk(tmp_path / "saved")
    with (tmp_path / "saved" / "biopipe_ner" / "model" / "model.onnx").open("ab") as file:
        file.write(b"x")
    with pytest.raises(ModelError, match="is not the one its manifest names"):
        spacy.load(tmp_path / "saved")(TEXT)


def test_folder_without_cfg(model: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="There is no cfg in"):
        pipeline(model).get_pipe("biopipe_ner").from_disk(tmp_path / "empty")


def test_linker_keeps_its_knowledge_base_by_hash(tiny_kb: Path, tmp_path: Path) -> None:
    nlp = spacy.blank("en")
    kb = Path(shutil.copytree(tiny_kb, tmp_path / "kb"))
    nlp.add_pipe("biopipe_linker", config={"kb": {"Gene": str(kb), "Disease": str(kb)}})
    nlp.to_disk(tmp_path / "saved")
    uses = json.loads((tmp_path / "saved" / "biopipe_linker" / "cfg").read_bytes())["uses"]
    names = {"kb:Gene": "tiny", "kb:Disease": "tiny", "prior": "biopipe-mention-prior"}
    assert {key: value["name"] for key, value in uses.items()} == names
    kb.rename(tmp_path / "elsewhere")
    moved = {label: str(tmp_path / "elsewhere") for label in ("Gene", "Disease")}
    again = spacy.load(tmp_path / "saved", config={"components": {"biopipe_linker": {"kb": moved}}})
    doc = again.make_doc("EGFR")
    doc.ents = [doc.char_span(0, 4, "Gene")]
    assert again(doc).ents[0].kb_id_ == "NCBIGene:1956"
    one = {"components.biopipe_linker.kb": str(tmp_path / "elsewhere")}
    with pytest.raises(ConfigError, match="'biopipe_linker' was saved with the kb:Gene 'tiny'"):
        spacy.load(tmp_path / "saved", config=one)("x")


def test_bases_of_ones_own_go_along(tiny_kb: Path, tmp_path: Path) -> None:
    kb = Path(shutil.copytree(tiny_kb, tmp_path / "kb"))
    nlp = spacy.blank("en")
    nlp.add_pipe("biopipe_dictionary", config={"kb": str(kb)})
    bases = {"Gene": [str(kb)], "Disease": str(kb)}
    nlp.add_pipe("biopipe_linker", config={"kb": bases, "prior": None})
    text = "EGFR in lung cancer"
    expected = to_document(nlp(text))
    assert len(expected.mentions) == 2
    nlp.to_disk(tmp_path / "saved")
    shutil.rmtree(kb)
    (tmp_path / "saved").rename(tmp_path / "moved")
    again = spacy.load(tmp_path / "moved")
    assert to_document(again(text)) == expected
    assert again.get_pipe("biopipe_linker").config["kb"] == bases
    again.to_disk(tmp_path / "moved")
    again.to_disk(tmp_path / "third")
    shutil.rmtree(tmp_path / "moved")
    assert to_document(spacy.load(tmp_path / "third")(text)) == expected
    (copy,) = (tmp_path / "third" / "biopipe_linker" / "kb").iterdir()
    with (copy / "names.arrow").open("ab") as file:
        file.write(b"x")
    with pytest.raises(KnowledgeBaseError, match="not the one its manifest names"):
        spacy.load(tmp_path / "third")(text)


def test_bases_can_be_left_out(tiny_kb: Path, tmp_path: Path) -> None:
    nlp = spacy.blank("en")
    pipe = nlp.add_pipe("biopipe_dictionary", config={"kb": str(tiny_kb)})
    pipe.to_disk(tmp_path / "dictionary", exclude=["kb"])  # type: ignore[attr-defined]
    assert [path.name for path in (tmp_path / "dictionary").iterdir()] == ["cfg"]


def test_a_package_of_spacy_works_in_another_folder(
    tiny_kb: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copytree(tiny_kb, tmp_path / "genes")
    nlp = spacy.blank("en")
    nlp.add_pipe("biopipe_dictionary", config={"kb": "genes"})
    nlp.to_disk("saved")
    (tmp_path / "packages").mkdir()
    command = [sys.executable, "-m", "spacy", "package", "saved", "packages"]
    subprocess.run([*command, "--name", "genes", "--build", "none"], check=True, timeout=600)
    shutil.rmtree("genes")
    shutil.rmtree("saved")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    name = "en_genes-0.0.0"
    again = spacy.load(tmp_path / "packages" / name / "en_genes" / name)
    assert [ent.kb_id_ for ent in again("EGFR").ents] == ["NCBIGene:1956"]


def test_copy_folder_onto_itself(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "file").write_text("x")
    copy_folder(tmp_path / "a", tmp_path / "a")
    assert (tmp_path / "a" / "file").read_text() == "x"


PROCESSES = """
import multiprocessing, sys
import spacy
from spacy.tokens import DocBin

if __name__ == "__main__":
    multiprocessing.set_start_method(sys.argv[1])
    nlp = spacy.load(sys.argv[2])
    texts = ["Aspirin in patients with breast cancer (BC).", "", "the BRCA1 gene", "HeLa"] * 2
    here = DocBin(store_user_data=True, docs=nlp.pipe(texts)).to_bytes()
    there = DocBin(store_user_data=True, docs=nlp.pipe(texts, n_process=2, batch_size=2)).to_bytes()
    here, there = ([*DocBin().from_bytes(data).get_docs(nlp.vocab)] for data in (here, there))
    mentions = [[doc._.mentions for doc in docs] for docs in (here, there)]
    assert mentions[0] == mentions[1] and sum(map(len, mentions[0])) > 4, mentions
    entities = [[[(e.text, e.label_) for e in doc.ents] for doc in docs] for docs in (here, there)]
    assert entities[0] == entities[1]
"""


@pytest.mark.parametrize(
    "method", [m for m in multiprocessing.get_all_start_methods() if m != "forkserver"]
)
def test_several_processes(method: str, tiny_tagger: Path, tmp_path: Path) -> None:
    pipeline(tiny_tagger).to_disk(tmp_path / "saved")
    (tmp_path / "script.py").write_text(PROCESSES)
    done = subprocess.run(
        [sys.executable, tmp_path / "script.py", method, tmp_path / "saved"],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
