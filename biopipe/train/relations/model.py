"""The relation model: one encoder pass, concept embeddings, localized context, and counts of words
around a pair.

After ATLOP (Zhou et al. 2021): a concept is the log-sum-exp of its mentions, and each pair reads
the tokens that both concepts attend to. The attention is the encoder's own last layer, computed for
mention tokens only. What this network says of a pair is mixed with what regressions and boosted trees
say by places and trigger words; each scheme has its own mixture.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Any

import torch
from transformers import AutoModel, PreTrainedModel

from biopipe.errors import ConfigError
from biopipe.relations.features import PLACE_FEATURES
from biopipe.train.relations.attention import check_layout, last_projections, position_bias
from biopipe.train.relations.trees import BoostedTrees

__all__ = [
    "NOVELTY_WEIGHT",
    "SUBJECTS",
    "SUBJECT_WEIGHT",
    "Columns",
    "RelationModel",
    "read_states",
    "tree_rows",
]

GROUPS = 12
# Of the loss of novelty beside that of the relation, in training and in learning from a teacher.
NOVELTY_WEIGHT = 0.3
SUBJECT_WEIGHT = 0.3
# What is masked gets this much less: its exponential is 0, and fp16, which ends at 65,504, holds it.
MASKED = 1e4
DROPOUT = 0.2
INITIAL_DEVIATION = 0.02  # of embeddings, as BERT's (Devlin et al. 2019)
SUBJECTS = 3  # the head acts, the tail acts, neither does


@dataclass(frozen=True, slots=True)
class Columns:
    """The outputs of one scheme: one for "is related", one for each label, two for background and
    novel if asked, three for which end acts if asked. With `learned` the network has outputs of its
    own for the scheme, which only the first scheme always has.
    """

    labels: int
    novelty: bool
    subject: bool = False
    learned: bool = False

    @property
    def count(self) -> int:
        """How many columns the scheme takes."""
        return 1 + self.labels + 2 * self.novelty + SUBJECTS * self.subject


class RelationModel(torch.nn.Module):
    """For each scheme log-probabilities (pairs, 1 + labels), column 0 for no relation, and after
    them, where the scheme has them, scores (pairs, 2) of novelty and (pairs, 3) of the subject. The
    network learns the first scheme, and the labels of further ones that are `learned`."""

    def __init__(
        self,
        encoder: PreTrainedModel,
        *,
        entity_labels: int,
        kinds: int,
        features: int,
        schemes: Sequence[Columns],
    ) -> None:
        super().__init__()
        self.encoder = encoder
        self.schemes = tuple(schemes)
        self.kinds = kinds
        subjects = SUBJECTS if schemes[0].subject else 0
        # By scheme the place of its labels in what `network` gives; a scheme without one is read
        # out of the first scheme's.
        learned = [task for task, scheme in enumerate(schemes) if task and scheme.learned]
        self.learned = {0: 0, **{task: 3 + place for place, task in enumerate(learned)}}
        further = (1 + schemes[task].labels for task in learned)
        self.parts = (1 + schemes[0].labels, 2, subjects, *further)
        own, columns = sum(self.parts), sum(scheme.count for scheme in schemes)
        width = encoder.config.hidden_size
        self.heads = encoder.config.num_attention_heads
        self.types = torch.nn.Embedding(1 + entity_labels, width)
        torch.nn.init.normal_(self.types.weight, std=INITIAL_DEVIATION)
        self.head = torch.nn.Linear(2 * width, width)
        self.tail = torch.nn.Linear(2 * width, width)
        self.block = width // GROUPS
        self.bilinear = torch.nn.Linear(width * self.block, own)
        self.wide = torch.nn.Linear(3 * width + PLACE_FEATURES, width)
        self.out = torch.nn.Linear(width, own)
        self.dropout = torch.nn.Dropout(DROPOUT)
        self.words = torch.nn.Linear(features, kinds * columns)
        self.mix = torch.nn.Linear(own, columns, bias=False)
        for layer in (self.words, self.mix):
            layer.requires_grad_(False)
            layer.weight.zero_()
        self.words.bias.zero_()
        self.trees = BoostedTrees(columns)

    def forward(
        self,
        read: torch.Tensor,
        attention_mask: torch.Tensor,
        entity_types: torch.Tensor,
        mention_tokens: torch.Tensor,
        mention_mask: torch.Tensor,
        pairs: torch.Tensor,
        kinds: torch.Tensor,
        features: torch.Tensor,
    ) -> tuple[torch.Tensor, ...]:
        """The outputs of all schemes in their order; see `network` for the inputs, and the class
        for the shapes.
        """
        scores = self.network(
            read, attention_mask, entity_types, mention_tokens, mention_mask, pairs, features
        )
        mixed = self.mix(self.network_scores(*scores))
        return self._split(mixed + self.beside(features, kinds))

    def network(
        self,
        read: torch.Tensor,
        attention_mask: torch.Tensor,
        entity_types: torch.Tensor,
        mention_tokens: torch.Tensor,
        mention_mask: torch.Tensor,
        pairs: torch.Tensor,
        features: torch.Tensor,
    ) -> tuple[torch.Tensor, ...]:
        """Scores (pairs, 1 + labels), (pairs, 2) and (pairs, 3 or 0) float32 of the first scheme,
        then (pairs, 1 + labels) of each further one that is learned, by the encoder; what training
        trains.

        `read`: token ids (windows, tokens) int64, or the states (windows, tokens, width) float32 of
        a trunk; `attention_mask` and `entity_types`: (windows, tokens) int64; `mention_tokens`:
        (concepts, mentions, 2) int64, first and last token of each mention, counted through all
        windows; `mention_mask`: (concepts, mentions) float32; `pairs`: (pairs, 2) int64, concepts;
        `features`: (pairs, features) float32.
        """
        embedded = read if read.dim() == 3 else self.encoder.get_input_embeddings()(read)
        embedded = embedded + self.types(entity_types)
        states = self.encoder(
            inputs_embeds=embedded, attention_mask=attention_mask, output_hidden_states=True
        ).hidden_states
        flat = states[-1].reshape(-1, states[-1].shape[-1])
        concepts = self._concepts(flat, mention_tokens, mention_mask)
        attention = self._attention(states[-2], attention_mask, mention_tokens, mention_mask)
        context = _localized_context(attention, flat, pairs)
        head, tail = concepts[pairs[:, 0]], concepts[pairs[:, 1]]
        head = torch.tanh(self.head(torch.cat([head, context], dim=-1)))
        tail = torch.tanh(self.tail(torch.cat([tail, context], dim=-1)))
        grouped = head.reshape(-1, GROUPS, self.block, 1) * tail.reshape(-1, GROUPS, 1, self.block)
        wide = torch.cat([head, tail, context, features[:, :PLACE_FEATURES]], dim=-1)
        scores = self.bilinear(self.dropout(grouped.reshape(-1, GROUPS * self.block * self.block)))
        scores = scores + self.out(self.dropout(torch.nn.functional.gelu(self.wide(wide))))
        ends = [0, *accumulate(self.parts)]
        return tuple(scores[:, start:end] for start, end in pairwise(ends))

    def network_scores(
        self,
        logits: torch.Tensor,
        novelty: torch.Tensor,
        subject: torch.Tensor,
        *further: torch.Tensor,
    ) -> torch.Tensor:
        """The network's answer as (pairs, 1 + labels + 2 + 3 or 0), and 1 + labels of each further
        scheme that is learned: log odds of a relation, log-probabilities of the rest.
        """
        answers = [*_odds(logits), novelty.log_softmax(dim=-1)]
        if self.parts[2]:
            answers.append(subject.log_softmax(dim=-1))
        return torch.cat(
            [*answers, *(part for scores in further for part in _odds(scores))], dim=-1
        )

    def beside(self, features: torch.Tensor, kinds: torch.Tensor) -> torch.Tensor:
        """What regressions and trees say beside the network, (pairs, columns) float32, of `features`
        (pairs, features) float32 and `kinds` (pairs,) int64.
        """
        said = self.of_kind(features, kinds)
        # A graph without trees has no nodes for them.
        return said + self.trees(tree_rows(features, kinds)) if self.trees.count else said

    def of_kind(self, features: torch.Tensor, kinds: torch.Tensor) -> torch.Tensor:
        """What the regressions say, with weights of its own for each kind of pair.

        `features`: (pairs, features) float32, `kinds`: (pairs,) int64; gives (pairs, columns)
        float32.
        """
        by_kind = self.words(features).reshape(features.shape[0], self.kinds, -1)
        own_kind = (kinds[:, None] == torch.arange(self.kinds)[None, :]).to(by_kind.dtype)
        result: torch.Tensor = (by_kind * own_kind[:, :, None]).sum(dim=1)
        return result

    def _split(self, scores: torch.Tensor) -> tuple[torch.Tensor, ...]:
        outputs: list[torch.Tensor] = []
        start = 0
        for scheme in self.schemes:
            related = scores[:, start : start + 1]
            labels = scores[:, start + 1 : start + 1 + scheme.labels]
            no, yes = (
                -torch.nn.functional.softplus(related),
                -torch.nn.functional.softplus(-related),
            )
            outputs.append(torch.cat([no, yes + torch.log_softmax(labels, dim=-1)], dim=-1))
            behind = start + 1 + scheme.labels
            if scheme.novelty:
                outputs.append(scores[:, behind : behind + 2])
            start += scheme.count
            if scheme.subject:
                outputs.append(scores[:, start - SUBJECTS : start])
        return tuple(outputs)

    def _concepts(
        self, flat: torch.Tensor, tokens: torch.Tensor, mask: torch.Tensor
    ) -> torch.Tensor:
        mentions = (flat[tokens[..., 0]] + flat[tokens[..., 1]]) * 0.5
        return torch.logsumexp(mentions + (mask[..., None] - 1.0) * MASKED, dim=1)

    def _attention(
        self,
        states: torch.Tensor,
        attention_mask: torch.Tensor,
        tokens: torch.Tensor,
        mask: torch.Tensor,
    ) -> torch.Tensor:
        """Attention (concepts, heads, windows * tokens) from mention tokens, averaged over a
        concept's mentions.
        """
        query, key = last_projections(self.encoder)
        flat = states.reshape(-1, states.shape[-1])
        size = flat.shape[-1] // self.heads
        real = mask.nonzero()
        first = tokens[real[:, 0], real[:, 1], 0]
        keys = key(flat).reshape(-1, self.heads, size)
        queries = query(flat[first]).reshape(-1, self.heads, size)
        scores = torch.einsum("mhd,thd->mht", queries, keys) / math.sqrt(size)
        bias = position_bias(self.encoder, states)
        if bias is not None:
            tokens_of_window = states.shape[1]
            rows = bias[:, first % tokens_of_window].transpose(0, 1)
            scores = scores + rows.repeat(1, 1, states.shape[0])
        window = torch.arange(states.shape[0])[:, None].expand(-1, states.shape[1]).reshape(-1)
        visible = (window[first][:, None] == window[None, :]) & (attention_mask.reshape(-1) > 0)[
            None, :
        ]
        weights = torch.softmax(scores.masked_fill(~visible[:, None, :], -MASKED), dim=-1)
        belongs = (real[:, 0][None, :] == torch.arange(tokens.shape[0])[:, None]).to(weights.dtype)
        mean = belongs / belongs.sum(dim=1, keepdim=True)
        return (mean @ weights.flatten(1)).reshape(-1, self.heads, flat.shape[0])

    @classmethod
    def start(
        cls,
        base: str,
        *,
        entity_labels: int,
        kinds: int,
        features: int,
        schemes: Sequence[Columns],
        own_layers: int | None = None,
    ) -> "RelationModel":
        """A model whose encoder comes from `base`, a checkpoint folder or hub id of any BERT-like
        architecture.

        With `own_layers` it keeps as many of the last layers and reads the states of a trunk.
        ConfigError for an encoder of another layout or with fewer layers.
        """
        encoder = AutoModel.from_pretrained(base, attention_probs_dropout_prob=0.0)
        check_layout(encoder, base)
        if own_layers is not None:
            read_states(encoder, own_layers)
        return cls(
            encoder, entity_labels=entity_labels, kinds=kinds, features=features, schemes=schemes
        )


def tree_rows(features: torch.Tensor, kinds: torch.Tensor) -> torch.Tensor:
    """What the trees are told of pairs: their features and kind, (pairs, features + 1) float32."""
    return torch.cat([features, kinds[:, None].to(features.dtype)], dim=-1)


def _odds(logits: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Of scores (pairs, 1 + labels) the log odds of a relation (pairs, 1), and the
    log-probabilities of the labels of one (pairs, labels).
    """
    labels = logits[:, 1:]
    related = torch.logsumexp(labels, dim=-1, keepdim=True) - logits[:, :1]
    return related, torch.log_softmax(labels, dim=-1)


