"""What annotated text means by a name goes into links, where the knowledge base has it."""

import json
import pickle
from dataclasses import replace
from pathlib import Path

import pytest

from biopipe.components.saving import check_same, predictor_uses
from biopipe.document import Document, Mention
from biopipe.errors import ConfigError, InputError, ModelError
from biopipe.kb.base import KnowledgeBase
from biopipe.kb.build.compile import compile_kb
from biopipe.kb.schema import Concept
from biopipe.linking.linker import Linker
from biopipe.linking.mention_prior import DEFAULT_PRIOR, MentionPrior
from biopipe.runtime.manifest import load_manifest, write_manifest
from biopipe.text.abbreviations import AbbreviationFinder
from biopipe.train.linking.prior import write_prior

CANCER, OVARIAN, MITRAL = "MESH:D001943", "MESH:D010051", "MESH:D008944"


def documents(*meant: tuple[str, str, tuple[str, ...]]) -> list[Document]:
    """Documents of one mention each: its words, label and concepts."""
    return [
        Document(str(i), name, mentions=(Mention(0, len(name), label, concept_ids=ids),))
        for i, (name, label, ids) in enumerate(meant)
    ]


def linked(linker: Linker, name: str, label: str = "Disease") -> Mention:
    return linker.predict(documents((name, label, ())))[0].mentions[0]


@pytest.fixture(scope="module")
def prior(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("prior") / "small-prior"
    seen = [
        *[("Hidden lumps", "Disease", (CANCER,))] * 20,
        ("hidden lump", "Disease", (MITRAL,)),
        *[("female cancers", "Disease", (CANCER, OVARIAN))] * 3,
        ("rare pair", "Disease", (CANCER, OVARIAN)),
        *[("half known pair", "Disease", (CANCER, "MESH:D0"))] * 3,
        *[("elsewhere", "Disease", ("MESH:D0",))] * 3,
        *[("breast carcinoma", "Disease", (MITRAL,))] * 20,
        *[("mitral stenosis", "Disease", (CANCER,))] * 20,
        *[("CAT", "Disease", ("NCBIGene:847",))] * 5,
    ]
    write_prior(documents(*seen), folder, licence="CC0")
    return folder


@pytest.fixture(scope="module")
def linker(kb_path: Path, prior: Path) -> Linker:
    # Concepts of one or two names are less likely than those of the base that weights are fitted on.
    return Linker(kb_path, prior=prior, threshold=0.2)


def test_a_name_that_no_terminology_has_means_what_it_meant(linker: Linker, kb_path: Path) -> None:
    mention = linked(linker, "hidden lump")
    assert mention.concept_ids == (CANCER,)
    scores = {c.concept_id: c.score for c in mention.candidates}
    assert scores[CANCER] > scores[MITRAL] > 0
    for without in (Linker(kb_path, prior=None), Linker(kb_path)):
        assert linked(without, "hidden lump").concept_ids == ()


def test_names_meet_in_their_normal_form(linker: Linker) -> None:
    assert linked(linker, "HIDDEN  LUMPS").concept_ids == (CANCER,)


def test_what_was_always_meant_goes_before_the_concept_of_that_name(
    linker: Linker, kb_path: Path
) -> None:
    assert linked(linker, "breast carcinoma").concept_ids == (MITRAL,)
    assert linked(Linker(kb_path, prior=None), "breast carcinoma").concept_ids == (CANCER,)


def test_an_own_name_of_a_preferred_system_means_its_concept(
    linker: Linker, kb_path: Path, prior: Path
) -> None:
    assert linked(linker, "mitral stenosis").concept_ids == (CANCER,)
    preferring = Linker(KnowledgeBase.open(kb_path, prefer=["MESH"]), prior=prior)
    assert linked(preferring, "mitral stenosis").concept_ids == (MITRAL,)
    assert linked(preferring, "breast carcinoma").concept_ids == (CANCER,)


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        # What annotators meant decides between the class, called so in the plural, and a synonym.
        ("alcohol", "MESH:D000431"),
        # A name letter by letter is that of its concept, whatever was meant.
        ("alcohols", "MESH:D000438"),
    ],
)
def test_a_class_in_the_plural_does_not_own_the_singular(
    name: str, meant: str, tmp_path: Path
) -> None:
    concepts = [
        Concept("MESH:D000438", "Alcohols", ("alkanols", "alcohol"), ("Chemical",)),
        Concept("MESH:D000431", "Ethanol", ("alcohol", "EtOH"), ("Chemical",)),
    ]
    compile_kb(concepts, tmp_path / "kb", name="n", version="1", licence="", sources={})
    write_prior(documents(*[("alcohol", "Chemical", ("MESH:D000431",))] * 9), tmp_path / "prior")
    base = KnowledgeBase.open(tmp_path / "kb", prefer=["MESH"])
    linker = Linker(base, prior=tmp_path / "prior", threshold=0.2)
    assert linked(linker, name, "Chemical").concept_ids == (meant,)


