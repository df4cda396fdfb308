import json
import pickle
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch", reason="needs the extra 'train'")

from safetensors.torch import load_file
from torch.special import entr

from biopipe.document import Document, Mention, Relation
from biopipe.errors import ConfigError, ModelError
from biopipe.io.codecs import jsonl, pubtator
from biopipe.ner.tagger import Tagger
from biopipe.relations.extractor import RelationExtractor
from biopipe.relations.readout import scheme_of_gold
from biopipe.runtime.manifest import load_manifest
from biopipe.runtime.tokenizer import Tokenizer
from biopipe.runtime.trunk import Trunk
from biopipe.train.common.calibration import calibrate_model, take_calibration
from biopipe.train.common.schedule import Schedule
from biopipe.train.export.model import export_model
from biopipe.train.export.sample import parity_sample
from biopipe.train.export.task import ModelDescription
from biopipe.train.relations.checkpoint import load_trained, start_relation_model
from biopipe.train.relations.model import NOVELTY_WEIGHT, RelationModel
from biopipe.train.relations.scheme import (
    Scheme,
    load_scheme,
    load_trained_scheme,
    save_trained_scheme,
)
from biopipe.train.relations.teacher import (
    TeacherAnswer,
    load_teacher,
    teacher_answers,
    teaching_loss,
)
from biopipe.train.relations.trainer import train_relations


def _documents(count: int, *, start: int) -> list[Document]:
    """Aspirin treats a cancer where the text says 'of', and the gene is never related."""
    documents = []
    for number in range(start, start + count):
        related = number % 2 == 0
        text = f"aspirin {'of' if related else 'in'} cancer the gene {number}"
        mentions = (
            Mention(0, 7, "Chemical", concept_ids=("MESH:D001241",)),
            Mention(11, 17, "Disease", concept_ids=("MESH:D009369",)),
            Mention(22, 26, "Gene", concept_ids=("NCBIGene:1",)),
        )
        relation = Relation("MESH:D001241", "MESH:D009369", "Negative_Correlation", novel=True)
        documents.append(
            Document(str(number), text, mentions=mentions, relations=(relation,) if related else ())
        )
    return documents


def _scheme(folder: Path, name: str = "scheme", **changes: object) -> Scheme:
    content = {
        "entity_labels": ["Gene", "Disease", "Chemical"],
        "relation_labels": ["Association", "Negative_Correlation"],
        "pairs": [["Chemical", "Disease"], ["Gene", "Disease"]],
        "train": ["train.pubtator"],
        "dev": ["dev.pubtator"],
    }
    path = folder / f"{name}.json"
    path.write_text(json.dumps({**content, **changes}))
    return load_scheme(path)


def test_a_model_learns_exports_and_extracts(tiny_bert: Path, tmp_path: Path) -> None:
    pubtator.write(_documents(16, start=0), tmp_path / "train.pubtator")
    pubtator.write(_documents(4, start=100), tmp_path / "dev.pubtator")
    dev = list(pubtator.read(tmp_path / "dev.pubtator"))
    scheme = _scheme(tmp_path)
    schedule = Schedule(epochs=8, learning_rate=2e-3)
    out = train_relations(
        scheme,
        str(tiny_bert),
        tmp_path / "out",
        data=tmp_path,
        schedule=schedule,
        log=lambda _: None,
    )
    last = json.loads((out / "history.json").read_text())[-1]
    assert min(last["pair"], last["type"], last["novelty"]) == 1.0

    for precision in ("fp32", "int8"):
        manifest = export_model(
            str(out),
            tmp_path / precision,
            about=ModelDescription(name="r"),
            precision=precision,
            documents=dev,
        )
        assert [row["name"] for row in manifest.training_data] == [
            f"{tmp_path.name}/train.pubtator"
        ]
        assert manifest.settings["pairs"] == [["Chemical", "Disease"], ["Gene", "Disease"]]
        bare = [replace(d, relations=()) for d in dev]
        predicted = RelationExtractor(tmp_path / precision).predict(bare)
        found = [[(r.head, r.tail, r.label, r.novel) for r in d.relations] for d in predicted]
        assert found == [[("MESH:D001241", "MESH:D009369", "Negative_Correlation", True)], []] * 2


