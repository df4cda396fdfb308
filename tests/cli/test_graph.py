import json

import pytest

from biopipe.bulk import run


@pytest.fixture
def output(pipeline, tmp_path):
    (tmp_path / "in.jsonl").write_text('{"id": "a", "text": "Tumor necrosis factor (TNF)"}\n')
    run([str(tmp_path / "in.jsonl")], tmp_path / "out", pipeline=str(pipeline))
    return tmp_path / "out"


def test_a_graph_from_a_run(invoke, output, tmp_path):
    result = invoke("graph", output, "-o", tmp_path / "graph", "--json")
    assert result.exit_code == 0, result.output
    summary = json.loads(result.stdout)
    assert (summary["counts"]["documents"], summary["parts_added"]) == (1, 1)
    assert (tmp_path / "graph" / "nodes.parquet").is_file()
    again = invoke("graph", output, "-o", tmp_path / "graph", "--add", "--export", "graphml, sif")
    assert again.exit_code == 0, again.output
    assert "1 were in the graph before" in again.stdout
    assert "Exported as graphml, sif." in again.stdout


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--opposite", "up"], "'up' is no pair of opposite labels; write two labels as A=B."),
        (["--opposite", "up=up"], "'up=up' is no pair of opposite labels"),
        (["--export", "dot"], "Unknown export format 'dot'"),
    ],
)
def test_wrong_options_are_one_sentence(invoke, output, tmp_path, options, sentence):
    result = invoke("graph", output, "-o", tmp_path / "graph", *options)
    assert result.exit_code == 1
    assert sentence in result.stderr
    assert result.stderr.startswith("Error: ")  # no bar of what never began
    assert not (tmp_path / "graph").exists()


def test_options_of_the_graph_are_kept(invoke, output, tmp_path):
    assert (
        invoke(
            "graph", output, "-o", tmp_path / "graph", "--nil", "--opposite", "up=down"
        ).exit_code
        == 0
    )
    stored = json.loads((tmp_path / "graph" / "graph.json").read_text())["options"]
    assert stored == {"nil": True, "directed": False, "opposites": [["down", "up"]]}
    assert invoke("graph", output, "-o", tmp_path / "graph", "--add").exit_code == 0
    refused = invoke("graph", output, "-o", tmp_path / "graph", "--add", "--directed")
    assert refused.exit_code == 1
    assert "was built with other options" in refused.stderr
