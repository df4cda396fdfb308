"""Device names: `cpu`, `cuda`, `cuda:1,graphs,tokens=32768`, `tensorrt`."""

from dataclasses import dataclass, replace

from biopipe.errors import DeviceError

__all__ = ["Device", "parse_device"]

KINDS = ("cpu", "cuda", "tensorrt")


@dataclass(frozen=True, slots=True)
class Device:
    """Where a graph runs: a kind of provider, which card, and what may be set for it.

    graphs: capture CUDA graphs; tokens: most tokens of a batch, padding included; memory_gb: most
    memory that ONNX Runtime takes on the card for one graph.
    """

    kind: str = "cpu"
    index: int = 0
    graphs: bool = False
    tokens: int | None = None
    memory_gb: float | None = None

    @property
    def name(self) -> str:
        """Kind and number, as errors say it."""
        return self.kind if self.kind == "cpu" else f"{self.kind}:{self.index}"


def parse_device(text: str) -> Device:
    """A device name `KIND[:NUMBER][,OPTION...]`; DeviceError says what is not known."""
    name, *options = text.split(",")
    kind, colon, index = name.partition(":")
    numbered = not colon or (kind != "cpu" and index.isdecimal())
    if kind not in KINDS or not numbered:
        raise DeviceError(f"Unknown device '{text}'; give cpu, cuda, cuda:N or tensorrt:N.")
    if kind == "cpu" and options:
        raise DeviceError(
            f"The device '{text}' has options, which only cuda and tensorrt take; give cpu."
        )
    device = Device(kind=kind, index=int(index or 0))
    for option in options:
        try:
            device = _with_option(device, option)
        except ValueError:
            raise DeviceError(
                f"Unknown option '{option}' of the device '{text}'; give graphs (with cuda), "
                "tokens=N or memory=GB."
            ) from None
    return device


def _with_option(device: Device, option: str) -> Device:
    name, _, value = option.partition("=")
    if option == "graphs" and device.kind == "cuda":
        return replace(device, graphs=True)
    if name == "tokens" and int(value) > 0:
        return replace(device, tokens=int(value))
    if name == "memory" and 0 < float(value) < float("inf"):
        return replace(device, memory_gb=float(value))
    raise ValueError(option)
