"""Tune a bi-encoder on linked mentions: BioSyn's marginal likelihood (Sung et al. 2020) over
retrieved names.
"""

import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from biopipe.document import Document
from biopipe.errors import InputError, KnowledgeBaseError
from biopipe.kb.base import KnowledgeBase
from biopipe.linking.biencoder import BiEncoder, find_encoder
from biopipe.linking.surface_forms import SurfaceForms
from biopipe.runtime.tokenizer import Tokenizer
from biopipe.train.common.base import save_tokenizer
from biopipe.train.common.batches import epoch_seed
from biopipe.train.common.dropout import share_dropout_over_tokens
from biopipe.train.common.loop import fit
from biopipe.train.common.schedule import Schedule
from biopipe.train.linking.biencoder import NameVectors, load_biencoder, save_biencoder

__all__ = ["Retrieved", "retrieved_of", "tune_biencoder"]

# Names by vectors and by n-grams that compete for a mention, and names of its concept when none was
# retrieved.
_BY_VECTORS, _BY_NGRAMS, _OWN = 8, 4, 3
_SCALE = 20.0
_BATCH = 512


@dataclass(frozen=True, slots=True)
class Retrieved:
    """A mention, the names that compete for it, and which of them are names of its concept."""

    surface: str
    names: tuple[str, ...]
    right: tuple[bool, ...]


def retrieved_of(
    documents: Iterable[Document], bases: Mapping[str, KnowledgeBase], encoder: str | Path = "auto"
) -> list[Retrieved]:
    """Each different pair of mention and concept once, without mentions of several concepts or of
    unknown ones.
    """
    encoders = {label: find_encoder(kb, encoder) for label, kb in bases.items()}
    asked: dict[tuple[str, str, str], None] = {}
    for document in documents:
        surface_forms = SurfaceForms(document)
        for mention in document.mentions:
            kb = bases.get(mention.label)
            gold = (
                kb.canonical(mention.concept_ids[0])
                if kb and len(mention.concept_ids) == 1
                else None
            )
            if gold is not None:
                asked[mention.label, surface_forms.of(mention)[0], gold] = None
    rows = list(asked)
    return [
        each
        for start in range(0, len(rows), _BATCH)
        for each in _retrieve(rows[start : start + _BATCH], bases, encoders)
    ]


def _retrieve(
    rows: Sequence[tuple[str, str, str]],
    bases: Mapping[str, KnowledgeBase],
    encoders: Mapping[str, BiEncoder | None],
) -> Iterator[Retrieved]:
    for label, kb in bases.items():
        pairs = [(surface, gold) for each, surface, gold in rows if each == label]
        surfaces = [surface for surface, _ in pairs]
        encoder = encoders[label]
        if encoder is None:
            raise KnowledgeBaseError(
                f"The knowledge base {kb.path} holds no vectors; build it again with --dense."
            )
        kb.check_encoder(encoder.name, encoder.hash)
        vectors = encoder.encode(surfaces)
        hits = zip(
            kb.search_dense(vectors, _BY_VECTORS),
            kb.search_ngrams(surfaces, _BY_NGRAMS),
            strict=True,
        )
        for (surface, gold), (near, alike) in zip(pairs, hits, strict=True):
            names = {
                kb.name_text(hit.name): kb.concept_id(hit.concept) == gold
                for hit in (*near, *alike)
            }
            # A likelihood of nothing right could not be raised.
            if not any(names.values()):
                concept = kb.concept(gold)
                names |= dict.fromkeys((concept.name, *concept.synonyms)[:_OWN], True)
            yield Retrieved(surface, tuple(names), tuple(names.values()))


def tune_biencoder(
    examples: Sequence[Retrieved],
    base: str,
    output: Path,
    *,
    schedule: Schedule,
    batch_mentions: int = 16,
    log: Callable[[str], None],
) -> Path:
    """Go on from the checkpoint `base` of `train_biencoder`; the names of the right concept share
    the likelihood. InputError without examples.
    """
    if not examples:
        raise InputError(
            "No mention has a concept of the knowledge bases; give documents linked to these."
        )
    output.mkdir(parents=True, exist_ok=True)
    tokenizer = Tokenizer(save_tokenizer(base, output))
    torch.manual_seed(schedule.seed)
    model = load_biencoder(base)
    share_dropout_over_tokens(model)
    encode = NameVectors(model, tokenizer)
    log(f"{len(examples)} mentions")

    def batches(epoch: int) -> list[list[int]]:
        order = list(range(len(examples)))
        random.Random(epoch_seed(schedule.seed, epoch)).shuffle(order)
        return [order[i : i + batch_mentions] for i in range(0, len(order), batch_mentions)]

    def loss(batch: list[int]) -> torch.Tensor:
        mentions = [examples[i] for i in batch]
        # Names that several mentions compete for are encoded once.
        texts = list(dict.fromkeys(text for e in mentions for text in (e.surface, *e.names)))
        place = {text: i for i, text in enumerate(texts)}
        vectors = encode(texts)
        return torch.stack([_marginal(vectors, e, place) for e in mentions]).mean()

    fit(model, batches, loss, schedule=schedule, checkpoint=output / "checkpoint", log=log)
    save_biencoder(model, output)
    return output


def _marginal(vectors: torch.Tensor, example: Retrieved, place: Mapping[str, int]) -> torch.Tensor:
    names = vectors[[place[name] for name in example.names]]
    logits = _SCALE * (names @ vectors[place[example.surface]])
    likelihood = logits.log_softmax(dim=0)[torch.tensor(example.right)].logsumexp(dim=0)
    return -likelihood
