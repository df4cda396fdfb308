"""Train a bi-encoder of names: SapBERT's recipe (Liu et al. 2021) on the synonyms of knowledge
bases.

Multi-similarity loss with its own mining (Wang et al. 2019). With `hierarchy`, parents are graded
positives (HiPrBERT, Cai et al. 2023): less similar than a synonym, more than anything else.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from transformers import AutoConfig, AutoModel, PreTrainedModel

from biopipe.errors import ConfigError
from biopipe.runtime.tokenizer import Tokenizer
from biopipe.train.common.base import save_tokenizer
from biopipe.train.common.batches import epoch_seed
from biopipe.train.common.dropout import share_dropout_over_tokens
from biopipe.train.common.loop import fit
from biopipe.train.common.schedule import Schedule
from biopipe.train.linking.names import NamedConcepts, NamePair, pair_batches

__all__ = [
    "BIENCODER_SETTINGS",
    "POOLINGS",
    "BiEncoderModel",
    "NameVectors",
    "load_biencoder",
    "multi_similarity",
    "save_biencoder",
    "train_biencoder",
]

POOLINGS = ("mean", "cls")
BIENCODER_SETTINGS = "biencoder.json"

# The values of SapBERT's training.
_ALPHA, _BETA, _BASE, _MINING = 1.0, 60.0, 0.5, 0.2
_MARGIN = 0.1
_LONGEST = 48  # tokens of a name; longer ones are cut in training only
_CHUNK = 64


class BiEncoderModel(torch.nn.Module):
    """Ids and mask (names, tokens) int64 to unit vectors (names, width) float32.

    `pooling` is "mean" (over the tokens of a name) or "cls" (its first token); ConfigError for
    another.
    """

    def __init__(self, encoder: PreTrainedModel, *, pooling: str) -> None:
        super().__init__()
        if pooling not in POOLINGS:
            raise ConfigError(f"Unknown pooling '{pooling}'; give one of: {', '.join(POOLINGS)}.")
        self.encoder = encoder
        self.pooling = pooling

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        """Of ids and mask (names, tokens) int64 unit vectors (names, width) float32."""
        states = self.encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        if self.pooling == "cls":
            pooled = states[:, 0]
        else:
            mask = attention_mask[..., None].to(states.dtype)
            pooled = (states * mask).sum(dim=1) / mask.sum(dim=1)
        return torch.nn.functional.normalize(pooled, dim=-1)


@dataclass(frozen=True, slots=True)
class NameVectors:
    """Tokenizes names and runs them through the model in chunks of like length."""

    model: BiEncoderModel
    tokenizer: Tokenizer

    def __call__(self, texts: Sequence[str]) -> torch.Tensor:
        prefix, suffix = self.tokenizer.prefix, self.tokenizer.suffix
        rows = [
            (*prefix, *t.ids[:_LONGEST].tolist(), *suffix) for t in self.tokenizer.encode(texts)
        ]
        # By length, so that little is padded; the order is restored at the end.
        order = sorted(range(len(rows)), key=lambda i: len(rows[i]))
        chunks = [order[i : i + _CHUNK] for i in range(0, len(order), _CHUNK)]
        vectors = torch.cat([self._chunk([rows[i] for i in chunk]) for chunk in chunks])
        return vectors[torch.tensor(order).argsort()]

    def _chunk(self, rows: Sequence[Sequence[int]]) -> torch.Tensor:
        ids = torch.full((len(rows), max(map(len, rows))), self.tokenizer.pad_id)
        mask = torch.zeros_like(ids)
        for place, row in enumerate(rows):
            ids[place, : len(row)] = torch.tensor(row)
            mask[place, : len(row)] = 1
        vectors: torch.Tensor = self.model(ids, mask)
        return vectors


def train_biencoder(
    data: NamedConcepts,
    base: str,
    output: Path,
    *,
    schedule: Schedule,
    batch_pairs: int = 128,
    pooling: str = "mean",
    hierarchy: bool = False,
    log: Callable[[str], None],
) -> Path:
    """Train from the encoder `base`; writes `model.safetensors`, its config, `biencoder.json` and
    the tokenizer.
    """
    output.mkdir(parents=True, exist_ok=True)
    tokenizer = Tokenizer(save_tokenizer(base, output))
    torch.manual_seed(schedule.seed)
    encoder = AutoModel.from_pretrained(
        base, attention_probs_dropout_prob=0.0, add_pooling_layer=False
    )
    model = BiEncoderModel(encoder, pooling=pooling)
    share_dropout_over_tokens(model)
    encode = NameVectors(model, tokenizer)
    log(f"{len(data.names)} concepts, {sum(map(len, data.names))} names")

    def batches(epoch: int) -> list[list[NamePair]]:
        return pair_batches(data, size=batch_pairs, seed=epoch_seed(schedule.seed, epoch))

    def loss(batch: list[NamePair]) -> torch.Tensor:
        texts = [text for _, *pair in batch for text in pair]
        vectors = encode(texts)
        concepts = torch.tensor([concept for concept, *_ in batch]).repeat_interleave(2)
        value = multi_similarity(vectors, concepts, apart=_apart(texts, concepts, data, hierarchy))
        return value + _graded(vectors, concepts, data) if hierarchy else value

    fit(model, batches, loss, schedule=schedule, checkpoint=output / "checkpoint", log=log)
    save_biencoder(model, output)
    return output


def save_biencoder(model: BiEncoderModel, output: Path) -> None:
    """Write `model.safetensors`, its config and `biencoder.json`."""
    tensors = {
        name: tensor.contiguous().clone() for name, tensor in model.encoder.state_dict().items()
    }
    save_file(tensors, output / "model.safetensors")
    model.encoder.config.save_pretrained(output)
    (output / BIENCODER_SETTINGS).write_text(
        json.dumps({"pooling": model.pooling}), encoding="utf-8"
    )


def load_biencoder(checkpoint: str, *, pooling: str | None = None) -> BiEncoderModel:
    """A trained checkpoint of ours, or any encoder (SapBERT: pooling `cls`) with the pooling it was
    trained with.
    """
    own = Path(checkpoint) / BIENCODER_SETTINGS
    if own.is_file():
        pooling = str(json.loads(own.read_text(encoding="utf-8"))["pooling"])
        config = AutoConfig.from_pretrained(checkpoint)
        encoder = AutoModel.from_config(
            config, attn_implementation="eager", add_pooling_layer=False
        )  # type: ignore[no-untyped-call]
        encoder.load_state_dict(load_file(Path(checkpoint) / "model.safetensors"))
    else:
        encoder = AutoModel.from_pretrained(
            checkpoint, attn_implementation="eager", add_pooling_layer=False
        )
    return BiEncoderModel(encoder, pooling=pooling or "mean").eval()


def multi_similarity(
    vectors: torch.Tensor, concepts: torch.Tensor, *, apart: torch.Tensor
) -> torch.Tensor:
    """Multi-similarity loss (Wang et al. 2019) over unit vectors (n, width) float32, a scalar.

    `concepts`: (n,) int64, whose names they are; `apart`: (n, n) bool, the pairs that are true
    negatives.

    Mined: a negative counts if it is nearly as similar as the least similar positive of its anchor,
    a positive if it is hardly more similar than the most similar negative.
    """
    similarity = vectors @ vectors.T
    same = (concepts[:, None] == concepts[None, :]) & ~torch.eye(len(concepts), dtype=torch.bool)
    # 2 and -2 lie beyond any cosine: a row without positives or negatives mines nothing there.
    least = similarity.masked_fill(~same, 2.0).amin(dim=1, keepdim=True)
    most = similarity.masked_fill(~apart, -2.0).amax(dim=1, keepdim=True)
    positive, negative = (
        same & (similarity < most + _MINING),
        apart & (similarity > least - _MINING),
    )
    pull = _soft_count(-_ALPHA * (similarity - _BASE), positive) / _ALPHA
    push = _soft_count(_BETA * (similarity - _BASE), negative) / _BETA
    return (pull + push).mean()


def _soft_count(scores: torch.Tensor, counted: torch.Tensor) -> torch.Tensor:
    """log(1 + sum of exp(scores) over those counted) of each row, (n,) float32."""
    masked = scores.masked_fill(~counted, float("-inf"))
    # The padded 0 is the 1 in the logarithm; it also keeps a row with nothing counted finite.
    return torch.logsumexp(torch.nn.functional.pad(masked, (1, 0)), dim=1)


def _apart(
    texts: Sequence[str], concepts: torch.Tensor, data: NamedConcepts, hierarchy: bool
) -> torch.Tensor:
    """Names of different concepts, but for those of concepts that share a name, and (with
    `hierarchy`) of parents and children.
    """
    apart = concepts[:, None] != concepts[None, :]
    places: dict[str, set[int]] = {}
    for place, (text, concept) in enumerate(zip(texts, concepts.tolist(), strict=True)):
        for name in (text, *data.names[concept]):
            places.setdefault(name.lower(), set()).add(place)
    # Concepts that share a name, of two vocabularies that nothing joins, are mostly one; and a
    # homonym cannot be pushed away from itself.
    for same in places.values():
        if len(same) > 1:
            shared = torch.tensor(sorted(same))
            apart[shared[:, None], shared] = False
    return apart & ~_related(concepts, data) if hierarchy else apart


def _related(concepts: torch.Tensor, data: NamedConcepts) -> torch.Tensor:
    related = torch.zeros((len(concepts), len(concepts)), dtype=torch.bool)
    ids = concepts.tolist()
    places: dict[int, list[int]] = {}
    for place, concept in enumerate(ids):
        places.setdefault(concept, []).append(place)
    for place, concept in enumerate(ids):
        for parent in data.parents[concept] & places.keys():
            for other in places[parent]:
                related[place, other] = related[other, place] = True
    return related


def _graded(vectors: torch.Tensor, concepts: torch.Tensor, data: NamedConcepts) -> torch.Tensor:
    """A synonym is nearer than a parent or child, and that is nearer than the other names are on
    average.
    """
    similarity = vectors @ vectors.T
    related = _related(concepts, data)
    rows, columns = related.nonzero(as_tuple=True)
    if not len(rows):
        return vectors.new_zeros(())
    same = (concepts[:, None] == concepts[None, :]) & ~torch.eye(len(concepts), dtype=torch.bool)
    synonym = similarity.masked_fill(~same, 2.0).amin(dim=1)
    others = (concepts[:, None] != concepts[None, :]) & ~related
    other = (similarity * others).sum(dim=1) / others.sum(dim=1).clamp(min=1)
    near = similarity[rows, columns]
    return (
        torch.relu(_MARGIN - (synonym[rows] - near)) + torch.relu(_MARGIN - (near - other[rows]))
    ).mean()
