"""Hidden states of one model's encoder for another model: the text is encoded once for both."""

import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any
from weakref import WeakValueDictionary

import numpy as np
from numpy.typing import NDArray

from biopipe.errors import ModelError
from biopipe.runtime.encoder import TokenEncoder
from biopipe.runtime.manifest import Manifest, load_manifest
from biopipe.runtime.models import find_model
from biopipe.runtime.tokenizer import Tokens
from biopipe.text.typography import as_typed

__all__ = ["KeptStates", "Trunk", "kept_states"]

MOST_BYTES = 128_000_000
Read = tuple[Tokens, NDArray[np.float32]]


class KeptStates:
    """Tokens and states (tokens, width) of the texts that were encoded last; each is given out once.

    Holds at most `most_bytes` of states; beyond that the oldest go, and their texts are encoded again.
    """

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most = most_bytes
        self._bytes = 0
        self._kept: OrderedDict[str, Read] = OrderedDict()
        self._lock = threading.Lock()

    def keep(self, text: str, tokens: Tokens, states: NDArray[np.float32]) -> None:
        """Hold the states of `text` until they are taken or others need the room."""
        with self._lock:
            self._drop(text)
            self._kept[text] = (tokens, states)
            self._bytes += states.nbytes
            while self._bytes > self._most:
                self._drop(next(iter(self._kept)))

    def take(self, text: str) -> Read | None:
        """The states of `text`, which are then no longer held."""
        with self._lock:
            return self._drop(text)

    def _drop(self, text: str) -> Read | None:
        found = self._kept.pop(text, None)
        if found is not None:
            self._bytes -= found[1].nbytes
        return found


_WANTED: WeakValueDictionary[tuple[str, str], KeptStates] = WeakValueDictionary()
_LOCK = threading.Lock()


def kept_states(manifest: Manifest, device: str) -> KeptStates | None:
    """Where the model's encoder is to leave its states; None as long as nobody in this process reads them."""
    return _WANTED.get((_graph(manifest), device))


class Trunk:
    """The encoder of the model `name`, read by a model that was trained on its hidden states.

    `sha256` is that of the graph it was trained on; the states of another would mean nothing to it. `device` and
    `threads` are those of the model that reads.
    """

    def __init__(
        self, name: str | Path, *, sha256: str | None = None, device: str = "cpu", threads: int | None = None
    ) -> None:
        directory = find_model(name)
        manifest = load_manifest(directory, task="token-classification")
        if "states_layer" not in manifest.settings:
            raise ModelError(
                f"The model {directory} gives no hidden states; export it again with --states-layer."
            )
        if sha256 is not None and _graph(manifest) != sha256:
            raise ModelError(
                f"The model {directory} is not the one whose hidden states were trained on (its graph has sha256 "
                f"{_graph(manifest)[:12]}, not {sha256[:12]}); restore that one, or train and export again."
            )
        self.path = directory
        self.manifest = manifest
        self._encoder = TokenEncoder(directory, manifest, device=device, threads=threads)
        with _LOCK:
            self._kept = _WANTED.setdefault((_graph(manifest), device), KeptStates())

    @property
    def about(self) -> Mapping[str, Any]:
        """What a model that reads it has to remember."""
        return {"model": self.manifest.name, "sha256": _graph(self.manifest)}

    def read(self, texts: Sequence[str]) -> list[Read]:
        """Tokens and states (tokens, width) of each text, encoded now where the model has not just done it."""
        found = [self._kept.take(text) for text in texts]
        missing = [number for number, each in enumerate(found) if each is None]
        # As the tagger that leaves its states reads them.
        tokens = self._encoder.tokenize([as_typed(texts[number]) for number in missing])
        states = self._encoder.encode(tokens, self._encoder.windows(tokens), output="states")
        made = dict(zip(missing, zip(tokens, states, strict=True), strict=True))
        return [made[number] if each is None else each for number, each in enumerate(found)]

    def forget(self, texts: Iterable[str]) -> None:
        """Let go of what is held for texts that nobody is going to read."""
        for text in texts:
            self._kept.take(text)


def _graph(manifest: Manifest) -> str:
    return str(manifest.files["model.onnx"]["sha256"])