def test_a_pair_that_the_teacher_does_not_have_teaches_nothing(
    tiny_bert: Path, tiny_relations: Path, tmp_path: Path
) -> None:
    pubtator.write(_documents(2, start=0), tmp_path / "train.pubtator")
    teacher = RelationExtractor(tiny_relations)
    chemicals = [
        kind if kind is not None and "Chemical" in kind else None for kind in teacher.scheme.allowed
    ]
    assert any(chemicals)
    teacher.scheme = replace(teacher.scheme, allowed=chemicals)
    scheme = _scheme(tmp_path, relation_labels=list(teacher.labels)[::-1], dev=["train.pubtator"])
    (answer,) = teacher_answers(
        _documents(1, start=0), teacher, scheme, Tokenizer(tiny_bert / "tokenizer.json"), None
    )
    of_gene = answer.input.kinds == scheme.kinds.index(("Gene", "Disease"))
    assert of_gene.tolist() == [False, True]
    assert answer.label.sum(dim=-1).tolist() == pytest.approx([1.0, 0.0])
    assert answer.novel.sum(dim=-1).tolist() == pytest.approx([1.0, 0.0])


def test_a_model_on_a_trunk_reads_what_the_tagger_encoded(
    tiny_tagger_checkpoint: Path, tmp_path: Path
) -> None:
    pubtator.write(_documents(16, start=0), tmp_path / "train.pubtator")
    pubtator.write(_documents(4, start=100), tmp_path / "dev.pubtator")
    dev = list(pubtator.read(tmp_path / "dev.pubtator"))
    tagger = tmp_path / "tagger"
    export_model(
        str(tiny_tagger_checkpoint),
        tagger,
        about=ModelDescription(name="tagger"),
        precision="fp32",
        documents=parity_sample(None),
        states_layer=1,
    )
    out = train_relations(
        _scheme(tmp_path),
        str(tiny_tagger_checkpoint),
        tmp_path / "out",
        data=tmp_path,
        schedule=Schedule(epochs=20, learning_rate=2e-3),
        trunk=Trunk(tagger),
        own_layers=1,
        log=lambda _: None,
    )
    last = json.loads((out / "history.json").read_text())[-1]
    assert min(last["pair"], last["type"], last["novelty"]) == 1.0

    manifest = export_model(
        str(out), tmp_path / "r", about=ModelDescription(name="r"), precision="fp32", documents=dev
    )
    assert manifest.settings["trunk"]["model"] == "tagger"
    extractor = RelationExtractor(tmp_path / "r")
    bare = [replace(d, relations=()) for d in dev]
    alone = extractor.predict(bare)
    assert [[r.label for r in d.relations] for d in alone] == [["Negative_Correlation"], []] * 2
    Tagger(tagger).predict(bare)
    assert extractor.predict(bare) == alone
    assert pickle.loads(pickle.dumps(extractor)).predict(bare) == alone

    # Training goes on from what was exported: hardly changed, it knows all that it knew.
    about = ModelDescription(name="r8")
    export_model(str(out), tmp_path / "r8", about=about, precision="int8", documents=dev)
    again = train_relations(
        _scheme(tmp_path),
        str(tmp_path / "r8"),
        tmp_path / "again",
        data=tmp_path,
        schedule=Schedule(epochs=1, learning_rate=1e-6),
        trunk=Trunk(tagger),
        own_layers=1,
        log=lambda _: None,
    )
    last = json.loads((again / "history.json").read_text())[-1]
    assert min(last["pair"], last["type"], last["novelty"]) == 1.0
    with pytest.raises(ModelError, match="2 layers of its own"):
        start_relation_model(str(tmp_path / "r8"), _scheme(tmp_path), 2)

    shutil.rmtree(tagger)
    export_model(
        str(tiny_tagger_checkpoint),
        tagger,
        about=ModelDescription(name="tagger"),
        precision="int8",
        documents=parity_sample(None),
        states_layer=1,
    )
    with pytest.raises(ModelError, match="is not the one whose hidden states were trained on"):
        RelationExtractor(tmp_path / "r")


