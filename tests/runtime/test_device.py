import pytest

from biopipe.errors import DeviceError
from biopipe.runtime.device import Device, parse_device


@pytest.mark.parametrize(
    ("text", "device"),
    [
        ("cpu", Device()),
        ("cuda", Device("cuda")),
        ("cuda:3", Device("cuda", 3)),
        ("cuda:1,graphs,tokens=4096,memory=2.5", Device("cuda", 1, True, 4096, 2.5)),
        ("tensorrt,memory=8", Device("tensorrt", memory_gb=8.0)),
    ],
)
def test_kind_number_and_options(text: str, device: Device) -> None:
    assert parse_device(text) == device


@pytest.mark.parametrize("text", ["", "tpu", "cuda:", "cuda:x", "cuda:-1", "cpu:0", "gpu", "CUDA"])
def test_unknown_device(text: str) -> None:
    with pytest.raises(
        DeviceError, match=f"Unknown device '{text}'; give cpu, cuda, cuda:N or tensorrt:N"
    ):
        parse_device(text)


@pytest.mark.parametrize(
    "option",
    [
        "",
        "graph",
        "tokens",
        "tokens=0",
        "tokens=x",
        "memory=-1",
        "memory=nan",
        "memory=inf",
        "graphs=1",
    ],
)
def test_unknown_option(option: str) -> None:
    with pytest.raises(
        DeviceError, match=f"Unknown option '{option}' of the device 'cuda,{option}'"
    ):
        parse_device(f"cuda,{option}")


def test_tensorrt_captures_no_cuda_graphs_and_the_cpu_takes_no_options() -> None:
    with pytest.raises(DeviceError, match=r"graphs \(with cuda\)"):
        parse_device("tensorrt,graphs")
    with pytest.raises(DeviceError, match="options, which only cuda and tensorrt take"):
        parse_device("cpu,tokens=4")


def test_errors_name_the_device_by_its_number() -> None:
    assert (parse_device("cuda,graphs").name, parse_device("cpu").name) == ("cuda:0", "cpu")
