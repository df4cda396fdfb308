"""`biopipe kb`."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from biopipe.cli import kb
from biopipe.cli.errors import ErrorGroup
from biopipe.extras import shipped_folder
from biopipe.kb.build.formats import TERMINOLOGY_FORMATS
from biopipe.kb.manifest import load_kb_manifest, write_kb_manifest
from biopipe.linking.biencoder import DEFAULT_BIENCODER

app = typer.Typer(cls=ErrorGroup)
app.add_typer(kb.app, name="kb")


@app.callback()
def _root() -> None: ...


def biopipe(*arguments: object) -> Result:
    """Runs `biopipe kb`; builds make vectors only where a test asks for them, whatever models are
    installed.
    """
    vectors = any(
        str(argument) in ("--encoder", "--dense", "--no-dense", "default") for argument in arguments
    )
    if arguments[0] == "build" and not vectors:
        arguments = (*arguments, "--no-dense")
    return CliRunner().invoke(app, ["kb", *map(str, arguments)])


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "small.tsv"
    path.write_text(
        "id\tname\tsynonyms\ttypes\nX:1\tasthma\ta|b|c|d|e|f\tDisease\nX:2\tcold\t\tDisease\n"
    )
    return path


@pytest.fixture
def built(table: Path, tmp_path: Path) -> Path:
    result = biopipe(
        "build", "tsv", table, "-o", tmp_path / "kb", "--version", "2", "--licence", "CC0"
    )
    assert result.exit_code == 0, result.output
    return tmp_path / "kb"


def test_build_says_what_it_built(table: Path, tmp_path: Path) -> None:
    result = biopipe("build", "tsv", table, "-o", tmp_path / "kb")
    assert result.exit_code == 0
    assert result.stdout.startswith(f"{tmp_path / 'kb'}: 2 concepts, 8 names, ")
    assert len(result.stdout.splitlines()) == 1


def test_build_joins_several_files(table: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.tsv"
    other.write_text("id\tname\nX:1\tAsthma bronchiale\nX:3\tflu\n")
    assert biopipe("build", "tsv", table, other, "-o", tmp_path / "kb").exit_code == 0
    found = json.loads(biopipe("search", tmp_path / "kb", "asthma bronchiale", "--json").stdout)
    assert [concept["id"] for concept in found] == ["X:1"]
    sources = json.loads(biopipe("info", tmp_path / "kb", "--json").stdout)["sources"]
    assert {name: len(sha256) for name, sha256 in sources.items()} == {
        "small.tsv": 64,
        "other.tsv": 64,
    }


@pytest.mark.parametrize(
    ("format", "text", "version"),
    [
        (
            "jsonl",
            '{"concept_id": "X:1", "canonical_name": "asthma", "aliases": []}\n',
            "not stated",
        ),
        ("obo", "data-version: v9\n\n[Term]\nid: X:1\nname: asthma\n", "v9"),
    ],
)
def test_build_other_formats(tmp_path: Path, format: str, text: str, version: str) -> None:
    source = tmp_path / "source"
    source.write_text(text)
    assert biopipe("build", format, source, "-o", tmp_path / "kb").exit_code == 0
    about = json.loads(biopipe("info", tmp_path / "kb", "--json").stdout)
    assert (about["name"], about["version"], about["counts"]["concepts"]) == ("kb", version, 1)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ("build", "obograf", "x", "-o", "y"),
            "Unknown format 'obograf'; give one of: obograph, obo, tsv,",
        ),
        (("build", "tsv", "-o", "y"), "needs at least one SOURCE and -o DIR"),
        (("build", "tsv", "x.tsv"), "needs at least one SOURCE and -o DIR"),
        (("build", "tsv", "no.tsv", "-o", "y"), "There is no file 'no.tsv'"),
        (("build", "default", "x.tsv"), "There is no file 'x.tsv'"),
        (("build", "default", "obo:x", "--option", "a=b"), "--option a=b is for recipes"),
        (("build", "tsv", "x", "-o", "y", "--option", "a=b"), "--option a=b is for recipes"),
        (("build", "default", "--types", "Disease"), "cannot be narrowed by types"),
        (("build", "default", "--name", "mine"), "are for files of your own on top of it"),
        (("info", "nowhere"), "There is no knowledge base folder"),
        (("search", "nowhere", "x"), "There is no knowledge base folder"),
    ],
)
def test_errors_are_one_sentence(
    arguments: tuple[str, ...], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = biopipe(*arguments)
    assert result.exit_code == 1
    assert result.stdout == ""
    assert message in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


def test_a_failed_build_leaves_nothing(tmp_path: Path) -> None:
    source = tmp_path / "bad.tsv"
    source.write_text("id\tname\nX:1\tone\nX:2\t\n")
    result = biopipe("build", "tsv", source, "-o", tmp_path / "kb")
    assert result.exit_code == 1
    assert "bad.tsv, line 3, has no name" in result.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["bad.tsv"]


def test_a_base_is_replaced_only_with_force(table: Path, built: Path) -> None:
    manifest = (built / "manifest.json").read_bytes()
    for arguments in (("tsv", table), ("default",), ("genes",)):
        refused = biopipe("build", *arguments, "-o", built)
        assert refused.exit_code == 1
        assert refused.stderr == f"Error: {built} is there already; give --force to replace it.\n"
        assert (built / "manifest.json").read_bytes() == manifest
    table.write_text("id\tname\nX:9\tflu\n")
    assert biopipe("build", "tsv", table, "-o", built, "--force").exit_code == 0
    assert ids(built, "flu") == ["X:9"]


def test_info(built: Path) -> None:
    about = json.loads(biopipe("info", built, "--json").stdout)
    assert (about["name"], about["version"], about["licence"]) == ("kb", "2", "CC0")
    assert about["counts"] == {"concepts": 2, "replaced": 0, "names": 8, "edges": 0}
    assert about["types"] == {"Disease": 2}
    text = biopipe("info", built).stdout
    assert "licence:    CC0" in text
    assert "concepts 2" in text


def test_info_verify_finds_an_altered_file(built: Path) -> None:
    names = built / "names.arrow"
    names.write_bytes(names.read_bytes()[:-1] + b"x")
    result = biopipe("info", built, "--verify")
    assert result.exit_code == 1
    assert "names.arrow is not the one its manifest names" in result.stderr


def test_search(built: Path) -> None:
    assert (
        biopipe("search", built, "Asthma").stdout
        == "0.95  X:1  asthma [Disease]; also a, b, c, d, e and 1 more\n"
    )
    assert biopipe("search", built, "X:2").stdout == "1.00  X:2  cold [Disease]\n"
    nothing = biopipe("search", built, "unheard-of")
    assert (nothing.exit_code, nothing.stdout) == (
        0,
        "No concept of kb has the name 'unheard-of'.\n",
    )
    assert json.loads(biopipe("search", built, "unheard-of", "--json").stdout) == []


MEDIC = "D001249|600807||Asthma|Bronchial Asthma\nD008171||Lung Diseases\n"
ONTOLOGY = (
    "data-version: v9\n\n[Term]\nid: DOID:2841\nname: asthma\nis_a: DOID:1\n"
    'synonym: "asthmatic disorder" EXACT []\n\n[Term]\nid: DOID:1\nname: lung disease\n'
)
MAPPINGS = (
    "subject_id\tpredicate_id\tobject_id\nmesh:D001249\tskos:exactMatch\tDOID:2841\n"
    "mesh:D008171\tskos:closeMatch\tDOID:1\nmesh:D008171\tskos:exactMatch\tDOID:2841\n"
)
GENES = (
    "#tax_id\tGeneID\tSymbol\tSynonyms\tdescription\n9606\t7157\tTP53\tP53\ttumor protein p53\n"
    "10090\t22059\tTrp53\tp53\ttransformation related protein 53\n"
)


@pytest.fixture
def files(tmp_path: Path) -> Path:
    names = {"medic.txt": MEDIC, "doid.obo": ONTOLOGY, "maps.tsv": MAPPINGS, "gene_info": GENES}
    for name, text in names.items():
        (tmp_path / name).write_text(text)
    return tmp_path


def ids(directory: Path, name: str, *options: str) -> list[str]:
    result = biopipe("search", directory, name, "--json", "-k", 0, *options)
    assert result.exit_code == 0, result.output
    return [concept["id"] for concept in json.loads(result.stdout)]


@pytest.mark.parametrize("close", [False, True])
def test_build_joins_formats_by_mappings(files: Path, close: bool) -> None:
    options = ("--mappings", files / "maps.tsv", *(["--close-matches"] if close else []))
    sources = (files / "medic.txt", f"obo:{files / 'doid.obo'}")
    result = biopipe(
        "build", "medic", *sources, *options, "--type", "doid.obo=Disorder", "-o", files / "kb"
    )
    assert result.exit_code == 0, result.output
    assert f"Mappings join {2 if close else 1} concepts to others." in result.stderr
    assert "1 mappings between two concepts of one vocabulary were passed over." in result.stderr
    assert ids(files / "kb", "asthmatic disorder") == ["MESH:D001249"]
    assert ids(files / "kb", "lung disease") == (
        ["MESH:D008171"] if close else ["DOID:1", "MESH:D008171"]
    )
    assert ids(files / "kb", "OMIM:600807") == ["OMIM:600807", "MESH:D001249"]
    about = json.loads(biopipe("info", files / "kb", "--json").stdout)
    assert about["types"] == {"Disease": 2, "Disorder": 2}
    assert about["version"] == "medic.txt: not stated; doid.obo: v9"
    assert about["licence"].startswith("medic.txt: free for research")


def test_every_source_may_name_its_format(files: Path) -> None:
    result = biopipe(
        "build", f"medic:{files / 'medic.txt'}", f"obo:{files / 'doid.obo'}", "-o", files / "kb"
    )
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith(f"{files / 'kb'}: 4 concepts, 6 names, ")


def test_filters(files: Path) -> None:
    assert (
        biopipe(
            "build", "ncbi-gene", files / "gene_info", "--taxon", "9606", "-o", files / "genes"
        ).exit_code
        == 0
    )
    assert ids(files / "genes", "p53") == ["NCBIGene:7157"]
    built = biopipe(
        "build", "obo", files / "doid.obo", "--branch", "DOID:2841", "-o", files / "branch"
    )
    assert built.stdout.startswith(f"{files / 'branch'}: 1 concepts, 2 names, ")
    both = (f"medic:{files / 'medic.txt'}", f"ncbi-gene:{files / 'gene_info'}")
    assert (
        biopipe(
            "build", *both, "--types", "Gene,Disease", "--taxon", "10090", "-o", files / "both"
        ).exit_code
        == 0
    )
    assert ids(files / "both", "p53") == ["NCBIGene:22059"]
    assert ids(files / "both", "asthma", "--types", "Disease") == ["MESH:D001249"]
    assert ids(files / "both", "asthma", "--types", "Gene") == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ("medic", "medic.txt", "--types", "Diseese"),
            "No concept is of the type 'Diseese'; near it are: Disease",
        ),
        (
            ("obo", "doid.obo", "--branch", "DOID:9"),
            "There is no concept 'DOID:9' to be a branch; near it are: DOID:1",
        ),
        (
            ("medic", "medic.txt", "--taxon", "9606"),
            "The format 'medic' cannot be narrowed by taxa; it can be by",
        ),
        (
            ("medic", "medic.txt", "--mappings", "doid.obo"),
            "doid.obo, line 1, has no column 'subject_id'",
        ),
        (
            ("medic", "medic.txt", "--type", "x.obo=T"),
            "--type names the file 'x.obo', which is none of the sources",
        ),
        (
            ("medic", "medic.txt", "--type", "=T"),
            "--type '=T' names no type; give TYPE or FILE=TYPE.",
        ),
        (
            ("medic:medic.txt", "doid.obo"),
            "The source 'doid.obo' has no format; give it as FORMAT:doid.obo.",
        ),
        (("umls", "nowhere"), "There is no file 'nowhere'"),
        (("medic", "medic.txt", "--no-dense", "--encoder", "e"), "--no-dense forbids them"),
        (("medic", "medic.txt", "--encoder", "no-such-model"), "no-such-model"),
        (("nothing-known",), "There is no recipe 'nothing-known'"),
        (("go", "--option", "x"), "--option 'x' has no value; give NAME=VALUE."),
    ],
)
def test_build_errors_are_one_sentence(
    files: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], message: str
) -> None:
    monkeypatch.chdir(files)
    result = biopipe("build", *arguments, "-o", "kb")
    assert result.exit_code == 1
    assert message in result.stderr
    assert result.stdout == ""
    assert not (files / "kb").exists()


def write_recipe(folder: Path, **more: object) -> Path:
    source = {
        "name": "s",
        "holds": "h",
        "ids": "MESH",
        "parser": "medic",
        "address": "https://x.org",
        "licence": "L",
    }
    recipe = {"format": 1, "name": "mine", "title": "T", "build": "b", "good_for": "g"}
    recipe["sources"] = [source | more]
    (folder / "recipe.json").write_text(json.dumps(recipe))
    return folder / "recipe.json"


def test_a_recipe_is_built_by_its_path(files: Path) -> None:
    """A recipe that has its file beside it, so that nothing is fetched."""
    recipe = write_recipe(files, file="medic.txt")
    result = biopipe("build", recipe, "--types", "Disease", "-o", files / "kb")
    assert result.exit_code == 0, result.output
    about = json.loads(biopipe("info", files / "kb", "--json").stdout)
    assert (about["name"], about["counts"]["concepts"]) == ("mine", 2)
    assert "L" in about["licence"]


def test_a_recipe_reads_the_files_of_a_folder(files: Path, tmp_path: Path) -> None:
    recipe = write_recipe(files, download=["https://nowhere.invalid/medic.txt"])
    result = biopipe("build", recipe, "--files", files, "-o", tmp_path / "kb")
    assert result.exit_code == 0, result.output
    assert ids(tmp_path / "kb", "asthma") == ["MESH:D001249"]
    result = biopipe("build", recipe, "--files", tmp_path / "none", "-o", tmp_path / "other")
    assert result.exit_code == 1
    assert f"There is no {tmp_path / 'none' / 'medic.txt'}" in result.output
    assert not (tmp_path / "other").exists()


def test_search_goes_on_to_similar_names(files: Path) -> None:
    assert biopipe("build", "medic", files / "medic.txt", "-o", files / "kb").exit_code == 0
    lines = biopipe("search", files / "kb", "Asthmaa").stdout.splitlines()
    assert lines[:2] == ["No concept of kb has the name 'Asthmaa'.", "with similar spelling:"]
    assert lines[2].endswith("  MESH:D001249  Asthma [Disease]; also Bronchial Asthma")
    lines = biopipe("search", files / "kb", "bronchial asthmas").stdout.splitlines()
    assert len(lines) == 1, "a concept is shown once"
    (similar,) = json.loads(biopipe("search", files / "kb", "bronchial asthmaa", "--json").stdout)
    assert (similar["by"], similar["matched"], similar["id"]) == (
        "spelling",
        "Bronchial Asthma",
        "MESH:D001249",
    )
    assert 0 < similar["score"] < 1
    assert biopipe("search", files / "kb", "Asthmaa", "-k", 0).stdout.startswith("No concept of kb")


def test_search_shows_where_a_retired_id_leads(files: Path) -> None:
    assert biopipe("build", "medic", files / "medic.txt", "-o", files / "kb").exit_code == 0
    assert biopipe("search", files / "kb", "OMIM:600807").stdout.splitlines() == [
        "1.00  OMIM:600807  Asthma (replaced by MESH:D001249)",
        "1.00  MESH:D001249  Asthma [Disease]; also Bronchial Asthma",
    ]


def test_vectors_by_the_shipped_encoder(files: Path) -> None:
    if not (shipped_folder("models") / DEFAULT_BIENCODER).is_dir():
        pytest.skip(f"the model {DEFAULT_BIENCODER} is not in this checkout")
    built = biopipe("build", "medic", files / "medic.txt", "--dense", "-o", files / "kb")
    assert built.exit_code == 0, built.output
    about = json.loads(biopipe("info", files / "kb", "--json").stdout)["encoder"]
    assert about["name"] == DEFAULT_BIENCODER
    assert f"encoder:    name {DEFAULT_BIENCODER}" in biopipe("info", files / "kb").stdout
    found = json.loads(biopipe("search", files / "kb", "pulmonary disorder", "--json").stdout)
    assert [(each["by"], each["id"]) for each in found][:1] == [("meaning", "MESH:D008171")]


def test_vectors_of_an_encoder_that_is_gone(files: Path) -> None:
    if not (shipped_folder("models") / DEFAULT_BIENCODER).is_dir():
        pytest.skip(f"the model {DEFAULT_BIENCODER} is not in this checkout")
    assert (
        biopipe("build", "medic", files / "medic.txt", "--dense", "-o", files / "kb").exit_code == 0
    )
    manifest = load_kb_manifest(files / "kb")
    write_kb_manifest(
        files / "kb", replace(manifest, encoder={**manifest.encoder, "name": "a-lost-model"})
    )
    result = biopipe("search", files / "kb", "asthma")
    assert result.exit_code == 0
    assert "Not searched by meaning: " in result.stderr
    assert "a-lost-model" in result.stderr
    assert result.stdout.startswith("0.95  MESH:D001249  Asthma")
    asked = biopipe("search", files / "kb", "asthma", "--encoder", "a-lost-model")
    assert (asked.exit_code, asked.stdout) == (1, "")


def test_formats() -> None:
    lines = biopipe("formats").stdout.splitlines()
    assert [line.split(" ")[0] for line in lines] == list(TERMINOLOGY_FORMATS)
    assert json.loads(biopipe("formats", "--json").stdout)["ncbi-gene"]["filters"] == ["taxa"]


@pytest.fixture
def joined(tmp_path: Path) -> Path:
    table = tmp_path / "joined.csv"
    table.write_text(
        "id,name,synonyms,types,xrefs\n"
        "MESH:D001249,Asthma,,Disease,MONDO:0004979|HP:0002099\n"
        "MESH:D2,Cold,,Disease or Syndrome,\n"
    )
    assert biopipe("build", "csv", table, "-o", tmp_path / "joined").exit_code == 0
    return tmp_path / "joined"


@pytest.mark.parametrize("id_", ["MESH:D001249", "D001249", "MONDO:0004979", "0002099"])
def test_search_and_info_by_any_id(joined: Path, id_: str) -> None:
    (concept,) = json.loads(biopipe("search", joined, id_, "--json").stdout)
    assert (concept["id"], concept["by"]) == ("MESH:D001249", "id")
    assert concept["xrefs"] == ["MONDO:0004979", "HP:0002099"]
    about = json.loads(biopipe("info", joined, id_, "--json").stdout)
    assert (about["id"], about["name"]) == ("MESH:D001249", "Asthma")
    assert "MONDO:0004979, HP:0002099" in biopipe("info", joined, id_).stdout


def test_what_is_a_name_and_an_id_without_prefix(tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    table.write_text("id,name,synonyms\nLINE:1,HEK293,293\nHGNC:293,ADD1,\n")
    assert biopipe("build", "csv", table, "-o", tmp_path / "kb").exit_code == 0
    found = json.loads(biopipe("search", tmp_path / "kb", "293", "--json").stdout)
    assert [(concept["id"], concept["by"]) for concept in found] == [
        ("LINE:1", "name"),
        ("HGNC:293", "id"),
    ]


def test_ids_of_the_system_that_is_preferred(joined: Path) -> None:
    (concept,) = json.loads(biopipe("search", joined, "asthma", "--json", "--prefer", "HP").stdout)
    assert concept["id"] == "HP:0002099"
    result = biopipe("search", joined, "asthma", "--prefer", "MOND")
    assert "no ids of the system 'MOND'; near it are: MONDO" in result.stderr
    systems = json.loads(biopipe("info", joined, "--json").stdout)["systems"]
    assert systems == {"MESH": 2, "MONDO": 1, "HP": 1}


def test_info_of_an_id_that_is_not_there(joined: Path) -> None:
    result = biopipe("info", joined, "MESH:D9")
    assert result.exit_code == 1
    assert "no concept with the id 'MESH:D9'; its systems of ids are: MESH" in result.stderr


@pytest.mark.parametrize("type_", ["DISO", "T047", "disease or syndrome"])
def test_search_by_semantic_type_or_group(joined: Path, type_: str) -> None:
    (concept,) = json.loads(biopipe("search", joined, "cold", "--json", "--types", type_).stdout)
    assert concept["id"] == "MESH:D2"
