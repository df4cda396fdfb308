"""Train the relation model on documents with gold mentions, concept ids and relations."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from biopipe.document import Document
from biopipe.errors import ConfigError
from biopipe.runtime.tokenizer import Tokenizer
from biopipe.runtime.trunk import Trunk
from biopipe.train.common.base import save_tokenizer
from biopipe.train.common.batches import epoch_seed
from biopipe.train.common.corpora import write_training_data
from biopipe.train.common.dropout import share_dropout_over_tokens
from biopipe.train.common.history import add_to_history, read_history
from biopipe.train.common.loop import fit
from biopipe.train.common.schedule import Schedule
from biopipe.train.relations.checkpoint import (
    load_trained,
    save_relation_model,
    start_relation_model,
)
from biopipe.train.relations.examples import RelationCorpora, RelationExample
from biopipe.train.relations.mix import (
    AnswerRows,
    answer_rows,
    choose_mixture,
    fit_readout,
    fit_words,
    network_inputs,
    scores_of,
)
from biopipe.train.relations.model import NOVELTY_WEIGHT, SUBJECT_WEIGHT, RelationModel
from biopipe.train.relations.scheme import Scheme, load_trained_scheme, save_trained_scheme
from biopipe.train.relations.teacher import (
    TeacherAnswer,
    load_teacher,
    teacher_answers,
    teaching_loss,
)
from biopipe.train.relations.trunk import save_trunk

__all__ = ["fit_readouts", "fit_regressions", "train_relations"]

TEACHER_ANSWERS_A_BATCH = 3


def train_relations(
    scheme: Scheme,
    base: str,
    output: Path,
    *,
    data: Path,
    schedule: Schedule,
    batch_documents: int = 4,
    trunk: Trunk | None = None,
    own_layers: int = 2,
    teacher: str | None = None,
    texts: Sequence[Document] = (),
    mixture_of: Path | None = None,
    log: Callable[[str], None],
) -> Path:
    """Train from `base`: an encoder, or a relation checkpoint of the same labels to go on from.

    With a `trunk` the model reads that encoder's hidden states, which stay as they are, and trains
    only the last `own_layers` layers of `base` on top of them. A `teacher`, a relation model's
    directory or name with the same labels, answers for `texts` that have mentions but no gold, and
    the model learns its answers too. After each epoch the network's dev F1, mixed with what words and
    places say, is logged and kept in history.json; the best epoch is written to `output`, which is
    returned. With no epochs a relation checkpoint keeps its network, and all else is fitted anew.
    With `mixture_of`, a checkpoint trained alike on fewer documents, nothing is chosen: the last
    epoch is taken, with the mixture and thresholds of that one. ConfigError where teacher and texts
    do not go together, or a checkpoint has other labels.
    """
    mixture = None if mixture_of is None else _mixture(mixture_of, scheme)
    tokenizer = _prepare_folder(output, base, scheme, data, trunk)
    _check_teacher(teacher, texts)
    corpora = RelationCorpora(scheme, data, tokenizer, trunk, log)
    corpora.save_rates(output)
    lessons = _lessons(teacher, texts, corpora)
    torch.manual_seed(schedule.seed)
    model = start_relation_model(base, scheme, None if trunk is None else own_layers)
    share_dropout_over_tokens(model.encoder)
    run = _Run(output, schedule, batch_documents, mixture, log)
    _fit_first_scheme(model, corpora, lessons, run)
    _fit_beside(load_trained(output, scheme, attention="sdpa"), scheme, corpora, run)
    return output


def _fit_beside(
    model: RelationModel, scheme: Scheme, corpora: RelationCorpora, run: "_Run"
) -> None:
    """Fit the further schemes to the trained network; with a mixture nothing of them is chosen."""
    if run.mixture is None:
        _fit_others(model, scheme, corpora, run.output, run.log)
        return
    fit_readouts(model, corpora)
    save_relation_model(model, run.output)


@dataclass(frozen=True, slots=True)
class _Mixture:
    """How far a checkpoint's schemes trust the network, `weight` (columns, scores of the network)
    float32, and its thresholds by scheme.
    """

    weight: torch.Tensor
    thresholds: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class _Run:
    """Where a checkpoint is written and how it is trained; `mixture` is None where one is chosen."""

    output: Path
    schedule: Schedule
    batch_documents: int
    mixture: _Mixture | None
    log: Callable[[str], None]


def _mixture(checkpoint: Path, scheme: Scheme) -> _Mixture:
    """ConfigError where the checkpoint has other labels."""
    earlier, thresholds = load_trained_scheme(checkpoint)
    if earlier.shape() != scheme.shape():
        raise ConfigError(
            f"The mixture of {checkpoint} cannot be taken: it must have the scheme's labels."
        )
    return _Mixture(load_trained(checkpoint, earlier).mix.weight.detach(), thresholds)


def _prepare_folder(
    output: Path, base: str, scheme: Scheme, data: Path, trunk: Trunk | None
) -> Tokenizer:
    """Write to `output` what stands before training: the tokenizer, which is returned, the trunk
    and the record of the corpora.
    """
    output.mkdir(parents=True, exist_ok=True)
    tokenizer = Tokenizer(save_tokenizer(base if trunk is None else str(trunk.path), output))
    save_trunk(output, trunk)
    licences = {data / path: t.licence for t in scheme.tasks for path in t.train}
    write_training_data(output, licences | {data / c.path: c.licence for c in scheme.added})
    return tokenizer


def _check_teacher(teacher: str | None, texts: Sequence[Document]) -> None:
    if (teacher is None) != (not texts):
        raise ConfigError("A teacher and texts for it to answer go together; give both or neither.")


def _lessons(
    teacher: str | None, texts: Sequence[Document], corpora: RelationCorpora
) -> Sequence[TeacherAnswer]:
    if teacher is None:
        return ()
    scheme = corpora.scheme
    return teacher_answers(
        texts,
        load_teacher(teacher, scheme),
        scheme,
        corpora.tokenizer,
        corpora.trunk,
        facts=corpora.facts,
    )


def _fit_first_scheme(
    model: RelationModel,
    corpora: RelationCorpora,
    lessons: Sequence[TeacherAnswer],
    run: _Run,
) -> None:
    """Train the network and fit what stands beside it; the best epoch by dev F1 (pair, type,
    novelty) is written, or with a mixture the last.
    """
    output, schedule, mixture, log = run.output, run.schedule, run.mixture, run.log
    examples = _training_examples(model, corpora, every_word=mixture is not None)
    dev, gold = corpora.dev(0) if mixture is None else ([], 0)
    log(f"{len(examples)} passes, {sum(len(e.label) for e in examples)} pairs")

    def on_epoch(epoch: int) -> None:
        if mixture is not None:
            _save_with(mixture, model, corpora.scheme, output)
            log(f"epoch {epoch + 1}")
            return
        scores = choose_mixture(model, _rows(model, dev), gold)
        log(f"epoch {epoch + 1}: " + ", ".join(f"{k} {v:.4f}" for k, v in scores.items()))
        _keep_best(model, corpora.scheme, output, epoch + 1, scores)

    if not schedule.epochs:
        on_epoch(-1)
        return
    fit(
        model,
        lambda epoch: _batches(
            len(examples), run.batch_documents, seed=epoch_seed(schedule.seed, epoch)
        ),
        _batch_loss(model, examples, lessons, schedule.seed),
        schedule=schedule,
        checkpoint=output / "checkpoint",
        log=log,
        encoder=model.encoder,
        on_epoch=on_epoch,
    )


def _training_examples(
    model: RelationModel, corpora: RelationCorpora, *, every_word: bool
) -> list[RelationExample]:
    """What the network learns; the regressions on words of the first scheme, with `every_word` of
    all that are learned, are fitted on the way.
    """
    examples = fit_regressions(model, corpora, every_scheme=every_word)
    return examples + corpora.added()


def fit_regressions(
    model: RelationModel, corpora: RelationCorpora, *, every_scheme: bool = True
) -> list[RelationExample]:
    """Fit the regressions of the first scheme, or of all that the network learns; returns the gold's
    examples of these.
    """
    examples = corpora.examples(0)
    # What plain sentences state is plain; how often two names in one are related is the abstracts'.
    typed = _rows(model, examples + corpora.added(words=True), network=False)
    fit_words(model, _rows(model, examples, network=False), typed=typed)
    for task in (task for task in model.learned if task):
        of_task = corpora.examples(task)
        if every_scheme:
            fit_words(model, _rows(model, of_task, network=False), task)
        examples += of_task
    return examples


def fit_readouts(model: RelationModel, corpora: RelationCorpora) -> None:
    """Fit the schemes that the network does not learn to what it says by the first."""
    for task in range(1, len(model.schemes)):
        if task not in model.learned:
            fit_readout(model, task, _rows(model, corpora.examples(task)))


def _save_with(mixture: _Mixture, model: RelationModel, scheme: Scheme, output: Path) -> None:
    with torch.no_grad():
        model.mix.weight.copy_(mixture.weight)
    save_relation_model(model, output)
    save_trained_scheme(output, scheme, mixture.thresholds)


def _batch_loss(
    model: RelationModel,
    examples: Sequence[RelationExample],
    lessons: Sequence[TeacherAnswer],
    seed: int,
) -> Callable[[list[int]], torch.Tensor]:
    """The loss of a batch by the numbers of its examples, with some lessons drawn for it."""

    def loss(batch: list[int]) -> torch.Tensor:
        value = _gold_loss(model, [examples[i] for i in batch])
        if not lessons:
            return value
        drawn = f"{seed} {batch}"
        return value + teaching_loss(model, lessons, count=TEACHER_ANSWERS_A_BATCH, seed=drawn)

    return loss


def _batches(examples: int, size: int, *, seed: int) -> list[list[int]]:
    order = list(range(examples))
    random.Random(seed).shuffle(order)
    return [order[start : start + size] for start in range(0, examples, size)]


def _keep_best(
    model: RelationModel, scheme: Scheme, output: Path, epoch: int, scores: Mapping[str, float]
) -> None:
    """Write the checkpoint if no earlier epoch was better, and the scores to the history."""
    earlier = [entry for entry in read_history(output) if entry["epoch"] < epoch]
    if _sum_of_f1(scores) > max(map(_sum_of_f1, earlier), default=0.0):
        save_relation_model(model, output)
        save_trained_scheme(output, scheme, {"": scores["threshold"]})
    add_to_history(output, {"epoch": epoch, **scores})


def _fit_others(
    model: RelationModel,
    scheme: Scheme,
    corpora: RelationCorpora,
    output: Path,
    log: Callable[[str], None],
) -> None:
    _, thresholds = load_trained_scheme(output)
    for task, name in enumerate(scheme.also, start=1):
        dev, gold = corpora.dev(task)
        if task in model.learned:
            fit_words(model, _rows(model, corpora.examples(task), network=False), task)
            scores = choose_mixture(model, _rows(model, dev), gold, task)
        else:
            fit_readout(model, task, _rows(model, corpora.examples(task)))
            scores = scores_of(model, _rows(model, dev), task, gold)
        log(f"{name}: " + ", ".join(f"{k} {v:.4f}" for k, v in scores.items()))
        thresholds[name] = scores["threshold"]
        save_relation_model(model, output)
        save_trained_scheme(output, scheme, thresholds)


def _rows(
    model: RelationModel, examples: Sequence[RelationExample], *, network: bool = True
) -> AnswerRows:
    rows = [(e.input, e.label, e.novel, e.subject) for e in examples]
    return answer_rows(model, rows, network=network)


def _sum_of_f1(scores: Mapping[str, float]) -> float:
    return sum(scores.get(name, 0.0) for name in ("pair", "type", "novelty", "direction"))


def _gold_loss(model: RelationModel, batch: Sequence[RelationExample]) -> torch.Tensor:
    """The loss of each task by its share of the batch."""
    total = torch.zeros(())
    for task in sorted({example.task for example in batch}):
        examples = [example for example in batch if example.task == task]
        total = total + len(examples) / len(batch) * _task_loss(model, examples, task)
    return total


def _task_loss(
    model: RelationModel, examples: Sequence[RelationExample], task: int
) -> torch.Tensor:
    scores = list(
        zip(*(model.network(**network_inputs(example.input)) for example in examples), strict=True)
    )
    weights = np.concatenate([np.full(len(e.label), e.weight, np.float32) for e in examples])
    weight = torch.from_numpy(weights)
    parts = [("label", 1.0, model.learned[task])]
    if not task:
        parts += [("novel", NOVELTY_WEIGHT, 1), ("subject", SUBJECT_WEIGHT, 2)]
    total = torch.zeros(())
    for name, share, place in parts:
        wanted = torch.from_numpy(np.concatenate([getattr(e, name) for e in examples]))
        told = wanted >= 0
        if bool(told.any()):
            losses = torch.nn.functional.cross_entropy(
                torch.cat(scores[place])[told], wanted[told], reduction="none"
            )
            total = total + share * (losses * weight[told]).sum() / told.sum()
    return total
