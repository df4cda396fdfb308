"""Per-token outputs of an encoder over texts of any length: windows, batches, and the merge
back.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from biopipe.document.unicode import check_text
from biopipe.runtime.batching import WindowBatch, planned_batches
from biopipe.runtime.manifest import Manifest
from biopipe.runtime.opened import OpenedModel
from biopipe.runtime.tokenizer import Tokenizer, Tokens
from biopipe.text.windows import owned_ranges, token_windows

__all__ = ["TokenEncoder", "TokenFeatures", "Window", "collate"]

TokenFeatures = Mapping[str, Sequence[NDArray[np.float32]]]


@dataclass(frozen=True, slots=True)
class Window:
    """Tokens `[start, end)` of text number `text`; results count for tokens `[own_start,
    own_end)`.
    """

    text: int
    start: int
    end: int
    own_start: int
    own_end: int


def collate(
    windows: Sequence[Window],
    tokens: Sequence[Tokens],
    tokenizer: Tokenizer,
    *,
    rows: int | None = None,
    length: int | None = None,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """`input_ids` and `attention_mask`, both (windows, longest) with special tokens, padded on the
    right.

    `rows` and `length` pad further; rows beyond the windows attend to their first token, as a row
    has to attend to something.
    """
    before, after = len(tokenizer.prefix), len(tokenizer.suffix)
    longest = length or max(w.end - w.start for w in windows) + before + after
    ids = np.full((rows or len(windows), longest), tokenizer.pad_id, dtype=np.int64)
    mask = np.zeros_like(ids)
    mask[len(windows) :, 0] = 1
    for row, window in enumerate(windows):
        size = window.end - window.start
        ids[row, :before] = tokenizer.prefix
        ids[row, before : before + size] = tokens[window.text].ids[window.start : window.end]
        ids[row, before + size : before + size + after] = tokenizer.suffix
        mask[row, : before + size + after] = 1
    return ids, mask


class TokenEncoder:
    """Runs the graph of a model directory for `device`, whose first output is (batch, tokens,
    dimension).

    Every window begins with the tokens of `prefix`, by default the tokenizer's own.
    """

    def __init__(
        self,
        directory: Path,
        manifest: Manifest,
        *,
        device: str = "cpu",
        threads: int | None = None,
        prefix: tuple[int, ...] | None = None,
    ) -> None:
        opened = OpenedModel(directory, manifest)
        self.tokenizer = opened.tokenizer()
        if prefix is not None:
            self.tokenizer.prefix = prefix
        self.session = opened.session(device=device, threads=threads)
        self.manifest = manifest

    def __getstate__(self) -> dict[str, Any]:
        return {
            "path": self.session.path,
            "manifest": self.manifest,
            "device": self.session.device,
            "threads": self.session.threads,
            "prefix": self.tokenizer.prefix,
        }

    def __setstate__(self, state: dict[str, Any]) -> None:
        TokenEncoder.__init__(
            self,
            state["path"].parent,
            state["manifest"],
            device=state["device"],
            threads=state["threads"],
            prefix=state["prefix"],
        )

    def tokenize(self, texts: Sequence[str]) -> list[Tokens]:
        """Tokens of each text, in order."""
        for text in texts:
            check_text(text)
        return self.tokenizer.encode(texts)

    def windows(self, tokens: Sequence[Tokens]) -> list[Window]:
        """The windows of all texts; a text without tokens has none. A sentence or at least a word
        has one owner.
        """
        size = self.manifest.max_length - len(self.tokenizer.prefix) - len(self.tokenizer.suffix)
        windows = []
        for text, text_tokens in enumerate(tokens):
            count = len(text_tokens.ids)
            breaks = [] if count <= size else _breaks(text_tokens, self.tokenizer.full_stops)
            spans = token_windows(count, size, self.manifest.stride, breaks=breaks)
            owned = owned_ranges(spans, breaks=breaks)
            for (start, end), (own_start, own_end) in zip(spans, owned, strict=True):
                if end > start:
                    windows.append(Window(text, start, end, own_start, own_end))
        return windows

    def encode(
        self, tokens: Sequence[Tokens], windows: Sequence[Window], *, output: str | None = None
    ) -> list[NDArray[np.float32]]:
        """One output (tokens, dimension) of each text, the graph's first unless another is named.

        Every token is taken from the window that owns it.
        """
        return [
            rows
            for (rows,) in self.encode_all(tokens, windows, [output or self.session.outputs[0]])
        ]

    def encode_all(
        self,
        tokens: Sequence[Tokens],
        windows: Sequence[Window],
        outputs: Sequence[str],
        features: TokenFeatures | None = None,
    ) -> list[tuple[NDArray[np.float32], ...]]:
        """The named outputs, each (tokens, dimension), of each text in one run.

        `features` are further inputs of the graph by name, for each text (tokens, numbers) float32;
        those of special tokens and padding are 0, as are inputs that are not given.
        """
        batches = self._batches(windows)
        feeds = [self._feed(batch, windows, tokens, features) for batch in batches]
        parts: list[list[tuple[int, list[NDArray[np.float32]]]]] = [[] for _ in tokens]
        before = len(self.tokenizer.prefix)
        runs = self.session.run(feeds, outputs=outputs)
        for batch, results in zip(batches, runs, strict=True):
            for row, index in enumerate(batch.windows):
                window = windows[index]
                first = before + window.own_start - window.start
                last = first + window.own_end - window.own_start
                own = [result[row, first:last] for result in results]
                if len(batch.windows) > 1:
                    # What is kept of one text keeps no other's.
                    own = [rows.copy() for rows in own]
                parts[window.text].append((window.own_start, own))
        return [_join(part, len(outputs)) for part in parts]

    def feeds(
        self, tokens: Sequence[Tokens], windows: Sequence[Window]
    ) -> list[dict[str, NDArray[Any]]]:
        """What the graph is given for windows, in batches as the device takes them: `input_ids` and
        `attention_mask`, each (rows, longest) int64.
        """
        return [self._feed(batch, windows, tokens) for batch in self._batches(windows)]

    def _batches(self, windows: Sequence[Window]) -> list[WindowBatch]:
        special = len(self.tokenizer.prefix) + len(self.tokenizer.suffix)
        lengths = [w.end - w.start + special for w in windows]
        return list(planned_batches(lengths, self.session.plan, most=self.manifest.max_length))

    def _feed(
        self,
        batch: WindowBatch,
        windows: Sequence[Window],
        tokens: Sequence[Tokens],
        features: TokenFeatures | None = None,
    ) -> dict[str, NDArray[Any]]:
        in_batch = [windows[number] for number in batch.windows]
        ids, mask = collate(in_batch, tokens, self.tokenizer, rows=batch.rows, length=batch.length)
        feed: dict[str, NDArray[Any]] = {"input_ids": ids, "attention_mask": mask}
        for name, width in self.session.feature_widths.items():
            feed[name] = np.zeros((*ids.shape, width), dtype=np.float32)
            if features is not None and name in features:
                self._fill_features(feed[name], in_batch, features[name])
        return feed

    def _fill_features(
        self,
        rows: NDArray[np.float32],
        windows: Sequence[Window],
        by_text: Sequence[NDArray[np.float32]],
    ) -> None:
        """Write the features of windows into rows (rows, longest, numbers) float32."""
        before = len(self.tokenizer.prefix)
        for row, window in enumerate(windows):
            part = by_text[window.text][window.start : window.end]
            rows[row, before : before + len(part)] = part


def _breaks(tokens: Tokens, full_stops: Sequence[int]) -> list[list[int]]:
    """The tokens that come after a full stop and a space, and those that come after a space."""
    spaced = np.flatnonzero(tokens.offsets[1:, 0] > tokens.offsets[:-1, 1]) + 1
    return [spaced[np.isin(tokens.ids[spaced - 1], full_stops)].tolist(), spaced.tolist()]


def _join(
    parts: list[tuple[int, list[NDArray[np.float32]]]], outputs: int
) -> tuple[NDArray[np.float32], ...]:
    if not parts:
        return tuple(np.zeros((0, 0), dtype=np.float32) for _ in range(outputs))
    if len(parts) == 1:
        return tuple(parts[0][1])
    ordered = [rows for _, rows in sorted(parts, key=lambda part: part[0])]
    return tuple(np.concatenate(rows) for rows in zip(*ordered, strict=True))
