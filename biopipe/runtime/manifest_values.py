"""Whether the values of a model's manifest are such that a predictor can work with them.

A manifest may come from a stranger, or from an export that went wrong: what it says is checked when
the model is opened, and not where a document first needs it.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

__all__ = ["problem_with"]

# [CLS] and [SEP] take two places of a window.
_SPECIAL_TOKENS = 2
_LONGEST_WINDOW = 1_000_000
_WITHOUT_WINDOWS = frozenset({"linker-weights", "mention-prior"})
_CURVE = ("slope", "intercept")
_CALIBRATED_BY_CURVES = frozenset({"token-classification", "gliner", "relation"})


def problem_with(task: str, values: Mapping[str, Any]) -> str | None:
    """The first fault of the `labels`, windows, `calibration` and `settings` of a manifest, as the
    rest of a sentence that begins with its path; None where there is none.
    """
    problems = (
        *_label_problems(values["labels"]),
        *_window_problems(task, values["max_length"], values["stride"]),
        *_calibration_problems(task, values["calibration"]),
        *_setting_problems(task, values["settings"], values["labels"]),
    )
    return next(iter(problems), None)


def _label_problems(labels: Sequence[Any]) -> Iterator[str]:
    if not all(isinstance(label, str) and label for label in labels):
        yield "has 'labels' that are no list of names"
    elif len(set(labels)) < len(labels):
        yield "names a label twice"


def _window_problems(task: str, max_length: int, stride: int) -> Iterator[str]:
    if task in _WITHOUT_WINDOWS:
        return
    if not _SPECIAL_TOKENS < max_length <= _LONGEST_WINDOW:
        yield f"has {max_length} as 'max_length'"
    elif not 0 <= stride < max_length - _SPECIAL_TOKENS:
        yield f"has {stride} as 'stride' of windows of {max_length} tokens"


def _calibration_problems(task: str, calibration: Mapping[str, Any]) -> Iterator[str]:
    if task not in _CALIBRATED_BY_CURVES or not calibration:
        return
    own = calibration.get("labels", {})
    named = {key: calibration[key] for key in ("novelty", "subject") if key in calibration}
    curves = [calibration, *named.values(), *(own.values() if isinstance(own, dict) else [None])]
    for curve in curves:
        if not isinstance(curve, dict) or not all(_is_number(curve.get(key)) for key in _CURVE):
            yield "has a 'calibration' without the slope and the intercept of each curve"


def _setting_problems(
    task: str, settings: Mapping[str, Any], labels: Sequence[str]
) -> Iterator[str]:
    for name, is_right in _NEEDED.get(task, {}).items():
        if not is_right(settings.get(name)):
            yield f"has no '{name}' in its 'settings', or one that cannot be read"
            return
    for name, is_right in _OPTIONAL.items():
        if name in settings and not is_right(settings[name]):
            yield f"has '{name}' in its 'settings' that cannot be read"
    if task == "token-classification":
        # What a tag with a hyphen names; how others name their label is for the tagger to read.
        named = {str(label).casefold() for label in labels}
        tags = [tag.casefold() for tag in settings["tags"]]
        whole = " ".join(tags)
        tagged = {tag.partition("-")[2] for tag in tags if tag not in named} - {""}
        if not (tagged <= named and all(label in whole for label in named)):
            yield "has 'labels' other than those of its tags"


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _is_count(value: Any) -> bool:
    return type(value) is int and 0 < value < _LONGEST_WINDOW


def _are_names(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(name, str) for name in value)


def _are_numbers(value: Any) -> bool:
    return isinstance(value, dict) and all(map(_is_number, value.values()))


_Check = Callable[[Any], bool]
_NEEDED: Mapping[str, Mapping[str, _Check]] = {
    "token-classification": {"tags": _are_names},
    "relation": {"entity_labels": _are_names},
    "bi-encoder": {"dimension": _is_count},
}
_OPTIONAL: Mapping[str, _Check] = {
    "thresholds": _are_numbers,
    "agreement": _is_number,
    "label_max_length": _is_count,  # of a GLiNER that encodes its labels apart
}
