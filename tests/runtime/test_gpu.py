"""What keeps a GPU from being used, in processes that see packages and libraries made for the
test.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from biopipe.errors import DeviceError
from biopipe.runtime.device import Device
from biopipe.runtime.gpu import check_gpu, driver_problem

DRIVER = """
int cuInit(unsigned flags) { return INIT; }
int cuDeviceGetCount(int *count) { *count = 2; return 0; }
int cuDeviceGet(int *card, int index) { *card = index; return 0; }
int cuDeviceTotalMem_v2(unsigned long *size, int card) { *size = 24UL << 30; return 0; }
"""
needs_compiler = pytest.mark.skipif(
    shutil.which("cc") is None or not sys.platform.startswith("linux"),
    reason="needs a C compiler on Linux",
)


def _python(code: str, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def _compile(code: str, target: Path, *options: str) -> Path:
    source = target.with_suffix(".c")
    source.write_text(code)
    subprocess.run(["cc", "-shared", "-fPIC", "-o", str(target), str(source), *options], check=True)
    return target


def _package(folder: Path, name: str) -> None:
    about = folder / f"{name.replace('-', '_')}-9.9.9.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 9.9.9\n")


def test_both_packages_of_onnxruntime_are_an_error_of_a_gpu_and_a_note_elsewhere(
    tmp_path: Path,
) -> None:
    _package(tmp_path, "onnxruntime-gpu")
    _package(tmp_path, "onnxruntime")
    broken = tmp_path / "broken.onnx"
    broken.write_bytes(b"no graph")
    code = """
import os
from biopipe.errors import DeviceError, ModelError
from biopipe.runtime.device import parse_device
from biopipe.runtime.gpu import check_gpu, package_conflict
from biopipe.runtime.session import Session
from pathlib import Path
print(package_conflict())
for device in ("cuda", "tensorrt:1"):
    try:
        check_gpu(parse_device(device))
    except DeviceError as error:
        print(error)
try:
    Session(Path(os.environ["GRAPH"])).outputs
except ModelError as error:
    print(error)
"""
    note, *errors = _python(code, PYTHONPATH=str(tmp_path), GRAPH=str(broken)).splitlines()
    assert note.startswith(
        "the packages onnxruntime 9.9.9 and onnxruntime-gpu 9.9.9 are both installed and"
    )
    assert "pip uninstall -y onnxruntime onnxruntime-gpu, then pip install" in note
    assert [error.split("'")[1] for error in errors[:2]] == ["cuda:0", "tensorrt:1"]
    assert all(note in error for error in errors)


def test_one_package_is_no_conflict(tmp_path: Path) -> None:
    code = "from biopipe.runtime.gpu import package_conflict; print(package_conflict())"
    assert _python(code) == "None"


def test_a_package_that_is_only_there_in_part_is_said_to_be(tmp_path: Path) -> None:
    # What pip leaves when one of two packages that share a folder is uninstalled: the folder
    # without the package.
    (tmp_path / "onnxruntime").mkdir()
    (tmp_path / "onnxruntime" / "__init__.py").touch()
    code = """
from pathlib import Path
from biopipe.errors import ModelError
from biopipe.runtime.session import Session
try:
    Session(Path("model.onnx")).outputs
except ModelError as error:
    print(error)
"""
    said = _python(code, PYTHONPATH=str(tmp_path))
    assert said.startswith("The package onnxruntime is only there in part; pip uninstall")


@needs_compiler
def test_the_driver_is_asked_how_many_gpus_there_are(tmp_path: Path) -> None:
    _compile(DRIVER.replace("INIT", "0"), tmp_path / "libcuda.so.1")
    code = (
        "from biopipe.runtime.gpu import *; "
        "print(driver_problem(1), driver_problem(2), card_memory(0) >> 30)"
    )
    assert _python(code, LD_LIBRARY_PATH=str(tmp_path)) == (
        "None there is no GPU number 2, the driver finds 2, numbered from 0 24"
    )


@needs_compiler
def test_a_driver_without_a_gpu_says_its_error(tmp_path: Path) -> None:
    _compile(DRIVER.replace("INIT", "100"), tmp_path / "libcuda.so.1")
    code = "from biopipe.runtime.gpu import *; print(driver_problem(0), card_memory(0))"
    said = _python(code, LD_LIBRARY_PATH=str(tmp_path))
    assert said == "the NVIDIA driver finds no GPU it can use (cuInit gives CUDA error 100) 0"


@needs_compiler
def test_the_library_that_a_provider_misses_is_named(tmp_path: Path) -> None:
    needed = _compile(
        "int needed(void) { return 1; }",
        tmp_path / "libcublasLt.so.99",
        "-Wl,-soname,libcublasLt.so.99",
    )
    code = "int needed(void); int provider(void) { return needed(); }"
    provider = _compile(code, tmp_path / "libprovider.so", f"-L{tmp_path}", "-l:libcublasLt.so.99")
    ask = f"from biopipe.runtime.gpu import *; print(missing_library(Path({str(provider)!r})))"
    ask = f"from pathlib import Path; {ask}"
    assert _python(ask, LD_LIBRARY_PATH=str(tmp_path)) == "None"
    needed.unlink()
    assert _python(ask, LD_LIBRARY_PATH=str(tmp_path)) == "libcublasLt.so.99"


@pytest.mark.skipif(driver_problem(0) is None, reason="a GPU is at hand")
def test_here_the_error_names_the_package_and_the_driver() -> None:
    with pytest.raises(DeviceError) as caught:
        check_gpu(Device("cuda"))
    said = str(caught.value)
    assert said.startswith("The device 'cuda:0' cannot be used: ")
    assert "NVIDIA driver" in said
    assert "pip install 'onnxruntime-gpu[cuda,cudnn]'" in said
    assert said.endswith("; or use --device cpu.")
