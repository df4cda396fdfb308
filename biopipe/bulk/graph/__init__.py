"""A knowledge graph with evidence from the output of `biopipe run`."""

from biopipe.bulk.graph.build import GraphSummary, build_graph
from biopipe.bulk.graph.options import GraphOptions

__all__ = ["GraphOptions", "GraphSummary", "build_graph"]
