"""A knowledge graph with evidence from the output of `biopipe run`."""

from biopipe.graph.build import GraphSummary, build_graph
from biopipe.graph.options import GraphOptions

__all__ = ["GraphOptions", "GraphSummary", "build_graph"]