def test_a_further_scheme_is_fitted_and_calibrated_beside_the_first(
    tiny_bert: Path, tmp_path: Path
) -> None:
    for name, start, count, label in (
        ("train", 0, 16, "Negative_Correlation"),
        ("dev", 100, 24, "Negative_Correlation"),
        ("cid", 200, 60, "CID"),
        ("cid-dev", 300, 24, "CID"),
    ):
        documents = _documents(count, start=start)
        renamed = [
            replace(d, relations=tuple(replace(r, label=label, novel=None) for r in d.relations))
            for d in documents
        ]
        pubtator.write(documents if label != "CID" else renamed, tmp_path / f"{name}.pubtator")
    pairs = [["Chemical", "Disease"]]
    also = {
        "cid": {
            "relation_labels": ["CID"],
            "pairs": pairs,
            "train": ["cid.pubtator"],
            "dev": ["cid-dev.pubtator"],
        }
    }
    scheme = _scheme(tmp_path, also=also)
    schedule = Schedule(epochs=8, learning_rate=2e-3)
    out = train_relations(
        scheme,
        str(tiny_bert),
        tmp_path / "out",
        data=tmp_path,
        schedule=schedule,
        log=lambda _: None,
    )
    dev = {name: list(pubtator.read(tmp_path / f"{name}.pubtator")) for name in ("dev", "cid-dev")}
    export_model(
        str(out),
        tmp_path / "model",
        about=ModelDescription(name="r"),
        precision="fp32",
        documents=dev["dev"][:4],
    )
    manifest = calibrate_model(tmp_path / "model", dev["dev"], dev["cid-dev"])
    assert manifest.calibration["predictions"] > 0
    assert manifest.settings["schemes"]["cid"]["calibration"]["predictions"] > 0
    extractor = RelationExtractor(tmp_path / "model", scheme="cid")
    predicted = extractor.predict([replace(d, relations=()) for d in dev["cid-dev"]])
    assert [[r.label for r in d.relations] for d in predicted] == [["CID"], []] * 12
    assert scheme_of_gold(manifest, dev["cid-dev"]) == "cid"
    assert scheme_of_gold(manifest, dev["dev"]) == "main"


