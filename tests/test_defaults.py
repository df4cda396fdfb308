"""What the command line does unless told otherwise is what Python does."""

import inspect
from collections.abc import Callable
from typing import Any

import pytest

from biopipe.bulk.in_memory import annotate_table
from biopipe.bulk.plan import RunPlan
from biopipe.cli.annotate import annotate_command
from biopipe.cli.graph import graph
from biopipe.cli.run import run_command
from biopipe.graph import build_graph
from biopipe.graph.options import GraphOptions
from biopipe.pipeline import build, load

# A command is run by hand and protects itself by a process of its own; in Python that would need a
# guard `if __name__ == "__main__":` in the caller's script.
# Typer wants a list where a frozen plan has a tuple.
WANTED_DIFFERENCES = {
    (run_command, RunPlan): {"workers", "keep", "xrefs"},
    (graph, GraphOptions): {"prefer"},
}
PAIRS: list[tuple[Callable[..., Any], Callable[..., Any], set[str]]] = [
    (
        run_command,
        RunPlan,
        {"pipeline", "device", "timeout", "engine", "text_column", "id_column", "limit"},
    ),
    (annotate_command, load, {"device"}),
    (annotate_table, RunPlan, {"pipeline", "device"}),
    (graph, build_graph, {"add", "restart"}),
    (graph, GraphOptions, {"nil", "directed"}),
]


def defaults(function: Callable[..., Any]) -> dict[str, Any]:
    return {
        name: parameter.default
        for name, parameter in inspect.signature(function).parameters.items()
        if parameter.default is not parameter.empty
    }


@pytest.mark.parametrize(("command", "function", "least"), PAIRS)
def test_defaults_agree(
    command: Callable[..., Any], function: Callable[..., Any], least: set[str]
) -> None:
    here, there = defaults(command), defaults(function)
    both = (here.keys() & there.keys()) - WANTED_DIFFERENCES.get((command, function), set())
    assert both >= least
    assert {name: here[name] for name in both} == {name: there[name] for name in both}


def test_the_default_pipeline_is_one() -> None:
    names = {
        defaults(load)["name"],
        defaults(run_command)["pipeline"],
        defaults(annotate_command)["pipeline"],
    }
    assert names == {"default"}
    nlp = build()
    assert nlp.config["components"] == load().config["components"]
    shared = {nlp.get_pipe_config(name).get("device", "cpu") for name in nlp.pipe_names}
    assert shared == {"cpu"}
