"""Write the measured figures of ner_dev, relations_dev, linking_dev and clinical_ner_folds into the
manifests of the models they belong to.

    python benchmarks/manifest_metrics.py
    python benchmarks/manifest_metrics.py --only biopipe-ner-minilm --twin FOLDER

A model that was fitted on the development sets too has the figures of its `--twin`, a model trained
alike that had not seen them; its rows say so.
"""

import argparse
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from biopipe.runtime.manifest import load_manifest, write_manifest
from biopipe.runtime.models import find_model, list_models

RESULTS = Path(__file__).parent / "results"


UNTOLD = "told no names"  # a tagger as it is not meant to be used
TWIN = "a model trained alike without the development sets"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", help="write the manifest of this model alone")
    parser.add_argument("--twin", help="the model whose figures stand for those of --only")
    arguments = parser.parse_args()
    measured = [
        *(row for script in ("ner_dev", "relations_dev") for row in read(script)),
        *read_linking(),
        *read_clinical(),
    ]
    for name in [arguments.only] if arguments.only else list_models():
        directory = find_model(name)
        manifest = load_manifest(directory)
        source = load_manifest(find_model(arguments.twin)) if arguments.twin else manifest
        metrics = [row for model_hash, row in measured if model_hash == source.hash]
        if arguments.twin:
            metrics = [{**row, "measured on": TWIN} for row in metrics]
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
        each
        for name, each in result["result"].items()
        if isinstance(each, dict) and "corpora" in each and UNTOLD not in name
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


def read_clinical() -> Iterator[tuple[str, dict[str, Any]]]:
    """Of the clinical tagger, which learned from all reports, the figures of those trained alike on
    fewer, on the others.
    """
    result = json.loads((RESULTS / "clinical_ner_folds.json").read_text(encoding="utf-8"))["result"]
    model_hash = load_manifest(find_model("biopipe-ner-clinical")).hash
    for name, scores in {"micro": result["micro"], **result["types"]}.items():
        row = {
            "dataset": "maccrobat",
            "split": f"{len(result['folds'])} of {result['of']} folds, left out",
            "name": f"{name} f1",
            "value": scores["f1"],
            "script": "benchmarks/clinical_ner.py",
        }
        yield model_hash, row


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
