"""The relation model out of fold: every document of BioRED and BC5CDR is answered by a model that did
not learn it.

    python benchmarks/relations_folds.py train recipe.json FOLDS --start START --corpora DATA
    python benchmarks/relations_folds.py answer recipe.json FOLDS --corpora DATA
    python benchmarks/relations_folds.py measure recipe.json FOLDS --corpora DATA

The first of five folds are the development sets of both corpora, so that its model is comparable with
one that is trained on the training sets; the others are the training sets, divided by the hash of a
document's id. START is a relation checkpoint that learned no relation of either corpus. A fold's
training leaves out, beside the fold's documents, every other that shares a run of 13 words with one
of them, and chooses nothing: the last epoch is taken. `train` goes on where it was stopped, `answer`
lets the models that are there answer. `answer --alone` needs no `train`: regressions and trees are
fitted to each fold's training, minutes on one core, and no network is asked.

How far the network is trusted, thresholds and curves of a fold are chosen on the answers to the other
folds' documents, by the models that had not learned those. DATA holds biored and bc5cdr, each with
train.pubtator and dev.pubtator, BioRED's with directions (`biopipe train directions`), and what the
recipe adds.
"""

import argparse
import pickle
import shutil
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from record import PROJECT, options, record

from biopipe.document import Document
from biopipe.evaluate.calibration_error import expected_calibration_error
from biopipe.ner.name_features import told_names
from biopipe.relations.reported import LIKELIER
from biopipe.runtime.trunk import EncodedText, Trunk
from biopipe.train.common.corpora import share_position
from biopipe.train.common.schedule import Schedule
from biopipe.train.relations.calibration import (
    LOWEST,
    ScoredPair,
    best_typed_threshold,
    calibrated,
    fit_relation_calibration,
)
from biopipe.train.relations.checkpoint import save_relation_model, start_relation_model
from biopipe.train.relations.examples import RelationCorpora, RelationExample
from biopipe.train.relations.mix import (
    AnswerRows,
    answer_rows,
    choose_mixture,
    fit_readout,
    scheme_scores,
    trust_network,
)
from biopipe.train.relations.model import SUBJECTS, RelationModel
from biopipe.train.relations.precise import TypedScores, precise_thresholds
from biopipe.train.relations.scheme import Scheme, load_scheme, save_trained_scheme
from biopipe.train.relations.trainer import fit_regressions, train_relations

FOLDS = 5
CORPORA = ("biored", "bc5cdr")
OWN_LAYERS = 2
EVEN = 0.5  # the trust in a network, and the threshold, before either is chosen
ANSWERS = "answers.pickle"
BOTH, NETWORK, REGRESSIONS = VARIANTS = ("with", "without", "alone")


class RememberingTrunk(Trunk):
    """A trunk that encodes each text once for all folds."""

    def read(self, documents: Sequence[Document]) -> list[EncodedText]:
        remembered: dict[str, EncodedText] = self.__dict__.setdefault("remembered", {})
        new = list({d.text: d for d in documents if d.text not in remembered}.values())
        remembered.update(zip((d.text for d in new), super().read(new), strict=True))
        return [remembered[document.text] for document in documents]


def main() -> None:
    parser = options(__doc__)
    parser.add_argument("step", choices=("train", "answer", "measure"))
    parser.add_argument("recipe", type=Path)
    parser.add_argument("folds", type=Path, help="folder of the folds' corpora and checkpoints")
    parser.add_argument("--corpora", type=Path, required=True)
    parser.add_argument(
        "--start", type=Path, help="checkpoint that each fold's training starts from"
    )
    parser.add_argument("--trunk", default=str(PROJECT / "models" / "biopipe-ner-minilm"))
    parser.add_argument(
        "--also", type=int, default=FOLDS, help="so many folds answer by the further schemes too"
    )
    parser.add_argument(
        "--alone", action="store_true", help="without any network, by regressions and trees"
    )
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--learning-rate", type=float, default=1e-4)
    arguments = parser.parse_args()
    steps = {"train": train, "answer": answer, "measure": measure}
    steps[arguments.step](arguments)


