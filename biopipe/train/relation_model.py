"""The relation model: one encoder pass, then concepts, their common context and the words around them for all pairs.

After ATLOP (Zhou et al. 2021): a concept is the log-sum-exp of its mentions, and each pair reads the tokens that
both concepts attend to. Beside that each pair has an attention of its own over the tokens, drawn to shared sentences
and to the stretch between the nearest mentions, and counts of trigger words by a linear layer of its own.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from transformers import AutoModel, PreTrainedModel

from biopipe.errors import ConfigError

__all__ = ["Columns", "RelationModel"]

GROUPS = 12
HEADS, QUERY, VALUE = 6, 32, 32  # of the attention of pairs; a value reads 32 of the words, 32 of the states
# How much a head is first drawn to: nearness to both, sentences with both, sentences with either, the first sentence.
DRAWN = ((0.5, 0, 0, 0), (0.5, 0, 0, 0), (0.2, 2, 0, 0), (0.1, 2, 0.5, 0), (0, 0, 1, 0), (0, 0, 0, 2))
REACH = 8.0  # tokens; over this distance nearness falls to 1/e


@dataclass(frozen=True, slots=True)
class Columns:
    """The outputs of one scheme: one for "is related", one for each label, two for background and novel if asked."""

    labels: int
    novelty: bool

    @property
    def count(self) -> int:
        """How many columns the scheme takes."""
        return 1 + self.labels + 2 * self.novelty


class RelationModel(torch.nn.Module):
    """For each scheme scores (pairs, 1 + labels), column 0 for no relation; (pairs, 2) for novelty after the first."""

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
        columns = sum(scheme.count for scheme in schemes)
        width = encoder.config.hidden_size
        self.heads = encoder.config.num_attention_heads
        self.types = torch.nn.Embedding(1 + entity_labels, width)
        torch.nn.init.normal_(self.types.weight, std=0.02)
        self.head = torch.nn.Linear(2 * width, width)
        self.tail = torch.nn.Linear(2 * width, width)
        self.block = width // GROUPS
        self.bilinear = torch.nn.Linear(width * self.block, columns)
        self.query = torch.nn.Linear(width, HEADS * QUERY)
        self.key = torch.nn.Linear(width, HEADS * QUERY)
        self.word_value = torch.nn.Linear(width, HEADS * VALUE)
        self.state_value = torch.nn.Linear(width, HEADS * VALUE)
        self.drawn = torch.nn.Parameter(torch.tensor(DRAWN, dtype=torch.float32))
        self.wide = torch.nn.Linear(3 * width + 2 * HEADS * VALUE + features, 256)
        self.out = torch.nn.Linear(256, columns)
        self.words = torch.nn.Linear(features, kinds * columns)
        # The model starts as what the trainer fits into `words`; all else learns what that gets wrong.
        for layer in (self.bilinear, self.out, self.words):
            torch.nn.init.zeros_(layer.weight)
            torch.nn.init.zeros_(layer.bias)
        self.dropout = torch.nn.Dropout(0.25)

    def forward(
        self,
        input_ids: torch.Tensor,
        attention_mask: torch.Tensor,
        entity_types: torch.Tensor,
        mention_tokens: torch.Tensor,
        mention_mask: torch.Tensor,
        sentences: torch.Tensor,
        pairs: torch.Tensor,
        kinds: torch.Tensor,
        features: torch.Tensor,
    ) -> tuple[torch.Tensor, ...]:
        embedded = self.encoder.get_input_embeddings()(input_ids) + self.types(entity_types)
        states = self.encoder(
            inputs_embeds=embedded, attention_mask=attention_mask, output_hidden_states=True
        ).hidden_states
        flat = states[-1].reshape(-1, states[-1].shape[-1])
        words = states[0].reshape(-1, states[0].shape[-1])
        seen = _Seen(input_ids, attention_mask, mention_tokens, mention_mask, sentences)
        concepts = self._concepts(flat, mention_tokens, mention_mask)
        context = self._shared_context(states[-2], flat, seen, pairs)
        first, second = concepts[pairs[:, 0]], concepts[pairs[:, 1]]
        around = self._around(first + second, words, flat, seen, pairs)
        head = torch.tanh(self.head(torch.cat([first, context], dim=-1)))
        tail = torch.tanh(self.tail(torch.cat([second, context], dim=-1)))
        grouped = head.reshape(-1, GROUPS, self.block, 1) * tail.reshape(-1, GROUPS, 1, self.block)
        wide = self.dropout(torch.cat([head, tail, context, around], dim=-1))
        scores = self.bilinear(self.dropout(grouped.reshape(-1, GROUPS * self.block * self.block)))
        wide = torch.nn.functional.gelu(self.wide(torch.cat([wide, features], dim=-1)))
        scores = scores + self.out(self.dropout(wide)) + self._of_kind(features, kinds)
        return self._split(scores)

    def _concepts(self, flat: torch.Tensor, tokens: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        mentions = (flat[tokens[..., 0]] + flat[tokens[..., 1]]) * 0.5
        return torch.logsumexp(mentions + (mask[..., None] - 1.0) * 1e4, dim=1)

    def _shared_context(
        self, states: torch.Tensor, flat: torch.Tensor, seen: "_Seen", pairs: torch.Tensor
    ) -> torch.Tensor:
        """What both concepts attend to in the encoder's last layer, computed for mention tokens only."""
        encoder: Any = self.encoder
        layer = encoder.encoder.layer[-1].attention.self
        before = states.reshape(-1, states.shape[-1])
        size = before.shape[-1] // self.heads
        keys = layer.key(before).reshape(-1, self.heads, size)
        queries = layer.query(before[seen.first]).reshape(-1, self.heads, size)
        scores = torch.einsum("mhd,thd->mht", queries, keys) / math.sqrt(size)
        weights = torch.softmax(scores.masked_fill(~seen.visible[:, None, :], -1e4), dim=-1)
        mean = seen.belongs / seen.belongs.sum(dim=1, keepdim=True)
        attention = (mean @ weights.flatten(1)).reshape(-1, self.heads, before.shape[0])
        # Head by head: all at once would take heads times the memory on a document with thousands of pairs.
        both = [each[pairs[:, 0]] * each[pairs[:, 1]] for each in attention.unbind(dim=1)]
        local = sum(both[1:], start=both[0])
        return (local / (local.sum(dim=-1) + 1e-9)[:, None]) @ flat

    def _around(
        self,
        ends: torch.Tensor,
        words: torch.Tensor,
        flat: torch.Tensor,
        seen: "_Seen",
        pairs: torch.Tensor,
    ) -> torch.Tensor:
        """Each pair's own attention over the tokens; nearness to both is level between two mentions, falls outside."""
        near = seen.near[pairs[:, 0]] + seen.near[pairs[:, 1]]
        one, other = seen.sentence[pairs[:, 0]], seen.sentence[pairs[:, 1]]
        shared, either = one * other, one + other
        queries = self.query(ends).reshape(-1, HEADS, QUERY)
        keys = self.key(flat).reshape(-1, HEADS, QUERY)
        values = torch.cat(
            [
                self.word_value(words).reshape(-1, HEADS, VALUE),
                self.state_value(flat).reshape(-1, HEADS, VALUE),
            ],
            dim=-1,
        )
        read = []
        for head in range(HEADS):
            drawn = self.drawn[head]
            scores = queries[:, head] @ keys[:, head].transpose(0, 1) / math.sqrt(QUERY)
            scores = scores + drawn[0] * near + drawn[1] * shared + drawn[2] * either
            scores = scores + (drawn[3] * seen.opening + seen.padding)[None, :]
            read.append(torch.softmax(scores, dim=-1) @ values[:, head])
        return torch.cat(read, dim=-1)

    def _of_kind(self, features: torch.Tensor, kinds: torch.Tensor) -> torch.Tensor:
        """What the features alone say, with weights of its own for each kind of pair."""
        every = self.words(features).reshape(features.shape[0], self.kinds, -1)
        chosen = (kinds[:, None] == torch.arange(self.kinds)[None, :]).to(every.dtype)
        return (every * chosen[:, :, None]).sum(dim=1)

    def _split(self, scores: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """Log-probabilities of no relation and of each label, by scheme, and the novelty scores."""
        outputs: list[torch.Tensor] = []
        start = 0
        for scheme in self.schemes:
            related = scores[:, start : start + 1]
            labels = scores[:, start + 1 : start + 1 + scheme.labels]
            no, yes = torch.nn.functional.logsigmoid(-related), torch.nn.functional.logsigmoid(related)
            outputs.append(torch.cat([no, yes + torch.log_softmax(labels, dim=-1)], dim=-1))
            if scheme.novelty:
                outputs.append(scores[:, start + 1 + scheme.labels : start + scheme.count])
            start += scheme.count
        return tuple(outputs)

    @classmethod
    def start(
        cls, base: str, *, entity_labels: int, kinds: int, features: int, schemes: Sequence[Columns]
    ) -> "RelationModel":
        """A model whose encoder comes from `base`, a checkpoint folder or hub id of any BERT-like architecture."""
        encoder = AutoModel.from_pretrained(base, attention_probs_dropout_prob=0.0)
        if not hasattr(getattr(encoder, "encoder", None), "layer"):
            raise ConfigError(
                f"The architecture {encoder.config.model_type} of {base} is not laid out like BERT; "
                "start a relation model from a BERT, RoBERTa or ELECTRA encoder."
            )
        return cls(encoder, entity_labels=entity_labels, kinds=kinds, features=features, schemes=schemes)


class _Seen:
    """What the mentions see of the flattened windows: tokens, sentences, distances. Memory grows with mentions."""

    def __init__(
        self,
        input_ids: torch.Tensor,
        attention_mask: torch.Tensor,
        tokens: torch.Tensor,
        mask: torch.Tensor,
        sentences: torch.Tensor,
    ) -> None:
        real = mask.nonzero()
        self.first = tokens[real[:, 0], real[:, 1], 0]
        last = tokens[real[:, 0], real[:, 1], 1]
        window = torch.arange(input_ids.shape[0])[:, None].expand(-1, input_ids.shape[1]).reshape(-1)
        there = attention_mask.reshape(-1) > 0
        self.visible = (window[self.first][:, None] == window[None, :]) & there[None, :]
        self.belongs = (real[:, 0][None, :] == torch.arange(tokens.shape[0])[:, None]).to(mask.dtype)
        place = torch.arange(input_ids.shape[0] * input_ids.shape[1])[None, :]
        away = torch.relu((self.first[:, None] - place).to(mask.dtype))
        away = away + torch.relu((place - last[:, None]).to(mask.dtype))
        seen = self.visible.to(mask.dtype)
        self.near = torch.log(self.belongs @ (torch.exp(away / -REACH) * seen) + 1e-3)
        number = sentences.reshape(-1)
        same = (number[self.first][:, None] == number[None, :]).to(mask.dtype) * seen
        self.sentence = (self.belongs @ same).clamp(max=1.0)
        self.opening = (number == 0).to(mask.dtype)
        self.padding = (1.0 - there.to(mask.dtype)) * -1e4
