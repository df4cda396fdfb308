import json
from collections.abc import Callable, Mapping
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest
import spacy
from spacy.language import Language
from spacy.tokens import Doc

from biopipe.components.abbreviations import AbbreviationsComponent
from biopipe.components.document import annotate_doc, to_document
from biopipe.document import Document, Passage
from biopipe.errors import ConfigError, DeviceError, ModelError
from biopipe.kb.build.compile import compile_kb
from biopipe.kb.schema import Concept
from biopipe.pipeline import COMPONENTS, build, describe, load, predictors

TEXT = (
    "Gefitinib in patients with breast cancer (BC). Mutations of EGFR cause resistance to "
    "gefitinib in BC."
)


@pytest.fixture(scope="module")
def kb(tmp_path_factory: pytest.TempPathFactory) -> Path:
    concepts = [Concept("NCBIGene:1956", "EGFR"), Concept("MESH:D001943", "breast cancer")]
    folder = tmp_path_factory.mktemp("kb") / "tiny"
    return compile_kb(
        concepts, folder, name="words", version="1", licence="CC0-1.0", sources={"test": "1"}
    )


@pytest.fixture
def config(kb: Path) -> dict[str, Any]:
    """The default models on a small knowledge base."""
    components = {
        "biopipe_ner": {"threshold": 0.1},
        "biopipe_abbreviations": {},
        "biopipe_linker": {"kb": kb, "threshold": 0.1},
        "biopipe_relations": {"threshold": 0.0},
        "biopipe_assertion": {},
    }
    return {"lang": "en", "components": components}


ABBREVIATIONS: Mapping[str, Any] = {"components": {"biopipe_abbreviations": None}}


def write(path: Path, data: Any) -> Path:
    path.write_text(
        data if isinstance(data, str) else json.dumps(data, default=str), encoding="utf-8"
    )
    return path


def test_build_in_order(config: dict[str, Any], kb: Path) -> None:
    nlp = build(config)
    assert nlp.pipe_names == list(config["components"])
    assert [type(pipe) for _, pipe in nlp.pipeline] == [
        COMPONENTS[name] for name in config["components"]
    ]
    assert nlp.get_pipe("biopipe_linker").config["kb"] == str(kb)
    doc = nlp(TEXT)
    assert doc.spans["biopipe"]
    assert to_document(doc).abbreviations
    backwards = dict(reversed(config["components"].items()))
    assert build({**config, "components": backwards}).pipe_names == list(backwards)


def test_predictors_give_what_the_pipeline_gives(config: dict[str, Any]) -> None:
    nlp = build(config)
    documents = [
        Document("1", TEXT, passages=(Passage("title", 0, 46),), meta={"journal": "J"}),
        Document("2", ""),
        Document("3", TEXT * 10),
    ]
    expected = documents
    for predictor in predictors(nlp) or []:
        expected = predictor.predict(expected)
    docs = list(nlp.pipe(annotate_doc(nlp.make_doc(d.text), d) for d in documents))
    assert [to_document(doc) for doc in docs] == expected
    assert {"NCBIGene:1956", "MESH:D001943"} <= {
        i for m in expected[0].mentions for i in m.concept_ids
    }
    assert expected[0].relations


def test_predictors_of_other_pipelines() -> None:
    nlp = build(ABBREVIATIONS)
    found = predictors(nlp)
    assert found == [nlp.get_pipe("biopipe_abbreviations").predictor]
    assert predictors(build({"components": {}})) == []
    nlp.add_pipe("sentencizer")
    assert predictors(nlp) is None
    with nlp.select_pipes(disable="sentencizer"):
        assert predictors(nlp) == found


def test_a_component_that_does_more_than_predict_needs_the_doc() -> None:
    nlp = build(ABBREVIATIONS)
    pipe = nlp.get_pipe("biopipe_abbreviations")
    pipe.__class__ = type("Same", (type(pipe),), {})
    assert predictors(nlp) == [pipe.predictor]
    for method in ("annotate", "collect", "pipe", "__call__"):
        pipe.__class__ = type("Other", (AbbreviationsComponent,), {method: lambda self, doc: doc})
        assert predictors(nlp) is None