def train(arguments: argparse.Namespace) -> None:
    """The checkpoint of each fold that is not there yet."""
    scheme = load_scheme(arguments.recipe)
    trunk = RememberingTrunk(arguments.trunk, features=told_names)
    even = write_even(arguments.start, scheme, arguments.folds / "even")
    for fold in range(FOLDS):
        done = arguments.folds / f"fold-{fold}" / "done"
        if done.is_file():
            continue
        print(f"fold {fold}", flush=True)
        train_relations(
            scheme,
            str(arguments.start),
            done.parent,
            data=write_corpora(arguments.corpora, arguments.folds / f"corpora-{fold}", fold),
            schedule=Schedule(arguments.epochs, arguments.learning_rate, head_rate=4.0),
            trunk=trunk,
            own_layers=OWN_LAYERS,
            mixture_of=even,
            log=log,
        )
        done.touch()


def log(line: str) -> None:
    print(line, flush=True)


def write_even(start: Path, scheme: Scheme, folder: Path) -> Path:
    """A checkpoint that trusts network and regressions alike, in place of a chosen mixture."""
    model = start_relation_model(str(start), scheme, OWN_LAYERS)
    for task in model.learned:
        trust_network(model, task, (EVEN,) * 4)
    shutil.copytree(start, folder, dirs_exist_ok=True)
    save_relation_model(model, folder)
    save_trained_scheme(folder, scheme, dict.fromkeys(("", *scheme.also), EVEN))
    return folder


def write_corpora(source: Path, folder: Path, fold: int) -> Path:
    """The corpora with the fold's documents as their development sets and all others to learn."""
    shutil.copytree(source, folder, dirs_exist_ok=True)
    for corpus in CORPORA:
        blocks = {True: "", False: ""}
        for part in ("train", "dev"):
            text = (source / corpus / f"{part}.pubtator").read_text(encoding="utf-8")
            for block in filter(str.strip, text.split("\n\n")):
                document_id = block.strip().partition("|")[0]
                blocks[fold_of(document_id, part) == fold] += f"{block.strip()}\n\n"
        for held_out, name in ((False, "train"), (True, "dev")):
            (folder / corpus / f"{name}.pubtator").write_text(blocks[held_out], encoding="utf-8")
    return folder


def fold_of(document_id: str, part: str) -> int:
    """The fold of a document of the training or development set."""
    return 0 if part == "dev" else 1 + int(share_position(document_id) * (FOLDS - 1))


@dataclass(frozen=True, slots=True)
class FoldAnswers:
    """What the model of a fold says of its pairs by one scheme, before any mixture: `rows`, and by
    variant what stands beside the network, `said` (pairs, columns); of a scheme that the network
    does not learn, all that is said. `gold` are the fold's relations by label.
    """

    rows: AnswerRows
    said: dict[str, torch.Tensor]
    gold: Counter[str]


@dataclass(frozen=True, slots=True)
class Told:
    """Pairs with calibrated answers, all (pairs,): `pairs` beside the gold; `share`, the probability
    of the label where there is a relation; `end`, the one that likelier acts, and the gold's
    `subject`, 2 for neither; `kept`, whether the pair is reported; the `fold` of its document.
    """

    pairs: list[ScoredPair]
    share: NDArray[np.float64]
    end: NDArray[np.int64]
    subject: NDArray[np.int64]
    kept: NDArray[np.bool_]
    fold: NDArray[np.int64]


def answer(arguments: argparse.Namespace) -> None:
    """The answers of each fold's model that has been trained."""
    scheme = load_scheme(arguments.recipe)
    trunk = RememberingTrunk(arguments.trunk, features=told_names)
    for fold in range(FOLDS):
        folder = arguments.folds / f"fold-{fold}"
        if arguments.alone:
            write_corpora(arguments.corpora, arguments.folds / f"corpora-{fold}", fold)
            folder.mkdir(parents=True, exist_ok=True)
        if (arguments.alone or (folder / "done").is_file()) and not (folder / ANSWERS).is_file():
            start = str(arguments.start if arguments.alone else folder)
            model = start_relation_model(start, scheme, OWN_LAYERS)
            corpora = RelationCorpora(
                scheme, arguments.folds / f"corpora-{fold}", trunk.tokenizer, trunk, log
            )
            schemes = 1 + len(scheme.also) * (fold < arguments.also)
            answers = read_fold(model, corpora, schemes, network=not arguments.alone)
            (folder / ANSWERS).write_bytes(pickle.dumps(answers))


