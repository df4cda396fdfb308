"""A session that runs no graph: a function answers in its place.

    def handler(feed):
        logits = np.zeros((*feed["input_ids"].shape, 13), dtype=np.float32)
        logits[feed["input_ids"] == aspirin, 5] = 9.0
        return [logits]

    tagger = Tagger(tiny_model("tiny-tagger"))
    tagger.encoder.session = FakeSession(handler, outputs=["logits"])

The predictor around it is the real one: tokens, windows, batches, decoding and offsets are tested,
and only what the network says is made up. `encoder.session` of a tagger and `session` of a relation
extractor or a GLiNER may be replaced.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from biopipe.errors import InputError
from biopipe.runtime.batching import Plan, plan_for
from biopipe.runtime.device import parse_device
from biopipe.runtime.session import Session

__all__ = ["FakeSession"]

Answer = Sequence[NDArray[np.float32]]


class FakeSession(Session):
    """Answers feeds by `handler`, in their order and in the calling thread.

    `handler` gets a feed, arrays by the name of the graph's input (`input_ids` and `attention_mask`
    are (rows, tokens) int64), and returns one array for each of `outputs`, in their order. `feeds`
    lists what was asked, for a test to look at.
    """

    def __init__(
        self, handler: Callable[[Mapping[str, NDArray[Any]]], Answer], *, outputs: Sequence[str]
    ) -> None:
        super().__init__(Path("fake.onnx"), threads=1)
        self.handler = handler
        self.feeds: list[Mapping[str, NDArray[Any]]] = []
        self._outputs = list(outputs)

    @property
    def feature_widths(self) -> dict[str, int]:
        """None: the handler is told tokens alone."""
        return {}

    @property
    def last_dimensions(self) -> dict[str, int]:
        """None: the handler takes what it is given."""
        return {}

    def run(
        self, feeds: Sequence[Mapping[str, NDArray[Any]]], *, outputs: Sequence[str] | None = None
    ) -> list[list[NDArray[np.float32]]]:
        """The handler's answer to each feed: the outputs named, or all of them.

        InputError where the handler gives another number of arrays than there are outputs, or an
        output is asked for that the session does not have.
        """
        for name in outputs or ():
            if name not in self._outputs:
                raise InputError(
                    f"The fake session has no output '{name}', it has: {', '.join(self._outputs)}; "
                    "name all outputs that the predictor reads."
                )
        answers = []
        for feed in feeds:
            self.feeds.append(feed)
            arrays = list(self.handler(feed))
            if len(arrays) != len(self._outputs):
                raise InputError(
                    f"The handler of a fake session gave {len(arrays)} arrays for the outputs "
                    f"{', '.join(self._outputs)}; give one for each."
                )
            by_name = dict(zip(self._outputs, arrays, strict=True))
            answers.append([by_name[name] for name in outputs or self._outputs])
        return answers

    @property
    def outputs(self) -> list[str]:
        """Names of the outputs."""
        return self._outputs

    @property
    def plan(self) -> Plan:
        """Batches as on a CPU: one window each."""
        return plan_for(parse_device("cpu"), memory=0)
