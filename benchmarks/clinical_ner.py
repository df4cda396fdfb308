"""The clinical tagger on MACCROBAT, five-fold: each case report is read by a tagger that was trained
without it.

    python benchmarks/clinical_corpora.py CORPORA
    biopipe train frames -o CORPORA/notes/train.pubtator ...      (see the card of the model)
    python benchmarks/clinical_ner.py CORPORA WORK --first FIRST --folds 0 1

FIRST is the checkpoint or model that every fold's training goes on from; it has seen no MACCROBAT.
What a fold made stays in WORK/fold-N, and a run that is begun again goes on from there. Reports are
dealt to folds by turns, in order of their ids. Nothing is chosen on the reports that are scored:
the models are int8, without thresholds or calibration.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from clinical_corpora import passages
from record import PROJECT, options, record

from biopipe.document import Document, Mention
from biopipe.evaluate.gold import without_annotations
from biopipe.evaluate.mention_scores import score_ner
from biopipe.io.codecs import jsonl, pubtator
from biopipe.ner.tagger import Tagger

FOLDS = 5
RECIPE = PROJECT / "models" / "biopipe-ner-clinical" / "recipe.json"
MACCROBAT = "maccrobat/train.pubtator"
REPORTS = "maccrobat/reports.pubtator"


def fold_recipe(corpora: Path, fold: int, folder: Path) -> Path:
    """Write the fold's documents and the recipe that trains without them; returns the recipe."""
    folder.mkdir(parents=True, exist_ok=True)
    reports = list(pubtator.read(corpora / REPORTS))
    seen = [passage for d in reports if d not in reports[fold::FOLDS] for passage in passages(d)]
    pubtator.write(seen, folder / "train.pubtator")
    pubtator.write(reports[fold::FOLDS], folder / "dev.pubtator")
    recipe = json.loads(RECIPE.read_text(encoding="utf-8"))
    entry = next(entry for entry in recipe["corpora"] if entry["path"] == MACCROBAT)
    entry["path"] = str((folder / "train.pubtator").resolve())
    recipe["dev"] = [{"path": str((folder / "dev.pubtator").resolve()), "labels": entry["labels"]}]
    path = folder / "recipe.json"
    path.write_text(json.dumps(recipe, indent=2), encoding="utf-8")
    return path


def train_fold(arguments: argparse.Namespace, fold: int) -> Path:
    """The int8 model of a fold; trained and exported where it is not there yet."""
    folder = arguments.work / f"fold-{fold}"
    model: Path = folder / "model"
    if not (model / "manifest.json").is_file():
        recipe = fold_recipe(arguments.corpora, fold, folder)
        where = ["--base", arguments.first, "--data", str(arguments.corpora), "--seed", str(fold)]
        checkpoint = str(folder / "checkpoint")
        _biopipe("train", "ner", str(recipe), "-o", checkpoint, *where, *arguments.train)
        _biopipe("model", "export", checkpoint, "-o", str(model), "--precision", "int8")
    return model


def _biopipe(*words: str) -> None:
    subprocess.run([sys.executable, "-m", "biopipe", *words], check=True)


def read_fold(model: Path, folder: Path) -> tuple[list[Document], list[Document]]:
    """Gold and predicted documents of a fold."""
    gold = list(pubtator.read(folder / "dev.pubtator"))
    written = folder / "predicted.jsonl"
    if not written.is_file():
        predicted = Tagger(str(model), threshold=0).predict([without_annotations(d) for d in gold])
        jsonl.write(predicted, written)
    return gold, list(jsonl.read(written))


def overlap_f1(gold: Sequence[Document], predicted: Sequence[Document], label: str) -> float:
    """F1 where a mention is right that shares a character with one of its label, one to one, in the
    order of the text.
    """
    right = wanted = answered = 0
    for one, other in zip(gold, predicted, strict=True):
        marked = [m for m in one.mentions if m.label == label]
        answers = [m for m in other.mentions if m.label == label]
        wanted, answered = wanted + len(marked), answered + len(answers)
        for answer in answers:
            if partner := next((m for m in marked if _share(m, answer)), None):
                marked.remove(partner)
                right += 1
    return 2 * right / max(1, wanted + answered)


def _share(one: Mention, other: Mention) -> bool:
    return one.start < other.end and other.start < one.end


def scores(gold: list[Document], predicted: list[Document], labels: list[str]) -> dict[str, Any]:
    """Strict and overlap scores by label."""
    strict = score_ner(gold, predicted, labels=labels)
    for label in labels:
        strict["types"][label]["overlap_f1"] = round(overlap_f1(gold, predicted, label), 5)
    return strict


def main() -> None:
    parser = options(__doc__)
    parser.add_argument("corpora", type=Path, help="what clinical_corpora.py wrote, and notes/")
    parser.add_argument("work", type=Path, help="folder that keeps what a fold made")
    parser.add_argument("--first", required=True, help="what training goes on from")
    parser.add_argument("--folds", type=int, nargs="+", default=list(range(FOLDS)))
    parser.add_argument("--name", default="clinical_ner", help="of the result file")
    parser.add_argument(
        "--train", nargs=argparse.REMAINDER, default=[], help="options of 'train ner'; comes last"
    )
    arguments = parser.parse_args()
    labels = json.loads(RECIPE.read_text(encoding="utf-8"))["labels"]
    gold: list[Document] = []
    predicted: list[Document] = []
    by_fold = {}
    for fold in arguments.folds:
        pair = read_fold(train_fold(arguments, fold), arguments.work / f"fold-{fold}")
        by_fold[fold] = score_ner(*pair, labels=labels)["micro"]["f1"]
        gold, predicted = gold + pair[0], predicted + pair[1]
    result = {"folds": arguments.folds, "of": FOLDS, "micro_f1_by_fold": by_fold}
    record(arguments.name, {**result, **scores(gold, predicted, labels)}, arguments.results)


if __name__ == "__main__":
    main()