def measure(arguments: argparse.Namespace) -> None:
    """F1 and calibration errors of all documents by the models of their folds."""
    scheme = load_scheme(arguments.recipe)
    model = start_relation_model(
        str(arguments.start or arguments.folds / "fold-0"), scheme, OWN_LAYERS
    )
    folds = [
        pickle.loads((arguments.folds / f"fold-{fold}" / ANSWERS).read_bytes())
        for fold in range(FOLDS)
    ]
    result: dict[str, Any] = {"regressions": {}, "thresholds": {}}
    for task, (name, about) in enumerate({"biored": scheme, **scheme.also}.items()):
        labels = about.relation_labels
        of_task = [answers[task] for answers in folds if task < len(answers)]
        variants = tuple(of_task[0].said)
        for variant in variants:
            told = out_of_fold(model, task, of_task, labels, variant)
            scores = scored(told, sum((a.gold for a in of_task), Counter()), labels)
            scores["folds"] = len(of_task)
            result["regressions"].setdefault(variant, {})[name] = scores
        result["thresholds"][name] = {
            which: choose(model, task, joined(chosen_on), labels, variants[0]).threshold
            for which, chosen_on in (("all folds", of_task), ("all but dev", of_task[1:]))
        }
        told = out_of_fold(model, task, of_task, labels, variants[0])
        gold = sum((a.gold for a in of_task), Counter())
        result["thresholds"][name]["precision"] = precise_thresholds(typed(told, labels, gold))[""]
    record("relations_folds", result, arguments.results)


def read_fold(
    model: RelationModel, corpora: RelationCorpora, schemes: int, *, network: bool
) -> list[FoldAnswers]:
    """The answers of a fold's model by each of the first `schemes`; what stands beside its network is
    fitted to what the fold's training had. Without `network` that alone is asked.
    """
    fit_regressions(model, corpora)
    variants = VARIANTS if network else (REGRESSIONS,)
    answers = []
    for task in range(schemes):
        rows = rows_of(model, corpora.dev(task)[0], network=network)
        if task in model.learned:
            beside = beside_network(model, rows)
            said = dict.fromkeys(variants, beside)
            if network:
                said[NETWORK] = torch.zeros_like(beside)
        else:
            learned = rows_of(model, corpora.examples(task), network=network)
            said = {name: read_out(model, task, learned, rows, name) for name in variants}
        gold = Counter(
            label
            for document in corpora.held_out[task]
            for label in {frozenset((r.head, r.tail)): r.label for r in document.relations}.values()
        )
        answers.append(FoldAnswers(rows, said, gold))
    return answers


def rows_of(
    model: RelationModel, examples: Sequence[RelationExample], *, network: bool
) -> AnswerRows:
    answers = [(e.input, e.label, e.novel, e.subject) for e in examples]
    return answer_rows(model, answers, network=network)


def read_out(
    model: RelationModel, task: int, learned: AnswerRows, held: AnswerRows, variant: str
) -> torch.Tensor:
    """What a regression says of held pairs (pairs, columns) that was fitted to `learned`, by the
    network and the features, or by one of them.
    """
    if variant == NETWORK:
        learned, held = (
            replace(rows, features=torch.zeros_like(rows.features)) for rows in (learned, held)
        )
    if variant == REGRESSIONS:
        learned, held = (
            replace(rows, network_scores=torch.zeros_like(rows.network_scores))
            for rows in (learned, held)
        )
    fit_readout(model, task, learned)
    said = model.mix(held.network_scores) + beside_network(model, held)
    return said.detach()


def beside_network(model: RelationModel, rows: AnswerRows) -> torch.Tensor:
    return model.beside(rows.features, rows.kinds)


