"""A verified model directory, and what a predictor opens of it: tokenizer and session."""

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from biopipe.runtime.manifest import Manifest, file_sha256_of, load_manifest
from biopipe.runtime.models import find_model, graph_file

if TYPE_CHECKING:
    from biopipe.runtime.session import Session
    from biopipe.runtime.tokenizer import Tokenizer

__all__ = ["TOKENIZER_FILE", "OpenedModel", "open_model"]

TOKENIZER_FILE = "tokenizer.json"


class OpenedModel(NamedTuple):
    """The folder of a model whose files are those its manifest names."""

    path: Path
    manifest: Manifest

    # ONNX Runtime is imported with the first session: a command's help, and a process that watches
    # over workers, do without.
    def tokenizer(self) -> "Tokenizer":
        """The model's tokenizer; ModelError where its file cannot be read."""
        from biopipe.runtime.tokenizer import Tokenizer

        sha256 = file_sha256_of(self.path, self.manifest, TOKENIZER_FILE)
        return Tokenizer(self.path / TOKENIZER_FILE, sha256=sha256)

    def session(self, *, device: str = "cpu", threads: int | None = None) -> "Session":
        """A session of the graph for `device`, opened on first use."""
        from biopipe.runtime.session import Session

        graph = graph_file(self.path, self.manifest, device=device)
        sha256 = file_sha256_of(self.path, self.manifest, graph.name)
        return Session(graph, device=device, threads=threads, sha256=sha256)


def open_model(model: str | Path, *, task: str | None = None) -> OpenedModel:
    """A shipped model by name, or any by folder; ModelError where there is none, where a file is
    missing or altered, and where it does another task.
    """
    path = find_model(model)
    return OpenedModel(path, load_manifest(path, task=task))