def test_every_component_has_an_entry_point() -> None:
    points = {point.name: point for point in entry_points(group="spacy_factories")}
    assert set(COMPONENTS) <= set(points)
    assert all(Language.get_factory_meta(name).factory == name for name in COMPONENTS)
    for name, kind in COMPONENTS.items():
        assert points[name].load().__module__ == kind.__module__


def test_default_pipeline() -> None:
    nlp = load()
    assert nlp.pipe_names == [
        *(
            "biopipe_ner",
            "biopipe_abbreviations",
            "biopipe_linker",
            "biopipe_relations",
            "biopipe_assertion",
        )
    ]
    assert nlp.lang == "en"
    assert nlp.get_pipe("biopipe_linker").config["kb"] == "default"
    assert build().pipe_names == nlp.pipe_names


@pytest.mark.parametrize("kind", ["json", "cfg", "folder"])
def test_load_a_path(kind: str, config: dict[str, Any], tmp_path: Path) -> None:
    nlp = build(config)
    if kind == "json":
        path = write(tmp_path / "p.json", config)
    elif kind == "cfg":
        path = write(tmp_path / "p.cfg", nlp.config.to_str())
    else:
        path = tmp_path / "saved"
        nlp.to_disk(path)
    again = load(str(path))
    assert to_document(again(TEXT)) == to_document(nlp(TEXT))
    assert again.max_length == nlp.max_length > 2_000_000
    with pytest.raises(DeviceError):
        load(path, device="cuda:x")(TEXT)
    with pytest.raises(ConfigError, match=r"build takes a mapping .* use biopipe\.load"):
        build(path)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", ["json", "cfg", "shared"])
def test_another_knowledge_base(kind: str, config: dict[str, Any], tmp_path: Path) -> None:
    mine = compile_kb(
        [Concept("OURS:1", "zorvatinib", ("ZRV-101",), ("Chemical",))],
        tmp_path / "mine",
        name="mine",
        version="1",
        licence="CC0-1.0",
        sources={"test": "1"},
    )
    nlp = build(config)
    text = "Patients were given zorvatinib (ZRV-101) for breast cancer."
    if kind == "shared":
        components = {**config["components"], "biopipe_linker": None, "biopipe_ner": None}
        again = build({"kb": mine, "components": components})
    else:
        path = write(tmp_path / f"p.{kind}", config if kind == "json" else nlp.config.to_str())
        again = load(path, kb=mine)
        nlp.to_disk(tmp_path / "saved")
        with pytest.raises(ConfigError, match=r"was saved with the kb .* now finds 'mine'"):
            load(tmp_path / "saved", kb=mine)(text)
    ids = {text[m.start : m.end]: m.concept_ids for m in to_document(again(text)).mentions}
    assert ids["zorvatinib"] == ids["ZRV-101"] == ("OURS:1",)
    assert ids["breast cancer"] == ()


def test_load_an_installed_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nlp = build({"components": {"biopipe_ner": {}}})
    folder = tmp_path / "en_ours"
    folder.mkdir()
    nlp.to_disk(folder / "en_ours-1.0")
    write(folder / "meta.json", {**nlp.meta, "name": "ours", "version": "1.0"})
    code = (
        "from spacy.util import load_model_from_init_py as init\n"
        "def load(**a): return init(__file__, **a)\n"
    )
    write(folder / "__init__.py", code)
    (tmp_path / "en_ours-1.0.dist-info").mkdir()
    write(
        tmp_path / "en_ours-1.0.dist-info" / "METADATA",
        "Metadata-Version: 2.1\nName: en_ours\nVersion: 1.0\n",
    )
    monkeypatch.syspath_prepend(tmp_path)
    assert to_document(load("en_ours")(TEXT)) == to_document(nlp(TEXT))
    assert load("en_ours", device="cuda:7").get_pipe("biopipe_ner").config["device"] == "cuda:7"


def test_device_of_every_component(config: dict[str, Any]) -> None:
    config["components"]["biopipe_relations"]["device"] = "cpu"
    nlp = build({**config, "device": "cuda:7"})
    assert nlp.get_pipe("biopipe_ner").config["device"] == "cuda:7"
    assert nlp.get_pipe("biopipe_relations").config["device"] == "cpu"
    assert nlp.get_pipe("biopipe_linker").config["device"] == "cuda:7", "its encoder"
    assert "device" not in nlp.get_pipe("biopipe_abbreviations").config