def out_of_fold(
    model: RelationModel,
    task: int,
    folds: Sequence[FoldAnswers],
    labels: Sequence[str],
    variant: str,
) -> Told:
    """The answers to each fold, by what was chosen on the others."""
    told = []
    for fold, held in enumerate(folds):
        others = joined([each for number, each in enumerate(folds) if number != fold])
        chosen = choose(model, task, others, labels, variant)
        told.append(tell(model, task, held, labels, chosen, variant, fold))
    columns = zip(*((t.share, t.end, t.subject, t.kept, t.fold) for t in told), strict=True)
    return Told([pair for t in told for pair in t.pairs], *map(np.concatenate, columns))


def joined(folds: Sequence[FoldAnswers]) -> FoldAnswers:
    """The answers of several folds as one."""
    rows = AnswerRows(
        *(
            torch.cat([getattr(each.rows, field) for each in folds])
            for field in AnswerRows.__dataclass_fields__
        )
    )
    gold = sum((each.gold for each in folds), Counter())
    said = {name: torch.cat([each.said[name] for each in folds]) for name in folds[0].said}
    return FoldAnswers(rows, said, gold)


@dataclass(frozen=True, slots=True)
class Chosen:
    """The mixture of a scheme by its weights, and the curves and threshold of its answers."""

    weight: torch.Tensor
    calibration: dict[str, Any]
    threshold: float


def choose(
    model: RelationModel, task: int, answers: FoldAnswers, labels: Sequence[str], variant: str
) -> Chosen:
    """What is best for the answers."""
    gold = answers.gold.total()
    with torch.no_grad():
        model.mix.weight.zero_()
    if variant == BOTH and task in model.learned:
        choose_mixture(model, answers.rows, gold, task, beside=answers.said[BOTH])
    elif variant == NETWORK and task in model.learned:
        trust_network(model, task, (1.0,) * 4)
    raw, *_ = raw_answers(model, task, answers, labels, variant)
    calibration = fit_relation_calibration([pair for pair in raw if pair.score >= LOWEST])
    threshold = best_typed_threshold([calibrated(pair, calibration) for pair in raw], gold)
    return Chosen(model.mix.weight.clone(), calibration, threshold)


def tell(
    model: RelationModel,
    task: int,
    held: FoldAnswers,
    labels: Sequence[str],
    chosen: Chosen,
    variant: str,
    fold: int,
) -> Told:
    """The answers by a mixture, curves and a threshold that are given."""
    with torch.no_grad():
        model.mix.weight.copy_(chosen.weight)
    raw, share, end = raw_answers(model, task, held, labels, variant)
    pairs = [calibrated(pair, chosen.calibration) for pair in raw]
    kept = np.array([pair.typed_score for pair in pairs]) >= chosen.threshold
    return Told(pairs, share, end, held.rows.subject.numpy(), kept, np.full(len(pairs), fold))


def raw_answers(
    model: RelationModel, task: int, held: FoldAnswers, labels: Sequence[str], variant: str
) -> tuple[list[ScoredPair], NDArray[np.float64], NDArray[np.int64]]:
    """The pairs with scores of the model, the share of the label, and the end that likelier acts."""
    columns, rows = model.schemes[task], held.rows
    with torch.no_grad():
        scores = scheme_scores(model, rows, task, held.said[variant]).double()
    related = torch.sigmoid(scores[:, 0]).numpy()
    shares, numbers = scores[:, 1 : 1 + len(labels)].softmax(-1).max(-1)
    behind = 1 + len(labels)
    novel = scores[:, behind : behind + 2].softmax(-1)[:, 1].tolist() if columns.novelty else None
    ends = scores[:, -SUBJECTS:].softmax(-1)[:, :2].max(-1) if columns.subject else None
    end = np.zeros(len(related), np.int64) if ends is None else ends.indices.numpy()
    gold = zip(rows.label.tolist(), rows.novel.tolist(), rows.subject.tolist(), strict=True)
    pairs = [
        ScoredPair(
            labels[number],
            score,
            None if novel is None else novel[row],
            label > 0,
            label == 1 + number,
            None if is_novel < 0 else bool(is_novel),
            None if ends is None else float(ends.values[row]),
            None if ends is None or subject < 0 else subject == end[row],
            share,
        )
        for row, (number, score, share, (label, is_novel, subject)) in enumerate(
            zip(numbers.tolist(), related.tolist(), shares.tolist(), gold, strict=True)
        )
    ]
    return pairs, shares.numpy(), end


