"""How much of a run goes into its report."""

from dataclasses import dataclass

from biopipe.errors import ConfigError

__all__ = ["ReportOptions"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportOptions:
    """What a page holds at most; whatever is cut, the page says so.

    `documents` are those that can be opened, `characters` the length of their texts together (one
    document is there whatever its length), `concepts` those listed of each type, `pairs` the edges
    of the graph of each kind (relations; concepts named together), `nodes` its concepts, `evidence`
    the documents kept of one edge. Without `texts` the page holds no sentence of the inputs.

    Raises ConfigError for values below 1.
    """

    documents: int = 2000
    characters: int = 8_000_000
    concepts: int = 100
    pairs: int = 400
    nodes: int = 200
    evidence: int = 200
    texts: bool = True

    def __post_init__(self) -> None:
        for name in ("documents", "characters", "concepts", "pairs", "nodes", "evidence"):
            if getattr(self, name) < 1:
                raise ConfigError(
                    f"A report of {getattr(self, name)} {name} shows nothing; give 1 or more."
                )