def _acting(count: int, *, start: int) -> list[Document]:
    """The chemical acts on the disease where the text says 'of', the disease on it where it says
    'by'."""
    documents = []
    for document in _documents(count, start=start):
        number = int(document.id)
        word, subject = (("of", "MESH:D001241"), ("by", "MESH:D009369"))[number // 2 % 2]
        relations = tuple(replace(r, subject=subject) for r in document.relations)
        text = document.text.replace(" of ", f" {word} ")
        documents.append(replace(document, text=text, relations=relations))
    return documents


def test_the_network_learns_a_further_scheme_of_its_own(tiny_bert: Path, tmp_path: Path) -> None:
    """The further scheme relates what the main one does not, and the other way round."""

    def induced(count: int, start: int) -> list[Document]:
        relation = Relation("MESH:D001241", "MESH:D009369", "CID")
        return [
            replace(document, relations=() if document.relations else (relation,))
            for document in _documents(count, start=start)
        ]

    pubtator.write(_documents(16, start=0), tmp_path / "train.pubtator")
    pubtator.write(_documents(4, start=100), tmp_path / "dev.pubtator")
    pubtator.write(induced(30, 200), tmp_path / "cid.pubtator")
    pubtator.write(induced(12, 300), tmp_path / "cid-dev.pubtator")
    pubtator.write(induced(30, 400), tmp_path / "more.pubtator")
    also = {
        "cid": {
            "relation_labels": ["CID"],
            "pairs": [["Chemical", "Disease"]],
            "train": ["cid.pubtator"],
            "dev": ["cid-dev.pubtator"],
            "learned": True,
        }
    }
    untold = [
        replace(d, relations=tuple(replace(r, label="?", novel=None) for r in d.relations))
        for d in _documents(6, start=500)
    ]
    jsonl.write(untold, tmp_path / "untold.jsonl")
    added = [{"path": "more.pubtator", "scheme": "cid"}, {"path": "untold.jsonl"}]
    out = train_relations(
        _scheme(tmp_path, also=also, added=added),
        str(tiny_bert),
        tmp_path / "out",
        data=tmp_path,
        schedule=Schedule(epochs=12, learning_rate=2e-3),
        log=lambda _: None,
    )
    dev = {name: list(pubtator.read(tmp_path / f"{name}.pubtator")) for name in ("dev", "cid-dev")}
    about = ModelDescription(name="r")
    export_model(str(out), tmp_path / "r", about=about, precision="fp32", documents=dev["dev"])
    for scheme, name in (("main", "dev"), ("cid", "cid-dev")):
        bare = [replace(d, relations=()) for d in dev[name]]
        found = RelationExtractor(tmp_path / "r", scheme=scheme).predict(bare)
        ends = [[(r.label, r.head, r.tail) for r in d.relations] for d in found]
        assert ends == [[(r.label, r.head, r.tail) for r in d.relations] for d in dev[name]]

    # A model of all documents there are takes what was chosen with fewer.
    everything = {"train": ["train.pubtator", "dev.pubtator"], "dev": []}
    also["cid"] |= {"train": ["cid.pubtator", "cid-dev.pubtator"], "dev": []}
    with pytest.raises(ConfigError, match="names no dev corpus"):
        _scheme(tmp_path, "all", also=also, **everything)
    last = train_relations(
        load_scheme(tmp_path / "all.json", needs_dev=False),
        str(out),
        tmp_path / "last",
        data=tmp_path,
        schedule=Schedule(epochs=2, learning_rate=1e-3),
        mixture_of=out,
        log=lambda _: None,
    )
    mixtures = [load_file(folder / "model.safetensors")["mix.weight"] for folder in (out, last)]
    assert mixtures[0].tolist() == mixtures[1].tolist()
    assert load_trained_scheme(out)[1] == load_trained_scheme(last)[1]
    calibrate_model(tmp_path / "r", _documents(60, start=1000), induced(60, 2000))
    export_model(str(last), tmp_path / "l", about=about, precision="fp32", documents=dev["dev"])
    like = take_calibration(tmp_path / "l", tmp_path / "r")
    assert like.calibration == load_manifest(tmp_path / "r").calibration
    for name in ("calibration", "threshold", "typed_thresholds", "precise"):
        assert like.settings["schemes"]["cid"][name] == _settings(tmp_path / "r", "cid")[name]
    # A further scheme that is read out needs none of the outputs that were learned for it.
    fewer = _scheme(tmp_path, "fewer", also={"cid": {**also["cid"], "learned": False}})
    bias = start_relation_model(str(out), fewer, None).out.bias.tolist()
    learned = load_file(out / "model.safetensors")["out.bias"].tolist()
    assert bias == learned[: len(bias)] != learned
    other = tmp_path / "other"
    _, thresholds = load_trained_scheme(out)
    shutil.copytree(out, other)
    save_trained_scheme(other, _scheme(tmp_path), thresholds)
    with pytest.raises(ConfigError, match=r"mixture of .* cannot be taken"):
        train_relations(
            load_scheme(tmp_path / "all.json", needs_dev=False),
            str(out),
            tmp_path / "none",
            data=tmp_path,
            schedule=Schedule(epochs=1, learning_rate=1e-3),
            mixture_of=other,
            log=lambda _: None,
        )


def _settings(directory: Path, scheme: str) -> Mapping[str, Any]:
    settings: Mapping[str, Any] = load_manifest(directory).settings["schemes"][scheme]
    return settings


def test_a_model_learns_which_end_acts(tiny_bert: Path, tmp_path: Path) -> None:
    for name, start, count in (("train", 0, 32), ("dev", 100, 60), ("more", 200, 8)):
        pubtator.write(_acting(count, start=start), tmp_path / f"{name}.pubtator")
    dev = list(pubtator.read(tmp_path / "dev.pubtator"))
    added = [{"path": "more.pubtator", "weight": 0.5, "documents": 4, "complete": False}]
    logged: list[str] = []
    out = train_relations(
        _scheme(tmp_path, subject=True, added=added),
        str(tiny_bert),
        tmp_path / "out",
        data=tmp_path,
        schedule=Schedule(epochs=6, learning_rate=2e-3),
        log=logged.append,
    )
    assert "more.pubtator: 4 documents" in logged
    assert json.loads((out / "history.json").read_text())[-1]["direction"] == 1.0
    about = ModelDescription(name="r")
    export_model(str(out), tmp_path / "r", about=about, precision="fp32", documents=dev[:4])
    manifest = calibrate_model(tmp_path / "r", dev)
    assert manifest.calibration["subject"]["predictions"] == 30
    assert manifest.settings["precise"]["measured"][""]["precision"] >= 0.9

    bare = [replace(d, relations=()) for d in dev]
    gold = {(d.id, r.head, r.subject) for d in dev for r in d.relations}
    for threshold in (None, "precision"):
        documents = RelationExtractor(tmp_path / "r", threshold=threshold).predict(bare)
        found = [(d.id, r.head, r.subject) for d in documents for r in d.relations]
        assert gold <= set(found)
        assert len(gold) >= 0.9 * len(found)
        assert all(r.subject_score >= 0.5 for d in documents for r in d.relations)
    unsure = RelationExtractor(tmp_path / "r", subject_threshold=1.01).predict(bare)
    assert {r.subject for d in unsure for r in d.relations} == {None}


def test_a_scheme_says_what_is_wrong(tmp_path: Path) -> None:
    path = tmp_path / "scheme.json"
    good = {
        "entity_labels": ["A"],
        "relation_labels": ["R"],
        "pairs": [["A", "A"]],
        "train": ["t"],
        "dev": ["d"],
    }
    also = {name: value for name, value in good.items() if name != "entity_labels"}
    for change, message in (
        ({"pairs": [["A", "B"]]}, r"name \['B'\], which its entity_labels lack"),
        ({"dev": []}, "names no dev corpus"),
        ({"stated_by": {"S": ["word"]}}, r"names \['S'\], which its relation_labels lack"),
        ({"unlisted": {"S": [["A", "A"]]}}, r"names \['S'\], which its relation_labels lack"),
        ({"unlisted": {"R": [["A", "B"]]}}, r"names \['B'\], which its entity_labels lack"),
        ({"colour": 1}, "Cannot read the relation scheme"),
        ({"added": [{"path": "a", "scheme": "b"}]}, r"are of the schemes \['b'\], which 'also'"),
        (
            {"also": {"b": {**also, "learned": True, "novelty": True}}},
            "'b' of .* is learned, and so has neither novelty nor subjects",
        ),
    ):
        path.write_text(json.dumps({**good, **change}))
        with pytest.raises(ConfigError, match=message):
            load_scheme(path)
    path.write_text(json.dumps({name: value for name, value in good.items() if name != "pairs"}))
    with pytest.raises(ConfigError, match=r"scheme\.json \(it has no 'pairs'\); see"):
        load_scheme(path)


def _distance(model: RelationModel, lessons: Sequence[TeacherAnswer]) -> float:
    """How far a model is from the teacher: its loss beyond the least that any can have, which is
    the teacher's own doubt.
    """
    loss = teaching_loss(model, lessons, count=len(lessons), seed="").detach()
    doubt = [
        entr(lesson.label).sum()
        + NOVELTY_WEIGHT * ((1 - lesson.label[:, :1]) * entr(lesson.novel)).sum()
        for lesson in lessons
    ]
    return float(loss - sum(doubt) / sum(len(lesson.label) for lesson in lessons))


def test_a_model_learns_from_what_another_says_of_texts_without_gold(
    tiny_bert: Path, bert_of_other_words: Path, tmp_path: Path
) -> None:
    pubtator.write(_documents(16, start=0), tmp_path / "many.pubtator")
    # One document, whose pairs are unrelated.
    pubtator.write(_documents(1, start=51), tmp_path / "few.pubtator")
    pubtator.write(_documents(4, start=100), tmp_path / "dev.pubtator")
    many, few = (_scheme(tmp_path, name, train=[f"{name}.pubtator"]) for name in ("many", "few"))
    texts = [replace(d, relations=()) for d in _documents(30, start=200)]

    def train(scheme: Scheme, base: Path, name: str, epochs: int, teacher: str | None) -> Path:
        return train_relations(
            scheme,
            str(base),
            tmp_path / name,
            data=tmp_path,
            batch_documents=1,
            schedule=Schedule(epochs=epochs, learning_rate=2e-3),
            teacher=teacher,
            texts=texts if teacher else (),
            log=lambda _: None,
        )

    teacher = str(tmp_path / "teacher-model")
    learned = train(many, tiny_bert, "teacher", 8, None)
    export_model(
        str(learned),
        Path(teacher),
        about=ModelDescription(name="teacher"),
        precision="fp32",
        documents=texts,
    )
    tokenizer = Tokenizer(bert_of_other_words / "tokenizer.json")
    lessons = teacher_answers(texts, load_teacher(teacher, few), few, tokenizer, None)
    assert len(lessons) == len(texts)
    distance = {
        name: _distance(load_trained(folder, few), lessons)
        for name, folder in (
            ("alone", train(few, bert_of_other_words, "alone", 45, None)),
            ("led", train(few, bert_of_other_words, "led", 45, teacher)),
        )
    }
    assert 0 <= distance["led"] < distance["alone"] / 4

    other = _scheme(tmp_path, "other", relation_labels=["Association"], train=["few.pubtator"])
    with pytest.raises(ConfigError, match="cannot teach: its labels are Association, Negative_"):
        train(other, tiny_bert, "third", 1, teacher)
    with pytest.raises(ConfigError, match="go together; give both or neither"):
        train_relations(
            few,
            str(tiny_bert),
            tmp_path / "fourth",
            data=tmp_path,
            teacher=teacher,
            schedule=Schedule(epochs=1, learning_rate=2e-3),
            log=lambda _: None,
        )
