"""The recipes that come with biopipe, each on small files in the form of its source, and downloads
of one's own.
"""

import gzip
import json
import os
import zipfile
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from biopipe.errors import ConfigError, KnowledgeBaseError
from biopipe.extras import shipped_folder
from biopipe.kb.base import KnowledgeBase
from biopipe.kb.build import recipes
from biopipe.kb.build.formats import TERMINOLOGY_FORMATS
from biopipe.kb.build.gather import gather_files
from biopipe.kb.build.joining import read_sources
from biopipe.kb.build.mappings import MAPPING_PARSERS

ASKED_FOR = {
    "cell-ontology",
    "cellosaurus",
    "chebi",
    "ctd-chemicals",
    "ctd-diseases",
    "doid",
    "go",
    "hgnc",
    "hpo",
    "icd10cm",
    "loinc",
    "mesh",
    "mondo",
    "ncbi-gene",
    "ncbi-taxonomy",
    "rxnorm",
    "snomed",
    "uberon",
    "umls",
}


def term(id_: str, name: str, *more: str) -> str:
    return "\n".join(["[Term]", f"id: {id_}", f"name: {name}", *more, "", ""])


def obo(*terms: str) -> str:
    return "format-version: 1.2\ndata-version: releases/2026-09-01\n\n" + "".join(terms)


def genes(*rows: str) -> str:
    header = (
        "#tax_id\tGeneID\tSymbol\tLocusTag\tSynonyms\tdbXrefs\tchromosome\tmap_location\t"
        "description\ttype_of_gene"
    )
    return "\n".join([header, *rows, ""])


MESH = """<?xml version="1.0"?>
<!DOCTYPE DescriptorRecordSet SYSTEM "https://www.nlm.nih.gov/databases/dtd/nlmdescriptorrecordset_20260101.dtd">
<DescriptorRecordSet LanguageCode="eng"><DescriptorRecord DescriptorClass="1">
<DescriptorUI>D001249</DescriptorUI>
<DescriptorName><String>Asthma</String></DescriptorName><TreeNumberList><TreeNumber>C08.127</TreeNumber>
</TreeNumberList><ConceptList><Concept PreferredConceptYN="Y"><ConceptUI>M1</ConceptUI>
<ConceptName><String>Asthma
</String></ConceptName><TermList><Term><TermUI>T1</TermUI><String>Asthmas</String></Term></TermList></Concept>
</ConceptList></DescriptorRecord></DescriptorRecordSet>"""
SUPPLEMENT = """<?xml version="1.0"?>
<SupplementalRecordSet LanguageCode="eng"><SupplementalRecord SCRClass="3"><SupplementalRecordUI>C535570
</SupplementalRecordUI><SupplementalRecordName><String>Rare asthma</String></SupplementalRecordName>
<ConceptList><Concept PreferredConceptYN="Y"><ConceptUI>M2</ConceptUI>
<ConceptName><String>Rare asthma</String>
</ConceptName><TermList><Term><TermUI>T2</TermUI><String>Rare asthma</String></Term></TermList></Concept>
</ConceptList></SupplementalRecord></SupplementalRecordSet>"""
ICD = """<?xml version="1.0"?><ICD10CM.tabular><version>2027</version><chapter>
<name>1</name><desc>Certain infectious
diseases (A00-B99)</desc><section id="A00-A09"><desc>Intestinal (A00-A09)</desc>
<diag><name>A00</name><desc>Cholera
</desc></diag></section></chapter></ICD10CM.tabular>"""
CELLS = """CELLOSAURUS
 Version: 56.0
____
ID   HeLa
AC   CVCL_0030
SY   Hela; He La
OX   NCBI_TaxID=9606; ! Homo sapiens (Human)
CA   Cancer cell line
//
"""
CTD = "# Report created: Mon Nov 02 2026\n# Fields:\n# {}\n#\n{}\n"

