"""What decides the content of a graph."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

__all__ = ["OPPOSITES", "GraphOptions"]

OPPOSITES = (("Negative_Correlation", "Positive_Correlation"),)


@dataclass(frozen=True, slots=True)
class GraphOptions:
    """`nil` keeps concepts without an id, `directed` the order of head and tail, `opposites` pairs
    of labels.
    """

    nil: bool = False
    directed: bool = False
    opposites: tuple[tuple[str, str], ...] = OPPOSITES

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> "GraphOptions":
        """The options that `to_dict` gave, also by way of JSON."""
        opposites = tuple((first, second) for first, second in plain["opposites"])
        return cls(bool(plain["nil"]), bool(plain["directed"]), opposites)