def test_a_device_of_none_is_the_shared_one() -> None:
    config = {"device": "cuda:7", "components": {"biopipe_ner": {"device": None}}}
    assert build(config).get_pipe("biopipe_ner").config["device"] == "cuda:7"


def test_one_factory_twice() -> None:
    options = {"factory": "biopipe_ner"}
    nlp = build({"components": {"first": options, "second": {**options, "threshold": 0.9}}})
    assert nlp.pipe_names == ["first", "second"]
    assert nlp.get_pipe("second").config["threshold"] == 0.9
    assert [each["factory"] for each in describe(nlp)["components"]] == [
        "biopipe_ner",
        "biopipe_ner",
    ]


def test_components_of_spacy() -> None:
    nlp = build(
        {"components": {"sentencizer": {"punct_chars": ["!"]}, "biopipe_abbreviations": {}}}
    )
    assert nlp.pipe_names == ["sentencizer", "biopipe_abbreviations"]
    assert nlp.max_length == spacy.blank("en").max_length
    assert len(list(nlp("a! b. c").sents)) == 2


def test_work_grows_with_the_text(run_limited: Callable[[str], None]) -> None:
    run_limited(
        """
from biopipe.components.document import to_document
from biopipe.pipeline import build

text = "Nothing to see here. " * 100_000 + "heart failure (HF)"
assert len(text) > 2_000_000
doc = build({"components": {"biopipe_abbreviations": None}})(text)
assert len(to_document(doc).abbreviations) == 1
assert len(list(doc.sents)) == 100_000  # "here. heart" is within one
"""
    )


@pytest.mark.parametrize(
    ("config", "message"),
    [
        (
            {"component": {}},
            "Unknown key 'component' in the configuration; there are: components, device, kb, lang, s",
        ),
        (
            {"components": {"biopipe_nre": {}}},
            "Unknown component 'biopipe_nre' in the configuration; biopipe has: b",
        ),
        (
            {"components": {"biopipe_ner": {"treshold": 0.5}}},
            "Unknown option 'treshold' of biopipe_ner in the configuration; it has: agreement, dev",
        ),
        (
            {"components": {"biopipe_abbreviations": {"x": 1}}},
            "Unknown option 'x' of biopipe_abbreviations .* it has: spans_key",
        ),
        (
            {"components": {"biopipe_ner": {"threads": "two"}}},
            "Component 'biopipe_ner' in .* .biopipe_ner.threads: ",
        ),
        (
            {"components": {"sentencizer": {"x": 1}}},
            "Component 'sentencizer' in .* cannot be made ",
        ),
        (
            {"components": ["biopipe_ner"]},
            r"'components' in the configuration must map names .* got \['biopipe_ner'",
        ),
        (
            {"components": {"biopipe_ner": "x"}},
            "options of 'biopipe_ner' in the configuration must be a mapping, got",
        ),
        ({"components": {"a": {"factory": 3}}}, "Unknown component '3'"),
        ({"lang": "xyz"}, "spaCy cannot make a pipeline for the language 'xyz'"),
        ([], "the configuration holds list; it must be a mapping"),
    ],
)
def test_wrong_configuration(config: Any, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        build(config)


def test_missing_model_is_told_at_once() -> None:
    with pytest.raises(ModelError, match="There is no model 'none'"):
        build({"components": {"biopipe_ner": {"model": "none"}}})


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.json", "{", "Cannot read the pipeline configuration .*a.json"),
        (
            "a.json",
            "[1]",
            "a.json holds list; it must be a mapping of components, device, kb, lang",
        ),
        ("a.json", '{"x": 1}', "Unknown key 'x' in .*a.json"),
        ("a.cfg", "x = 1", "Cannot read the pipeline configuration .*a.cfg"),
        ("a.cfg", "[components]\n", "a.cfg is not a spaCy pipeline"),
        (
            "a.cfg",
            '[nlp]\nlang = "en"\npipeline = ["biopipe_nre"]\n',
            "a.cfg is not a spaCy pipeline .*biopipe_nre",
        ),
        (
            "a.cfg",
            '[nlp]\nlang = "en"\npipeline = ["x"]\n'
            '[components]\n[components.x]\nfactory = "biopipe_ner"\nthreads = "y"\n',
            "a.cfg is not a spaCy pipeline .biopipe_ner.threads",
        ),
    ],
)
def test_wrong_file(name: str, text: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=message) as caught:
        load(write(tmp_path / name, text))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["defualt", "missing.json", "missing.cfg", "folder"])