# Of each recipe: its files, or the members of its zip archive, and an id and the types that are
# found by a name.
SMALL: dict[str, tuple[dict[str, str], str, tuple[str, ...]]] = {
    "hpo": (
        {
            "hp.obo": obo(
                term("HP:0000001", "All"),
                *(
                    term(f"HP:{n}", f"root {n}", "is_a: HP:0000001 ! All")
                    for n in ("0000118", "0000005", "0012823", "0032223", "0032443", "0040279")
                ),
                term(
                    "HP:0001250",
                    "Seizure",
                    'synonym: "Fits" EXACT layperson []',
                    "is_a: HP:0000118 ! x",
                ),
                term("HP:0003577", "Congenital onset", "is_a: HP:0012823 ! x"),
            )
        },
        "fits",
        ("HP:0001250", "Phenotype"),
    ),
    "doid": (
        {
            "doid.obo": obo(
                term("DOID:2841", "asthma", "namespace: disease_ontology"), term("UBERON:1", "lung")
            )
        },
        "asthma",
        ("DOID:2841", "Disease", "disease_ontology"),
    ),
    "mondo": (
        {"mondo.obo": obo(term("MONDO:0004979", "asthma"), term("HP:1", "wheeze"))},
        "asthma",
        ("MONDO:0004979", "Disease"),
    ),
    "mesh": (
        {"desc2026.xml.gz": MESH, "supp2026.xml.gz": SUPPLEMENT},
        "rare asthma",
        ("MESH:C535570", "Disease"),
    ),
    "chebi": (
        {
            "chebi.obo.gz": obo(
                term("CHEBI:24431", "chemical entity"),
                term(
                    "CHEBI:15365",
                    "acetylsalicylic acid",
                    'synonym: "aspirin" RELATED []',
                    "is_a: CHEBI:24431",
                ),
                term("CHEBI:50906", "role"),
            )
        },
        "aspirin",
        ("CHEBI:15365", "Chemical"),
    ),
    "go": (
        {
            "go-basic.obo": obo(
                term("GO:0006915", "apoptotic process", "namespace: biological_process")
            )
        },
        "apoptotic process",
        ("GO:0006915", "biological_process"),
    ),
    "cell-ontology": (
        {"cl-basic.obo": obo(term("CL:0000084", "T cell"), term("GO:1", "binding"))},
        "T cell",
        ("CL:0000084", "Cell"),
    ),
    "uberon": (
        {"uberon-basic.obo": obo(term("UBERON:0002107", "liver"), term("CL:1", "cell"))},
        "liver",
        ("UBERON:0002107", "Anatomy"),
    ),
    "ncbi-gene": (
        {
            "Homo_sapiens.gene_info.gz": genes(
                "9606\t7157\tTP53\t-\tP53|LFS1\t-\t17\t-\ttumor protein\tprotein-coding"
            )
        },
        "P53",
        ("NCBIGene:7157", "Gene", "NCBITaxon:9606"),
    ),
    "ncbi-taxonomy": (
        {
            "taxdmp.zip/names.dmp": "562\t|\tEscherichia coli\t|\t\t|\tscientific name\t|\n",
            "taxdmp.zip/nodes.dmp": "562\t|\t561\t|\tspecies\t|\n",
            "taxdmp.zip/merged.dmp": "662101\t|\t562\t|\n",
        },
        "Escherichia coli",
        ("NCBITaxon:562", "Species"),
    ),
    "hgnc": (
        {
            "hgnc_complete_set.txt": "hgnc_id\tsymbol\tname\tstatus\talias_symbol\tprev_symbol\tentrez_id\n"
            "HGNC:11998\tTP53\ttumor protein p53\tApproved\tp53|LFS1\t\t7157\n"
        },
        "p53",
        ("NCBIGene:7157", "Gene", "NCBITaxon:9606"),
    ),
    "ctd-diseases": (
        {
            "CTD_diseases.tsv.gz": CTD.format(
                "DiseaseName\tDiseaseID\tAltDiseaseIDs\tDefinition\tParentIDs\tTreeNumbers\t"
                "ParentTreeNumbers\tSynonyms",
                "Asthma\tMESH:D001249\tOMIM:600807\t\t\t\t\tAsthma, Bronchial",
            )
        },
        "bronchial asthma",
        ("MESH:D001249", "Disease"),
    ),
    "ctd-chemicals": (
        {
            "CTD_chemicals.tsv.gz": CTD.format(
                "ChemicalName\tChemicalID\tCasRN\tDefinition\tParentIDs\tTreeNumbers\t"
                "ParentTreeNumbers\tSynonyms",
                "Aspirin\tMESH:D001241\t50-78-2\t\t\t\t\tAcetylsalicylic Acid",
            )
        },
        "acetylsalicylic acid",
        ("MESH:D001241", "Chemical"),
    ),
    "cellosaurus": (
        {"cellosaurus.txt": CELLS},
        "He La",
        ("Cellosaurus:CVCL_0030", "CellLine", "NCBITaxon:9606"),
    ),
    "rxnorm": (
        {
            "RxNorm_full_prescribe_current.zip/rrf/RXNCONSO.RRF": (
                "6809|ENG||||||1|6809||6809|RXNORM|IN|6809|metformin||N||\n"
            ),
            "RxNorm_full_prescribe_current.zip/rrf/RXNREL.RRF": "",
        },
        "metformin",
        ("RXNORM:6809", "Chemical", "Ingredient"),
    ),
    "loinc": (
        {
            "Loinc_2.80/LoincTable/Loinc.csv": (
                "LOINC_NUM,LONG_COMMON_NAME,STATUS,CLASSTYPE\n2345-7,Glucose in Serum,ACTIVE,1\n"
            )
        },
        "glucose in serum",
        ("LOINC:2345-7", "Laboratory Test"),
    ),
    "icd10cm": (
        {"icd10cm-2027.zip/tables/icd10cm-tabular-2027.xml": ICD},
        "cholera",
        ("ICD10CM:A00", "Disease"),
    ),
}


