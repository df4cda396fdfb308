"""What decides the content of a graph."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from biopipe.kb.default import DEFAULT

__all__ = ["OPPOSITES", "GraphOptions"]

# BioRED's two labels of which one denies the other.
OPPOSITES = (("Negative_Correlation", "Positive_Correlation"),)


@dataclass(frozen=True, slots=True)
class GraphOptions:
    """`nil` keeps concepts without an id, `directed` makes the subject of a relation the head of
    its edge, `opposites` are pairs of labels.

    `prefer` are systems of ids, such as ("MONDO", "OMIM"), that concepts are to have an id of, the
    most wanted first, by the cross-references of the knowledge base `kb`; without any, ids are those
    of the runs.
    """

    nil: bool = False
    directed: bool = False
    opposites: tuple[tuple[str, str], ...] = OPPOSITES
    prefer: tuple[str, ...] = ()
    kb: str = DEFAULT

    def to_dict(self) -> dict[str, Any]:
        """Plain data; systems of ids are left out where none is preferred, as of older graphs."""
        plain = asdict(self)
        return plain if self.prefer else {k: plain[k] for k in ("nil", "directed", "opposites")}

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> "GraphOptions":
        """The options that `to_dict` gave, also by way of JSON, or that an earlier version gave."""
        opposites = tuple((first, second) for first, second in plain["opposites"])
        prefer, kb = tuple(plain.get("prefer", ())), plain.get("kb", DEFAULT)
        return cls(bool(plain["nil"]), bool(plain["directed"]), opposites, prefer, kb)
