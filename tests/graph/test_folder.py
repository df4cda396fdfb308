import json
import shutil

import pyarrow.parquet as pq
import pytest

from biopipe.document import Document, Mention, Relation
from biopipe.errors import OutputError
from biopipe.graph import build_graph, folder


def documents(prefix: str, count: int = 3) -> list[Document]:
    mentions = (
        Mention(0, 1, "Gene", concept_ids=("G:1",)),
        Mention(2, 3, "Gene", concept_ids=("G:2",)),
    )
    relations = (Relation("G:1", "G:2", "Association", 0.5),)
    return [Document(f"{prefix}{number}", "a b", mentions, relations) for number in range(count)]


@pytest.fixture
def graph(write_run, tmp_path):
    build_graph([write_run("first", documents("a"))], tmp_path / "graph")
    return tmp_path / "graph"


def content(graph) -> dict[str, bytes]:
    found = (path for path in graph.rglob("*") if path.is_file() and "lock" not in path.name)
    return {str(path.relative_to(graph)): path.read_bytes() for path in found}


@pytest.mark.parametrize(
    ("version", "advice"), [(99, "upgrade biopipe"), (0, "build it in a new folder")]
)
def test_a_graph_of_another_format_is_refused(graph, write_run, version, advice):
    record = json.loads((graph / "graph.json").read_text())
    (graph / "graph.json").write_text(json.dumps(record | {"format": version}))
    before = content(graph)
    with pytest.raises(
        OutputError,
        match=f"has format {version}, this biopipe reads format {folder.FORMAT}; {advice}",
    ):
        build_graph([write_run("second", documents("b"))], graph, add=True)
    assert content(graph) == before


@pytest.mark.parametrize("text", ["not JSON", "[]", '{"kind": "biopipe-run", "format": 1}'])
def test_a_record_of_something_else_is_refused(graph, text):
    (graph / "graph.json").write_text(text)
    with pytest.raises(OutputError, match=r"is not the graph\.json of a graph"):
        build_graph([], graph, exports=["sif"])


def test_a_folder_with_other_files_is_refused(tmp_path, write_run):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("mine")
    with pytest.raises(OutputError, match=r"it holds notes\.txt, but no graph\.json"):
        build_graph([write_run("out", documents("a"))], tmp_path / "mine")
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["notes.txt"]
    with pytest.raises(OutputError, match="is a file"):
        build_graph([tmp_path / "out"], tmp_path / "mine" / "notes.txt")


def test_an_altered_table_is_not_built_upon(graph, write_run):
    rows = pq.read_table(graph / "nodes.parquet")
    pq.write_table(rows.slice(1), graph / "nodes.parquet")
    with pytest.raises(OutputError, match=r"nodes\.parquet is missing or was altered"):
        build_graph([write_run("second", documents("b"))], graph, add=True)


class Killed(BaseException):
    """What a process does that is killed: it stops."""


@pytest.mark.parametrize("moves", range(7))
def test_killed_while_files_go_to_their_places(graph, write_run, tmp_path, monkeypatch, moves):
    shutil.copytree(graph, tmp_path / "whole")
    second = write_run("second", documents("b"))
    build_graph([second], tmp_path / "whole", add=True, exports=["sif"])
    real, left = type(graph).replace, [moves]

    def replace(self, target):
        if ".ready" in str(self):
            if not left[0]:
                raise Killed
            left[0] -= 1
        return real(self, target)

    with monkeypatch.context() as patch:
        patch.setattr(type(graph), "replace", replace)
        if moves < 6:
            with pytest.raises(Killed):
                build_graph([second], graph, add=True, exports=["sif"])
        else:
            build_graph([second], graph, add=True, exports=["sif"])
    assert build_graph([second], graph, add=True).parts_added == 0
    assert content(graph) == content(tmp_path / "whole")


@pytest.mark.parametrize("step", ["_write", "export_graph"])
def test_killed_before_the_graph_is_whole_leaves_the_old_one(graph, write_run, monkeypatch, step):
    before = content(graph)
    second = write_run("second", documents("b"))

    def stop(*arguments, **options):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(f"biopipe.graph.build.{step}", stop)
        # A killed process does not clean up either.
        patch.setattr(folder.shutil, "rmtree", lambda *_, **__: None)
        with pytest.raises(Killed):
            build_graph([second], graph, add=True)
    assert {
        name: data for name, data in content(graph).items() if not name.startswith(".tmp")
    } == before
    assert build_graph([second], graph, add=True).parts_added == 1
    assert not (graph / ".tmp").exists()


def test_one_writer_at_a_time(graph, write_run):
    with folder.open_graph(graph), pytest.raises(OutputError, match="is writing to"):
        build_graph([write_run("second", documents("b"))], graph, add=True)
