"""GLiNER's modules as one graph from tokens to span scores, with the span layer's products taken
apart.

GLiNER scores a span by a two-layer network on its first and its last word, for every span: most of
the work of a small model. Both products are linear on either side of the ReLU between them, so the
first is done once a word and the second goes into the labels' vectors. That leaves an addition and
a product with a few labels for each span.
"""

from typing import Any

import torch
from torch.nn.functional import linear, pad
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from biopipe.errors import ModelError
from biopipe.ner.gliner_inputs import OUTSIDE, Layout

__all__ = ["LabelVectors", "PackageScores", "SpanScores", "check_supported", "layout_of_config"]


def check_supported(config: Any, checkpoint: str) -> None:
    """ModelError for the kinds of GLiNER whose graph this is not."""

    def setting(name: str) -> Any:
        # Of later versions of the gliner package than the one that is installed.
        return getattr(config, name, None)

    refused = {
        "span_mode": config.span_mode != "markerV0",
        "subtoken_pooling": config.subtoken_pooling not in ("first", "last"),
        "words_splitter_type": config.words_splitter_type != "whitespace",
        "span_encoder_config": setting("span_encoder_config") is not None,
        "labels_decoder": setting("labels_decoder") is not None,
        "relations_layer": setting("relations_layer") is not None,
        "precomputed_prompts_mode": bool(setting("precomputed_prompts_mode")),
        "post_fusion_schema": bool(setting("post_fusion_schema"))
        and bool(setting("labels_encoder")),
    }
    if wrong := [name for name, is_wrong in refused.items() if is_wrong]:
        raise ModelError(
            f"{checkpoint} has {wrong[0]} {getattr(config, wrong[0])!r}, which biopipe does not "
            "run; give a GLiNER with spans (markerV0), words split at spaces, and one vector a "
            "word."
        )


def layout_of_config(config: Any) -> Layout:
    """What a checkpoint's configuration says of its inputs."""
    return Layout(
        max_width=int(config.max_width),
        max_words=int(config.max_len),
        entity=str(config.ent_token),
        separator=str(config.sep_token),
        label_shift=0 if config.embed_ent_token else 1,
        pooling=str(config.subtoken_pooling),
    )


class SpanScores(torch.nn.Module):
    """Logits (batch, words, widths, labels) of a `GLiNER.model`, which shares its weights.

    Inputs are those of `biopipe.ner.gliner_inputs.gliner_feed`; spans past the end of their text
    have `OUTSIDE`.
    """

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model
        self.spans = model.span_rep_layer.span_rep_layer

    def forward(
        self,
        input_ids: torch.Tensor,
        attention_mask: torch.Tensor,
        words: torch.Tensor,
        text_lengths: torch.Tensor,
        labels: torch.Tensor,
    ) -> torch.Tensor:
        """Logits (batch, words, widths, labels) float32; see `gliner_feed` for the inputs."""
        states = self.model.token_rep_layer.encode_text(input_ids, attention_mask)
        read = _at(states, words.clamp(min=0)) * (words >= 0).unsqueeze(-1)
        if labels.dtype == torch.int64:
            labels = _at(states, labels)
            read = self._recurrent(read, text_lengths)
        return self._scores(read, self.model.prompt_rep_layer(labels), text_lengths)

    def _recurrent(self, words: torch.Tensor, text_lengths: torch.Tensor) -> torch.Tensor:
        """Through the LSTM where there is one; GLiNER's bi-encoders have one too but do not use
        it.
        """
        if not hasattr(self.model, "rnn"):
            return words
        # Packed, so that the backward direction begins at a text's last word, not in the padding.
        packed = pack_padded_sequence(
            words, text_lengths[:, 0], batch_first=True, enforce_sorted=False
        )
        output, _ = self.model.rnn.lstm(packed)
        return pad_packed_sequence(output, batch_first=True)[0]

    def _scores(
        self, words: torch.Tensor, labels: torch.Tensor, text_lengths: torch.Tensor
    ) -> torch.Tensor:
        width, count, size = self.spans.max_width, words.shape[1], words.shape[2]
        inner, _, dropout, outer = self.spans.out_project
        first = linear(self.spans.project_start(words).relu(), inner.weight[:, :size], inner.bias)
        last = linear(self.spans.project_end(words).relu(), inner.weight[:, size:])
        # So that every first word has a last one for every width, and all widths one shape.
        last = pad(last, (0, 0, 0, width - 1))
        columns = (labels @ outer.weight).transpose(1, 2)
        bias = (labels * outer.bias).sum(dim=-1).unsqueeze(1)
        place = torch.arange(count, device=words.device).unsqueeze(0)
        scores = []
        for more in range(width):
            hidden = dropout((first + last[:, more : more + count]).relu())
            within = (place + more < text_lengths).unsqueeze(-1)
            scores.append(torch.where(within, hidden @ columns + bias, OUTSIDE))
        return torch.stack(scores, dim=2)


class PackageScores(torch.nn.Module):
    """The same from the gliner package's own forward pass, for parity."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model

    def forward(
        self,
        input_ids: torch.Tensor,
        attention_mask: torch.Tensor,
        words: torch.Tensor,
        text_lengths: torch.Tensor,
        labels: torch.Tensor,
    ) -> torch.Tensor:
        """As `SpanScores.forward`."""
        rows, count = words.shape
        width = int(self.model.config.max_width)
        words_mask = torch.zeros_like(input_ids)
        row, word = torch.where(words >= 0)
        words_mask[row, words[row, word]] = word + 1
        start = torch.arange(count).repeat_interleave(width)
        end = start + torch.arange(width).repeat(count)
        span_mask = end.unsqueeze(0) < text_lengths
        vectors = {} if labels.dtype == torch.int64 else {"labels_embeds": labels}
        logits: torch.Tensor = self.model(
            input_ids=input_ids,
            attention_mask=attention_mask,
            words_mask=words_mask,
            text_lengths=text_lengths,
            span_idx=torch.stack([start, end], dim=-1).expand(rows, -1, -1),
            span_mask=span_mask,
            **vectors,
        ).logits
        return torch.where(span_mask.view(rows, count, width, 1), logits, OUTSIDE)


class LabelVectors(torch.nn.Module):
    """Vectors (labels, width) by the label encoder of a bi-encoder."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        """Of ids and mask (labels, tokens) int64 vectors (labels, width) float32."""
        vectors: torch.Tensor = self.model.token_rep_layer.encode_labels(input_ids, attention_mask)
        return vectors


def _at(states: torch.Tensor, places: torch.Tensor) -> torch.Tensor:
    """Rows of `states` (batch, tokens, size) at `places` (batch, n)."""
    return states.gather(1, places.unsqueeze(-1).expand(-1, -1, states.shape[-1]))
