"""Thresholds of scores by label: one number for all, or a mapping over a model's own."""

from collections.abc import Mapping

from biopipe.errors import ConfigError

__all__ = ["label_thresholds"]


def label_thresholds(
    wanted: float | Mapping[str, float] | None, defaults: Mapping[str, float], *, owner: str
) -> dict[str, float]:
    """The threshold of each label of `defaults`: `wanted` for all, or where it names the label.

    `owner` is what errors call the model. ConfigError for a label that `defaults` lacks and for a
    threshold outside of [0, 1].
    """
    named = dict.fromkeys(defaults, wanted) if isinstance(wanted, int | float) else wanted or {}
    for label, threshold in named.items():
        if label not in defaults:
            raise ConfigError(
                f"Unknown label '{label}' in the thresholds of {owner}; its labels are: "
                f"{', '.join(defaults)}."
            )
        if not 0.0 <= float(threshold) <= 1.0:
            raise ConfigError(
                f"The threshold of {owner} for '{label}' is {threshold}; give a number from 0 to 1."
            )
    return {label: float(named.get(label, default)) for label, default in defaults.items()}
