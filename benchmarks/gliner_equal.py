"""Whether the GLiNER component finds what the gliner package finds on the same checkpoints (random
weights, fp32).

python benchmarks/gliner_equal.py [--documents 20]

Needs the extra 'gliner'. Texts are the first 60 words of BioRED dev documents, which the package
does not cut. `all_spans` is the largest difference of a probability over all spans that export
found.
"""

import logging
import tempfile
from pathlib import Path
from typing import Any

from gliner import GLiNER
from gliner_models import KINDS, LABELS, make_checkpoint
from record import options, record

from biopipe.document import Document
from biopipe.io.codecs import pubtator
from biopipe.ner.gliner import Gliner
from biopipe.train.export.model import export_model
from biopipe.train.export.task import ModelDescription

WORDS = 60


def main() -> None:
    parser = options(__doc__)
    parser.add_argument("--documents", type=int, default=20)
    arguments = parser.parse_args()
    logging.disable(logging.WARNING)
    gold = pubtator.read(arguments.data / "corpora/biored/dev.pubtator")
    texts = [" ".join(each.text.split()[:WORDS]) for each in gold][: arguments.documents]
    with tempfile.TemporaryDirectory() as folder:
        result = {
            kind: compare(kind, Path(folder) / f"model{i}", texts) for i, kind in enumerate(KINDS)
        }
    record("gliner_equal", {"documents": len(texts), "models": result}, arguments.results)


def compare(kind: str, folder: Path, texts: list[str]) -> dict[str, Any]:
    checkpoint = make_checkpoint(kind, folder, texts)
    documents = [Document(str(number), text) for number, text in enumerate(texts)]
    exported = folder.with_name(f"{folder.name}-onnx")
    manifest = export_model(
        str(checkpoint),
        exported,
        about=ModelDescription(name="equal"),
        precision="fp32",
        documents=documents[:10],
    )
    package = GLiNER.from_pretrained(str(checkpoint), local_files_only=True)
    counts: dict[str, Any] = {"all_spans": manifest.parity["max_score_difference"]}
    for flat in (True, False):
        ours = Gliner(exported, labels=LABELS, flat=flat).predict(documents)
        theirs = package.inference(texts, LABELS, flat_ner=flat, threshold=0.5)
        counts["flat" if flat else "nested"] = differences(ours, theirs)
    return counts


def differences(ours: list[Document], theirs: list[list[dict[str, Any]]]) -> dict[str, Any]:
    a = {(d.id, m.start, m.end, m.label): m.score for d in ours for m in d.mentions}
    b = {
        (str(i), e["start"], e["end"], e["label"]): e["score"]
        for i, each in enumerate(theirs)
        for e in each
    }
    return {
        "mentions": len(b),
        "only_ours": len(a.keys() - b.keys()),
        "only_theirs": len(b.keys() - a.keys()),
        "largest_score_difference": max(
            (abs(a[key] - b[key]) for key in a.keys() & b.keys()), default=0.0
        ),
    }


if __name__ == "__main__":
    main()
