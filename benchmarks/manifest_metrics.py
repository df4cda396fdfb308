"""Write the measured figures of ner_dev, relations_dev and linking_dev into the manifests of the
models they belong to.

python benchmarks/manifest_metrics.py
"""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from biopipe.runtime.manifest import load_manifest, write_manifest
from biopipe.runtime.models import find_model, list_models

RESULTS = Path(__file__).parent / "results"


def main() -> None:
    measured = [
        *(row for script in ("ner_dev", "relations_dev") for row in read(script)),
        *read_linking(),
    ]
    for name in list_models():
        directory = find_model(name)
        manifest = load_manifest(directory)
        metrics = [row for model_hash, row in measured if model_hash == manifest.hash]
        if not metrics:
            raise SystemExit(
                f"No result in {RESULTS} was measured on {name} as it is; run its benchmark again."
            )
        write_manifest(directory, replace(manifest, metrics=metrics), list(manifest.files))
        print(f"{name}: {len(metrics)} figures")


def read(script: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Model hash and metric row of each figure of a result file."""
    result = json.loads((RESULTS / f"{script}.json").read_text(encoding="utf-8"))
    models = [
        each for each in result["result"].values() if isinstance(each, dict) and "corpora" in each
    ]
    for model in models:
        for corpus, scores in model["corpora"].items():
            for section in ("micro", "pair", "type", "novelty"):
                if scores.get(section):
                    row = {
                        "dataset": corpus,
                        "split": "dev",
                        "name": f"{section} f1",
                        "value": scores[section]["f1"],
                        "script": f"benchmarks/{script}.py",
                    }
                    yield model["hash"], row


def read_linking() -> Iterator[tuple[str, dict[str, Any]]]:
    """Recall of the whole linker, with bi-encoder and mention prior, and with the word of the
    cross-encoder.
    """
    result = json.loads((RESULTS / "linking_dev.json").read_text(encoding="utf-8"))["result"]
    models = [
        ("fused", result.pop("encoder")),
        ("fused", result.pop("prior")),
        ("reranked", result.pop("reranker", None)),
    ]
    for corpus, scores in result.items():
        for way, model in models:
            for name in ("recall@1", "recall@20") if model and way in scores else ():
                value = scores[way][f"{name} of covered"]
                row = {
                    "dataset": corpus,
                    "split": "dev",
                    "name": f"{name} of covered",
                    "value": value,
                }
                yield model["hash"], {**row, "script": "benchmarks/linking_dev.py"}


if __name__ == "__main__":
    main()
