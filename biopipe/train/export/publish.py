"""Model directories that are there whole or not at all."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from biopipe.errors import OutputError
from biopipe.io.atomic import publish_file
from biopipe.runtime.manifest import load_manifest

__all__ = ["published_model"]


@contextmanager
def published_model(output: Path) -> Iterator[Path]:
    """A temporary folder whose model becomes `output` when the block ends well; files there that
    are not it stay.
    """
    output.parent.mkdir(parents=True, exist_ok=True)
    if output.exists() and not output.is_dir():
        raise OutputError(f"{output} is a file; give a folder for the model.")
    with tempfile.TemporaryDirectory(dir=output.parent, prefix=f".{output.name}-") as temporary:
        folder = Path(temporary)
        yield folder
        # Read back: what is published is what the runtime itself would open.
        files = load_manifest(folder).files
        output.mkdir(exist_ok=True)
        # The manifest comes last, since it says the hashes of the others.
        for name in (*files, "manifest.json"):
            publish_file(folder / name, output / name)
        # Variants that an export before left, which the new manifest does not have.
        for stale in {path.name for path in output.glob("model.*.onnx")} - set(files):
            (output / stale).unlink()