def place(folder: Path, files: dict[str, str]) -> Path:
    """Plain, gzipped or in a zip archive, by the name."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        archive, in_zip, member = name.partition(".zip/")
        if in_zip:
            with zipfile.ZipFile(folder / f"{archive}.zip", "a") as opened:
                opened.writestr(member, text)
        else:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            data = text.encode()
            (folder / name).write_bytes(
                gzip.compress(data, mtime=0) if name.endswith(".gz") else data
            )
    return folder


def own(folder: Path, *sources: dict[str, Any], **more: Any) -> recipes.Recipe:
    base = {
        "holds": "x",
        "ids": "X",
        "address": "https://example.org",
        "licence": "CC0",
        "parser": "obo",
    }
    raw = {"format": 1, "name": "own", "title": "Own", "build": "", "good_for": "tests", **more}
    folder.mkdir(exist_ok=True)
    listed = [{"name": f"source {number}", **base, **each} for number, each in enumerate(sources)]
    (folder / "recipe.json").write_text(json.dumps({**raw, "sources": listed}))
    return recipes.load_recipe(folder / "recipe.json")


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("BIOPIPE_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_the_terminologies_people_use_have_a_recipe() -> None:
    assert set(recipes.recipe_names()) == ASKED_FOR | {"default", "full", "genes", "species"}


@pytest.mark.parametrize("name", recipes.recipe_names())
def test_a_recipe_names_licence_parser_and_command(name: str) -> None:
    recipe = recipes.load_recipe(name)
    assert recipe.name == name
    assert recipe.build == f"biopipe kb build {name}"
    assert recipe.types
    for source in recipe.sources:
        assert source.licence_address.startswith("https://")
        assert source.parser in TERMINOLOGY_FORMATS or find_spec(
            f"biopipe.kb.build.sources.{source.parser}"
        )
        assert (
            set(source.filters)
            <= {"types", "sources", "branches"} | TERMINOLOGY_FORMATS[source.parser].filters
            if (source.parser in TERMINOLOGY_FORMATS)
            else source.package or source.parser in MAPPING_PARSERS
        )
        assert all(address.startswith("https://") for address in (*source.download, *source.beside))
        assert source.address.startswith("https://") or source.file


@pytest.mark.parametrize("name", sorted(SMALL))
def test_a_recipe_reads_files_of_its_source(name: str, tmp_path: Path) -> None:
    files, surface, (concept_id, *types) = SMALL[name]
    folder = place(tmp_path / "files", files)
    directory = recipes.build_recipe(
        recipes.load_recipe(name), tmp_path / "kb", files=folder, progress=False
    )
    kb = KnowledgeBase.open(directory)
    found = kb.lookup(surface)[0]
    assert (found.concept_id, kb.concept(found.concept_id).types) == (concept_id, tuple(types))
    assert kb.manifest.licence == recipes.load_recipe(name).licence
    assert kb.name == name


def test_every_recipe_is_read_here_or_is_a_release_with_tests_of_its_own() -> None:
    assert set(SMALL) | {"umls", "snomed", "default", "full", "genes", "species"} == set(
        recipes.recipe_names()
    )


def test_what_filters_and_types_keep(tmp_path: Path) -> None:
    def built(name: str, **options: Any) -> KnowledgeBase:
        folder = place(tmp_path / f"{name}-files", SMALL[name][0])
        return KnowledgeBase.open(
            recipes.build_recipe(
                recipes.load_recipe(name), tmp_path / "kb", files=folder, progress=False, **options
            )
        )

    hpo = built("hpo")
    assert dict(hpo.types) == {"Modifier": 6, "Phenotype": 2}
    assert "HP:0000001" not in hpo
    assert dict(built("hpo", filters={"types": ["Modifier"]}).types) == {"Modifier": 6}
    assert len(built("doid")) == 1
    assert "CHEBI:50906" not in built("chebi")
    assert "CHEBI:50906" in built("chebi", filters={"branches": ["CHEBI:50906"]})
    assert len(built("mesh", filters={"types": ["Disease"], "suppressed": False})) == 2


def test_filters_that_a_recipe_has_itself_or_cannot_have() -> None:
    with pytest.raises(
        ConfigError, match=r"'hpo' is narrowed by branches itself.*copy its recipe\.json"
    ):
        gather_files(recipes.load_recipe("hpo"), filters={"branches": ["HP:0001250"]})
    with pytest.raises(ConfigError, match="'mesh' cannot be narrowed by languages"):
        gather_files(recipes.load_recipe("mesh"), filters={"languages": ["ENG"]})
    with pytest.raises(ConfigError, match="'hgnc' cannot be narrowed by taxa; leave out 9606"):
        gather_files(recipes.load_recipe("hgnc"), filters={"taxa": ["9606"]})


def test_taxa_choose_the_files_of_genes(tmp_path: Path) -> None:
    row = "{}\t{}\tGENE{}\t-\t-\t-\t-\t-\ta gene\tprotein-coding"
    place(
        tmp_path,
        {
            "Homo_sapiens.gene_info.gz": genes(row.format(9606, 1, 1)),
            "Mus_musculus.gene_info.gz": genes(row.format(10090, 2, 2)),
            "gene_info.gz": genes(
                *(row.format(taxon, taxon, taxon) for taxon in (9606, 9823, 10090))
            ),
        },
    )

    def ids(*taxa: str) -> set[str]:
        gathered = gather_files(
            recipes.load_recipe("ncbi-gene"), filters={"taxa": taxa}, files=tmp_path
        )
        return {concept.id for concept in read_sources(gathered.sources)}

    assert ids() == {"NCBIGene:1"}
    assert ids("10090") == {"NCBIGene:2"}
    assert ids("NCBITaxon:9606", "10090") == {"NCBIGene:1", "NCBIGene:2"}
    assert ids("9606", "9823") == {"NCBIGene:9606", "NCBIGene:9823"}


def test_an_unknown_name_lists_near_ones() -> None:
    with pytest.raises(KnowledgeBaseError, match="no recipe 'mond'; near it are: mondo, or"):
        recipes.load_recipe("mond")
    with pytest.raises(KnowledgeBaseError, match="near it are: ncbi-taxonomy"):
        recipes.load_recipe("taxonomy")
    with pytest.raises(
        KnowledgeBaseError, match="no recipe 'zzz'; give one of: cell-ontology, cellosaurus"
    ):
        recipes.load_recipe("zzz")
    with pytest.raises(
        KnowledgeBaseError, match=r"'mine\.csv' is no recipe; say .* kb build csv mine\.csv -o"
    ):
        recipes.load_recipe("mine.csv")


@pytest.mark.parametrize(
    ("name", "file", "where"),
    [
        ("umls", "META", "https://www.nlm.nih.gov/"),
        ("snomed", "SnomedCT_*", "https://mlds.ihtsdotools.org"),
        ("loinc", "Loinc.csv", "https://loinc.org/downloads/"),
    ],
)
def test_where_a_licence_is_needed_it_says_what_to_place_where(
    cache: Path, name: str, file: str, where: str
) -> None:
    with pytest.raises(KnowledgeBaseError, match="needs a licence") as error:
        gather_files(recipes.load_recipe(name))
    message = str(error.value)
    assert f"place it at {cache / 'terminologies' / name / file}" in message
    assert where in message
    assert recipes.load_recipe(name).sources[0].licence_address in message


def test_placed_releases_are_found_and_the_newest_is_taken(cache: Path) -> None:
    folder = cache / "terminologies" / "snomed"
    for release in ("SnomedCT_International_20250101", "SnomedCT_International_20260101"):
        (folder / release / "Snapshot" / "SnomedCT_inside").mkdir(parents=True)
    source = gather_files(recipes.load_recipe("snomed")).sources[0]
    assert source.path == folder / "SnomedCT_International_20260101"
    place(cache / "terminologies" / "umls", {"2026AA/META/MRCONSO.RRF": ""})
    assert gather_files(recipes.load_recipe("umls")).sources[0].path.parent.name == "2026AA"


def test_files_that_are_not_in_the_folder_given(tmp_path: Path) -> None:
    with pytest.raises(
        KnowledgeBaseError, match=r"There is no .*mondo\.obo; get it from https://purl"
    ) as error:
        gather_files(recipes.load_recipe("mondo"), files=tmp_path)
    assert str(tmp_path / "mondo.obo") in str(error.value)


def test_what_was_unpacked_by_hand_needs_no_archive(tmp_path: Path) -> None:
    files = {name.partition(".zip/")[2]: text for name, text in SMALL["ncbi-taxonomy"][0].items()}
    folder = place(tmp_path / "files", files)
    recipe = recipes.load_recipe("ncbi-taxonomy")
    assert gather_files(recipe, files=folder).sources[0].path == folder / "names.dmp"
    (folder / "merged.dmp").unlink()
    with pytest.raises(KnowledgeBaseError, match=r"There is no .*taxdmp\.zip"):
        gather_files(recipe, files=folder)


def test_files_that_the_parser_looks_for_beside_its_own(site: Any, tmp_path: Path) -> None:
    names = site.put("names.dmp", b"562\t|\tEscherichia coli\t|\t\t|\tscientific name\t|\n")
    nodes = site.put("nodes.dmp", b"562\t|\t561\t|\tspecies\t|\n")
    recipe = own(tmp_path / "own", {"download": names, "beside": [nodes], "parser": "taxonomy"})
    gathered = gather_files(recipe, progress=False)
    assert next(read_sources(gathered.sources)).parents == ("NCBITaxon:561",)


def test_a_recipe_of_ones_own_from_the_web_to_a_knowledge_base(
    site: Any, tmp_path: Path, cache: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    site.put(
        "2026/a.obo",
        obo(term("A:1", "asthma")).replace("data-version", "remark").encode(),
        breaks=[20],
    )
    site.put(
        "names.zip",
        place(tmp_path / "zip", {"names.zip/n/b.tsv": "id\tname\nB:1\tcold\n"})
        .joinpath("names.zip")
        .read_bytes(),
    )
    site.put("maps.tsv", b"subject_id\tpredicate_id\tobject_id\nA:1\tskos:exactMatch\tC:9\n")
    recipe = own(
        tmp_path / "own",
        {"download": f"{site.address}/{{year}}/a.obo", "type": "Disease"},
        {
            "download": [f"{site.address}/none.zip", f"{site.address}/names.zip"],
            "file": "names.zip",
            "members": ["b.tsv"],
            "parser": "tsv",
        },
        {"download": f"{site.address}/maps.tsv", "parser": "sssom"},
        options={"year": "2025"},
    )
    kb = KnowledgeBase.open(recipes.build_recipe(recipe, options={"year": "2026"}))
    assert kb.path == cache / "kb" / "own"
    assert kb.lookup("asthma")[0].concept_id == kb.canonical("C:9")
    assert kb.lookup("cold")[0].concept_id == "B:1"
    assert kb.version == "2026-11-02"
    assert set(kb.manifest.sources) == {"a.obo", "b.tsv", "maps.tsv"}
    assert "Fetching a.obo" in capsys.readouterr().err
    before = len(site.requests)
    recipes.build_recipe(recipe, options={"year": "2026"}, progress=False)
    assert len(site.requests) == before


def test_an_option_that_the_recipe_has_not() -> None:
    with pytest.raises(ConfigError, match="'mesh' has no option 'yaer'; its options are: year"):
        gather_files(recipes.load_recipe("mesh"), options={"yaer": "2026"})
    with pytest.raises(ConfigError, match="its options are: none"):
        gather_files(recipes.load_recipe("mondo"), options={"year": "2026"})


def test_files_beside_the_recipe(tmp_path: Path) -> None:
    recipe = own(tmp_path / "own", {"file": "../table.tsv", "parser": "tsv"})
    with pytest.raises(KnowledgeBaseError, match=r"reads .*table\.tsv, which is not there"):
        gather_files(recipe)
    (tmp_path / "table.tsv").write_text("id\tname\nB:1\tcold\n")
    assert gather_files(recipe).sources[0].path == tmp_path / "table.tsv"


@pytest.mark.parametrize(
    "value", ["../../precious.txt", "/etc/passwd", "..", ".", ".bashrc", "a/b", "a\\b", "a\nb"]
)
@pytest.mark.parametrize("kind", ["download", "licensed"])
def test_an_option_never_leads_to_another_folder(
    cache: Path, tmp_path: Path, value: str, kind: str
) -> None:
    source: dict[str, Any] = {"file": "{release}"}
    source |= (
        {"licensed": True} if kind == "licensed" else {"download": "https://x.invalid/{release}"}
    )
    recipe = own(tmp_path / "own", source, options={"release": "2026"})
    (tmp_path / "precious.txt").write_text("mine")
    with pytest.raises(KnowledgeBaseError, match="has to be a plain name without folders"):
        gather_files(recipe, options={"release": value})
    assert (tmp_path / "precious.txt").read_text() == "mine"


@pytest.mark.parametrize("address", ["https://x.invalid/%2e%2e", "https://x.invalid/a/"])
def test_an_address_never_leads_to_another_folder(
    cache: Path, tmp_path: Path, address: str
) -> None:
    recipe = own(tmp_path / "own", {"download": address})
    with pytest.raises(KnowledgeBaseError, match="has to be a plain name without folders"):
        gather_files(recipe)


def test_a_pipe_beside_the_recipe_is_not_read(tmp_path: Path) -> None:
    recipe = own(tmp_path / "own", {"file": "table.tsv", "parser": "tsv"})
    os.mkfifo(tmp_path / "own" / "table.tsv")
    with pytest.raises(KnowledgeBaseError, match="is a pipe or a device"):
        gather_files(recipe)


@pytest.mark.parametrize("name", ["genes", "species"])
def test_the_tables_of_biopipe_itself(name: str, tmp_path: Path) -> None:
    kb = KnowledgeBase.open(
        recipes.build_recipe(recipes.load_recipe(name), tmp_path / "kb", progress=False)
    )
    assert len(kb) > 100
    assert tuple(kb.types) == recipes.load_recipe(name).types


def test_the_default_recipe_has_no_files_to_gather(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="reads installed packages"):
        gather_files(recipes.load_recipe("default"))
    assert (shipped_folder("dictionaries") / "default" / "recipe.json").is_file()


def test_the_documentation_lists_every_recipe_with_its_licence() -> None:
    path = Path(__file__).resolve().parents[3] / "docs" / "dictionaries.md"
    text = path.read_text(encoding="utf-8")
    rows = [line for line in text.splitlines() if line.startswith("| `biopipe kb build ")]
    listed = {line.split("`")[1].removeprefix("biopipe kb build "): line for line in rows}
    assert set(listed) == set(recipes.recipe_names()) - {"default"}
    for name, row in listed.items():
        for source in recipes.load_recipe(name).sources:
            assert f"]({source.licence_address})" in row
            assert ("place the file" in row) == source.licensed


def test_the_example_of_the_documentation_is_a_recipe(tmp_path: Path) -> None:
    path = Path(__file__).resolve().parents[3] / "docs" / "dictionaries.md"
    example = path.read_text(encoding="utf-8").partition("```json\n")[2].partition("```")[0]
    (tmp_path / "recipe.json").write_text(example)
    recipe = recipes.load_recipe(tmp_path)
    place(
        tmp_path / "files",
        {
            "mondo.obo": obo(
                term("MONDO:0003847", "hereditary disease"),
                term("MONDO:1", "x", "is_a: MONDO:0003847"),
            )
        },
    )
    (tmp_path / "names.tsv").write_text("id\tname\nOURS:1\tthe x of our clinic\n")
    (tmp_path / "ours-mondo.sssom.tsv").write_text(
        "subject_id\tpredicate_id\tobject_id\nOURS:1\tskos:exactMatch\tMONDO:1\n"
    )
    kb = KnowledgeBase.open(
        recipes.build_recipe(recipe, tmp_path / "kb", files=tmp_path / "files", progress=False)
    )
    assert kb.lookup("the X of our clinic")[0].concept_id == kb.lookup("x")[0].concept_id
