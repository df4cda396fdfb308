"""Why a GPU cannot be used: which package, driver or library is missing."""

import ctypes
import re
import sys
from contextlib import redirect_stdout
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import onnxruntime as ort

from biopipe.errors import DeviceError
from biopipe.runtime.device import Device

__all__ = ["card_memory", "check_gpu", "driver_problem", "missing_library", "package_conflict"]

_CURE = (
    "pip uninstall -y onnxruntime onnxruntime-gpu, then pip install 'onnxruntime-gpu[cuda,cudnn]'"
)
_DRIVER = "nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1"
_PROVIDERS = {"cuda": "CUDAExecutionProvider", "tensorrt": "TensorrtExecutionProvider"}


def check_gpu(device: Device) -> None:
    """DeviceError naming everything that keeps `device` from being used; nothing where all is
    there.
    """
    problems = [
        problem for problem in (_package_problem(device), driver_problem(device.index)) if problem
    ]
    if not problems and (missing := missing_library(_provider_library(device))):
        source = "pip install tensorrt" if missing.startswith("libnv") else _CURE
        problems = [f"the library {missing} cannot be loaded ({source})"]
    if problems:
        raise DeviceError(
            f"The device '{device.name}' cannot be used: {'; '.join(problems)}; or use --device "
            "cpu."
        )


def package_conflict() -> str | None:
    """What to say where the two packages of ONNX Runtime are both installed; None where one is."""
    cpu, gpu = _installed("onnxruntime"), _installed("onnxruntime-gpu")
    if not cpu or not gpu:
        return None
    return (
        f"the packages onnxruntime {cpu} and onnxruntime-gpu {gpu} are both installed and "
        "overwrite each other's "
        f"files ({_CURE})"
    )


def _installed(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _package_problem(device: Device) -> str | None:
    if conflict := package_conflict():
        return conflict
    if _PROVIDERS[device.kind] in ort.get_available_providers():
        return None
    if _installed("onnxruntime-gpu"):
        return f"the package onnxruntime-gpu has no {_PROVIDERS[device.kind]} on this platform"
    return (
        f"the package onnxruntime has no {_PROVIDERS[device.kind]}, onnxruntime-gpu has ({_CURE})"
    )


def driver_problem(index: int) -> str | None:
    """What keeps card number `index` from being reached through the NVIDIA driver; None where
    nothing does.

    Asks the driver itself (cuInit, cuDeviceGetCount of the CUDA driver API), as ONNX Runtime's own
    errors do not tell a missing driver from a missing card.
    """
    try:
        driver = ctypes.CDLL(_DRIVER)
    except OSError:
        return f"the NVIDIA driver is not installed ({_DRIVER} cannot be loaded)"
    if code := driver.cuInit(0):
        return f"the NVIDIA driver finds no GPU it can use (cuInit gives CUDA error {code})"
    count = ctypes.c_int(0)
    if code := driver.cuDeviceGetCount(ctypes.byref(count)):
        return f"the NVIDIA driver counts no GPUs (cuDeviceGetCount gives CUDA error {code})"
    if index >= count.value:
        return f"there is no GPU number {index}, the driver finds {count.value}, numbered from 0"
    return None


def _provider_library(device: Device) -> Path:
    return Path(ort.__file__).parent / "capi" / f"libonnxruntime_providers_{device.kind}.so"


def missing_library(provider: Path) -> str | None:
    """The first shared library that `provider` needs and the system does not find; None where it
    finds all.
    """
    if not provider.is_file():
        return None
    _preload()
    try:
        ctypes.CDLL(str(provider))
    except OSError as error:
        # Anything else, such as symbols that ONNX Runtime brings along, is not for us to judge.
        match = re.match(r"(\S+): cannot open shared object file", str(error))
        return match.group(1) if match else None
    return None


@lru_cache(maxsize=1)
def _preload() -> None:
    """Load the CUDA libraries that pip installed, which are on no path of the loader."""
    if (Path(ort.__file__).parents[1] / "nvidia").is_dir() and hasattr(ort, "preload_dlls"):
        with redirect_stdout(sys.stderr):  # it prints what it misses
            ort.preload_dlls()


def card_memory(index: int) -> int:
    """Bytes of memory of a card that is there, 0 where the driver does not say."""
    driver = ctypes.CDLL(_DRIVER)
    card, size = ctypes.c_int(0), ctypes.c_size_t(0)
    if driver.cuInit(0) or driver.cuDeviceGet(ctypes.byref(card), index):
        return 0
    return 0 if driver.cuDeviceTotalMem_v2(ctypes.byref(size), card) else int(size.value)