def scored(told: Told, gold: Counter[str], labels: Sequence[str]) -> dict[str, Any]:
    """F1 at each level, of each label, calibration errors, and what thresholds for precision give."""
    total, pairs = gold.total(), told.pairs
    related = np.array([p.related for p in pairs])
    right = related & np.array([p.label_right for p in pairs])
    novel = np.array([(p.novel_score or 0) >= LIKELIER for p in pairs])
    all_right = right & (novel == np.array([bool(p.novel) for p in pairs]))
    sure = np.array([(p.subject_score or 0) >= LIKELIER for p in pairs])
    acts = right & (np.where(sure, told.end, 2) == told.subject)
    which = np.array([p.label for p in pairs])
    levels = {"pair": related, "type": right, "all": all_right, "type and subject": acts}
    return {
        "pairs": len(pairs),
        "gold": total,
        **{name: f1(told.kept, each, total) for name, each in levels.items()},
        "labels": {name: f1(told.kept & (which == name), right, gold[name]) for name in labels},
        "calibration_error": calibration_errors(told),
        "precision": precise_thresholds(typed(told, labels, gold))["measured"],
        "curve": curve(told, right, total),
    }


def f1(kept: NDArray[np.bool_], right: NDArray[np.bool_], gold: int) -> dict[str, Any]:
    """Precision, recall and F1 of the pairs that are kept."""
    hits, reported = int((kept & right).sum()), int(kept.sum())
    return {
        "precision": round(hits / max(1, reported), 4),
        "recall": round(hits / max(1, gold), 4),
        "f1": round(2 * hits / max(1, reported + gold), 4),
        "reported": reported,
        "gold": gold,
    }


def calibration_errors(told: Told) -> dict[str, float | None]:
    """Expected calibration errors: of all pairs and those reported, and of reported ones the type
    (with the pair), novelty and the subject where the pair is related.
    """
    reported = [p for p, kept in zip(told.pairs, told.kept, strict=True) if kept]
    shares = told.share[told.kept].tolist()
    answers: dict[str, list[tuple[float | None, bool | None]]] = {
        "all pairs": [(p.score, p.related) for p in told.pairs],
        "pair": [(p.score, p.related) for p in reported],
        "type": [
            (p.score * share, p.label_right) for p, share in zip(reported, shares, strict=True)
        ],
        "novelty": [(p.novel_score, p.novel) for p in reported],
        "subject": [(p.subject_score, p.subject_right) for p in reported],
    }
    errors = {}
    for name, each in answers.items():
        known = [(s, bool(yes)) for s, yes in each if s is not None and yes is not None]
        error = expected_calibration_error(known)
        errors[name] = None if error is None else round(error, 4)
    return errors


def typed(told: Told, labels: Sequence[str], gold: Counter[str]) -> TypedScores:
    """The probability of each pair with its label, as thresholds for precision are chosen by."""
    numbers = {name: number for number, name in enumerate(labels)}
    return TypedScores(
        tuple(labels),
        np.array([p.score for p in told.pairs]) * told.share,
        np.array([numbers[p.label] for p in told.pairs]),
        np.array([p.related and p.label_right for p in told.pairs]),
        told.fold,
        {name: gold[name] for name in labels},
    )


def curve(told: Told, right: NDArray[np.bool_], gold: int) -> list[dict[str, Any]]:
    """Precision and recall of types for one threshold of the probability with the label."""
    scores = np.array([p.score for p in told.pairs]) * told.share
    return [
        {"threshold": round(float(least), 2), **f1(scores >= least, right, gold)}
        for least in np.arange(0.3, 0.96, 0.05)
    ]


if __name__ == "__main__":
    main()
