"""Out of memory, made by a real limit: ONNX Runtime's arena on the CPU is the one that CUDA's
memory is kept in.
"""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from biopipe.errors import DeviceError, InputError
from biopipe.runtime.memory import Fitting, is_out_of_memory

# An arena of so many MB in the place of biopipe's own: all sessions of the process allocate from
# it.
LIMITED = """
import sys, warnings
import numpy as np, onnxruntime as ort
from pathlib import Path
from biopipe.runtime.session import Session, _shared_arena
_shared_arena()
place = ort.OrtMemoryInfo("Cpu", ort.OrtAllocatorType.ORT_ARENA_ALLOCATOR, 0, ort.OrtMemType.DEFAULT)
limit = {"max_mem": int(float(sys.argv[2]) * 2**20), "arena_extend_strategy": 1}
ort.create_and_register_allocator(place, ort.OrtArenaCfg(limit))
warnings.simplefilter("always")
session = Session(Path(sys.argv[1]), threads=1)
def feed(rows, length=100):
    ids = (np.arange(rows * length) % 90 + 5).reshape(rows, length)
    return {"input_ids": ids, "attention_mask": np.ones_like(ids)}
"""


def _limited(model: Path, megabytes: float, code: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", LIMITED + code, str(model / "model.onnx"), str(megabytes)]
    return subprocess.run(command, capture_output=True, text=True, timeout=300)


def test_batches_that_do_not_fit_are_halved_and_the_size_that_fits_is_kept_to(
    tiny_tagger: Path,
) -> None:
    code = """
whole = session.run([feed(64)])[0][0]
learned = session._opened().run.most_tokens
alone = np.concatenate([session.run([{k: v[i:i+1] for k, v in feed(64).items()}])[0][0] for i in range(64)])
np.testing.assert_allclose(whole, alone, atol=1e-5)
session.run([feed(32), feed(40, 50)])
print(whole.shape, 0 < learned < 6400, session._opened().run.most_tokens == learned)
"""
    done = _limited(tiny_tagger, 16, code)
    assert done.stdout == "(64, 100, 13) True True\n", done.stderr
    assert "64 windows of 100 tokens did not fit into the memory of cpu" in done.stderr
    assert "onnxruntime" not in done.stderr


def test_a_single_window_that_does_not_fit_is_an_error_of_one_sentence(tiny_tagger: Path) -> None:
    done = _limited(tiny_tagger, 8, "session.run([feed(2, 512)])")
    error = done.stderr.strip().splitlines()[-1]
    assert error.startswith(
        "biopipe.errors.DeviceError: A single window of 512 tokens does not fit into the memory "
        "of cpu"
    )


def test_what_cannot_be_halved_is_an_error_of_its_document(tiny_relations: Path) -> None:
    code = """
sizes = {"windows": 4, "tokens": 512, "pairs": 2, "concepts": 2, "mentions": 1}
kinds = {"tensor(float)": np.float32, "tensor(int64)": np.int64}
inputs = session._opened().session.get_inputs()
session.run([{i.name: np.ones([sizes.get(axis, axis) for axis in i.shape], kinds[i.type]) for i in inputs}])
"""
    done = _limited(tiny_relations, 8, code)
    error = done.stderr.strip().splitlines()[-1]
    assert error.startswith(
        "biopipe.errors.InputError: A document of 4 windows of 512 tokens does not fit"
    )


@pytest.mark.parametrize(
    "text",
    [
        "bfc_arena.cc:376 void* onnxruntime::BFCArena::AllocateRawInternal(...) Failed to "
        "allocate memory for "
        "requested buffer of size 8388608000",
        "bfc_arena.cc:360 Available memory of 13108992 is smaller than requested bytes of "
        "150994944",
        "CUDA failure 2: out of memory ; GPU=0 ; hostname=x ; file=cuda_call.cc ; "
        "expr=cudaMalloc((void**)&p, size)",
        "CUBLAS failure 3: CUBLAS_STATUS_ALLOC_FAILED ; GPU=0 ; expr=cublasCreate(&cublas_handle_)",
        "std::bad_alloc",
    ],
)
def test_the_ways_in_which_memory_runs_out(text: str) -> None:
    assert is_out_of_memory(RuntimeError(f"[ONNXRuntimeError] : 6 : RUNTIME_EXCEPTION : {text}"))


def test_other_errors_are_passed_on() -> None:
    for text in ("CUDA failure 700: an illegal memory access was encountered", "INVALID_ARGUMENT"):
        assert not is_out_of_memory(RuntimeError(text))

    def broken(feed: object, outputs: object) -> list[np.ndarray]:
        raise RuntimeError("CUDA failure 700: an illegal memory access was encountered")

    with pytest.raises(RuntimeError, match="illegal"):
        Fitting(broken, rows_apart=True, device="cuda:0")({"ids": np.ones((4, 4))}, None)


@pytest.mark.parametrize("room", [1, 2, 3, 7, 12, 64])
def test_rows_come_back_in_order_whatever_fits(room: int) -> None:
    runs: list[int] = []

    def run(feed: dict[str, np.ndarray], outputs: object) -> list[np.ndarray]:
        runs.append(len(feed["ids"]))
        if len(feed["ids"]) > room:
            raise RuntimeError("CUDA failure 2: out of memory")
        return [feed["ids"] * 2, feed["ids"][:, 0]]

    fitting = Fitting(run, rows_apart=True, device="cuda:0")
    ids = np.arange(64 * 3).reshape(64, 3)
    if room < 64:
        with pytest.warns(UserWarning, match="did not fit into the memory of cuda:0"):
            found = fitting({"ids": ids}, None)
    else:
        found = fitting({"ids": ids}, None)
    np.testing.assert_array_equal(found[0], ids * 2)
    np.testing.assert_array_equal(found[1], ids[:, 0])
    runs.clear()
    fitting({"ids": ids}, None)
    assert max(runs) <= room


def test_errors_say_what_to_do() -> None:
    def full(feed: object, outputs: object) -> list[np.ndarray]:
        raise RuntimeError("CUDA failure 2: out of memory")

    with pytest.raises(
        DeviceError, match=r"single window of 9 tokens.*cuda:1; free memory.*--device cpu"
    ):
        Fitting(full, rows_apart=True, device="cuda:1")({"ids": np.ones((1, 9))}, None)
    with pytest.raises(
        InputError, match=r"3 windows of 9 tokens.*cuda:1.*this document with --device cpu"
    ):
        Fitting(full, rows_apart=False, device="cuda:1")({"ids": np.ones((3, 9))}, None)