def test_nothing_there(name: str, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(ConfigError, match=name):
        load(tmp_path / name)
    with pytest.raises(
        ConfigError,
        match="There is no pipeline 'defualt'; give 'default', 'fast', 'clinical', a folder",
    ):
        load("defualt")


SCORER = {"@scorers": "spacy.senter_scorer.v1"}


def test_describe_is_json(config: dict[str, Any], kb: Path) -> None:
    config["components"] = {"sentencizer": {}, **config["components"]}
    nlp: Language = build(config)
    about = describe(nlp)
    assert json.loads(json.dumps(about)) == about
    assert (about["lang"], about["name"], about["version"]) == ("en", "pipeline", "0.0.0")
    by_name = {each["name"]: each for each in about["components"]}
    assert list(by_name) == nlp.pipe_names
    ner = nlp.get_pipe("biopipe_ner")
    # The tagger is told the names of the default base.
    model, default = ner.predictor.resources()
    assert by_name["biopipe_ner"]["uses"] == {
        "model": {"name": "biopipe-ner-minilm", "hash": model.hash},
        "kb": {"name": "biopipe-default", "hash": default.hash},
    }
    assert by_name["biopipe_ner"]["config"] == ner.config
    assert by_name["biopipe_linker"]["uses"]["kb"]["name"] == "words"
    assert by_name["biopipe_linker"]["config"]["kb"] == str(kb)
    assert by_name["sentencizer"] == {
        "name": "sentencizer",
        "factory": "sentencizer",
        "config": {"overwrite": False, "punct_chars": None, "scorer": SCORER},
        "uses": {},
    }


def test_encoder_states_are_shared_where_a_later_predictor_reads_them(
    tiny_relations: Path,
) -> None:
    nlp = load()
    tagger, extractor = (nlp.get_pipe(f"biopipe_{name}").predictor for name in ("ner", "relations"))
    assert extractor.info.reads_states == tagger.info.gives_states != ""
    assert [used.role for used in extractor.resources()] == ["model", "trunk"]
    assert tagger.shares_states
    apart = {"biopipe_ner": {}, "biopipe_relations": {"model": str(tiny_relations)}}
    assert not build({"components": apart}).get_pipe("biopipe_ner").predictor.shares_states
    components = {
        "biopipe_relations": {"model": "biopipe-relations-shared"},
        "biopipe_ner": {},
    }
    backwards = build({"components": components})
    assert not backwards.get_pipe("biopipe_ner").predictor.shares_states, "nobody reads them"
    guided = {
        "biopipe_ner": {"guideline": "bc2gm"},
        "biopipe_relations": components["biopipe_relations"],
    }
    predictor = build({"components": guided}).get_pipe("biopipe_ner").predictor
    assert (predictor.info.gives_states, predictor.shares_states) == ("", False)


def test_a_saved_fast_pipeline_has_its_trunk(tmp_path: Path) -> None:
    config = {"components": {"biopipe_relations": {"model": "biopipe-relations-shared"}}}
    build(config).to_disk(tmp_path / "saved")
    predictor = load(tmp_path / "saved").get_pipe("biopipe_relations").predictor
    folder = tmp_path.resolve() / "saved" / "biopipe_relations"
    assert {used.folder for used in predictor.resources()} == {
        folder / "model",
        folder / predictor.resources()[1].name,
    }


@pytest.mark.parametrize("device", [None, "cuda:7"])
def test_device_of_third_parties(device: str | None) -> None:
    @Language.factory("test_third_party_device", default_config={"device": 0})
    def make(nlp: Language, name: str, device: str | int) -> Third:
        return Third(device)

    shared = {} if device is None else {"device": device}
    nlp = build({**shared, "components": {"test_third_party_device": {}}})
    assert nlp.get_pipe("test_third_party_device").device == (device or 0)


class Third:
    def __init__(self, device: str | int) -> None:
        self.device = device

    def __call__(self, doc: Doc) -> Doc:
        return doc