def test_one_document_does_not_overrule_the_name_of_a_concept(
    kb_path: Path, tmp_path: Path
) -> None:
    once = ("breast carcinoma", "Disease", (MITRAL,))
    write_prior(documents(once), tmp_path / "once")
    assert linked(Linker(kb_path, prior=tmp_path / "once"), once[0]).concept_ids == (CANCER,)
    write_prior(documents(*[once] * 20), tmp_path / "often")
    assert linked(Linker(kb_path, prior=tmp_path / "often"), once[0]).concept_ids == (MITRAL,)


def test_a_document_counts_once(tmp_path: Path) -> None:
    mentions = tuple(
        Mention(start, start + 5, "Disease", concept_ids=(CANCER,)) for start in (0, 6, 12)
    )
    seen = [
        Document("1", "lumps lumps lumps", mentions=mentions),
        *documents(("lumps", "Disease", (MITRAL,))),
    ]
    write_prior(seen, tmp_path / "p")
    assert MentionPrior(tmp_path / "p").counts("Disease", "lump") == {CANCER: 1, MITRAL: 1}


def test_concepts_that_were_meant_together_are_linked_together(linker: Linker) -> None:
    mention = linked(linker, "female cancers")
    assert mention.concept_ids == (CANCER, OVARIAN)
    # Three of three documents, and one that was not seen.
    assert [c.score for c in mention.candidates[:2]] == [0.75, 0.75]


def test_what_was_meant_together_must_reach_the_threshold(kb_path: Path, prior: Path) -> None:
    assert linked(Linker(kb_path, prior=prior, threshold=0.8), "female cancers").concept_ids == ()


@pytest.mark.parametrize("name", ["rare pair", "half known pair", "elsewhere"])
def test_one_mention_or_an_unknown_concept_is_no_evidence(linker: Linker, name: str) -> None:
    assert linked(linker, name).concept_ids == ()


def test_filters_hold_for_what_was_meant(linker: Linker, kb_path: Path, prior: Path) -> None:
    assert linked(linker, "CAT").concept_ids == (), "a gene is no disease"
    assert linked(linker, "hidden lump", "Gene").concept_ids == (), "counts are of a label"
    every = Linker(kb_path, prior=prior, types={"": ("Gene", "Disease")})
    assert linked(every, "CAT").concept_ids == ("NCBIGene:847",)


def test_short_forms_count_as_their_long_forms(kb_path: Path, tmp_path: Path) -> None:
    text = "Odd swelling syndrome (OSS) was seen."
    start = text.index("OSS")
    seen = Document(
        "1", text, mentions=(Mention(start, start + 3, "Disease", concept_ids=(CANCER,)),)
    )
    manifest = write_prior(
        AbbreviationFinder().predict([seen, replace(seen, id="2")]), tmp_path / "p"
    )
    assert manifest.settings["names"] == {"Disease": 1}
    counted = MentionPrior(tmp_path / "p")
    assert counted.counts("Disease", "odd swelling syndromes") == {CANCER: 2}
    assert counted.counts("Disease", "OSS") == {}


def test_labels_are_chosen_and_nothing_to_count_is_said(tmp_path: Path) -> None:
    both = documents(("a thing", "Gene", ("X:1",)), ("other", "Disease", ("X:2",)))
    assert write_prior(both, tmp_path / "p", labels=["Gene"]).labels == ("Gene",)
    with pytest.raises(InputError, match="No mention has a concept id"):
        write_prior(both, tmp_path / "q", labels=["Species"])
    assert not (tmp_path / "q").exists()


def test_counts_of_another_normaliser_are_refused(prior: Path, tmp_path: Path) -> None:
    folder = tmp_path / "old"
    folder.mkdir()
    (folder / "prior.json").write_bytes((prior / "prior.json").read_bytes())
    write_manifest(
        folder, replace(load_manifest(prior), settings={"normalizer": 1}), ["prior.json"]
    )
    with pytest.raises(
        ModelError, match=r"is of normaliser 1, .* make it again with biopipe train prior"
    ):
        MentionPrior(folder)
    with pytest.raises(
        ModelError, match="does token-classification; give one that does mention-prior"
    ):
        MentionPrior("biopipe-ner-minilm")


def test_a_saved_pipeline_knows_its_prior(linker: Linker, kb_path: Path, prior: Path) -> None:
    about = {"name": "small-prior", "hash": load_manifest(prior).hash}
    assert predictor_uses(linker)["prior"] == about
    check_same("biopipe_linker", {"prior": about}, linker)
    with pytest.raises(ConfigError, match="saved with the prior 'small-prior'"):
        check_same("biopipe_linker", {"prior": about}, Linker(kb_path))


def test_it_travels_to_other_processes(linker: Linker) -> None:
    assert linked(pickle.loads(pickle.dumps(linker)), "hidden lump").concept_ids == (CANCER,)


def test_the_shipped_one_keeps_no_names() -> None:
    shipped = MentionPrior(DEFAULT_PRIOR)
    assert set(shipped.manifest.labels) >= {"Chemical", "Disease"}
    assert shipped.counts("Disease", "hepatitis")
    raw = json.loads((shipped.model_path / "prior.json").read_text(encoding="utf-8"))
    keys = {key for names in raw.values() for key in names}
    assert all(len(key) == 16 and int(key, 16) >= 0 for key in keys)