def _localized_context(
    attention: torch.Tensor, flat: torch.Tensor, pairs: torch.Tensor
) -> torch.Tensor:
    """What both concepts of each pair attend to, (pairs, width), of the states `flat` (windows *
    tokens, width).
    """
    # Head by head: all at once would take heads times the memory on a document with thousands of
    # pairs.
    both = [head[pairs[:, 0]] * head[pairs[:, 1]] for head in attention.unbind(dim=1)]
    local = sum(both[1:], start=both[0])
    local = local / (local.sum(dim=-1) + 1e-9)[:, None]
    return local @ flat


class _AsTheyAre(torch.nn.Module):
    """In the place of an encoder's embeddings: what comes in has been through another encoder's."""

    def forward(self, *, inputs_embeds: torch.Tensor, **_: Any) -> torch.Tensor:
        return inputs_embeds


def read_states(encoder: Any, layers: int) -> None:
    """Cut `encoder` to its last layers; what it is given are then hidden states in place of word
    embeddings.

    ConfigError where it has fewer.
    """
    own = encoder.encoder.layer
    if not 1 <= layers <= len(own):
        raise ConfigError(
            f"A relation model cannot have {layers} layers of its own; give 1 to {len(own)}."
        )
    encoder.encoder.layer = own[len(own) - layers :]
    encoder.config.num_hidden_layers = layers
    encoder.embeddings = _AsTheyAre()
