import json
import sys

import pytest

from biopipe.bulk import run


@pytest.fixture
def output(pipeline, tmp_path):
    (tmp_path / "in.jsonl").write_text('{"id": "a", "text": "Tumor necrosis factor (TNF)"}\n')
    run([str(tmp_path / "in.jsonl")], tmp_path / "out", pipeline=str(pipeline))
    return tmp_path / "out"


def test_a_page_from_a_run(invoke, output, tmp_path):
    pytest.importorskip("jinja2", reason="needs the extra 'report'")
    page = tmp_path / "page.html"
    result = invoke("report", output, "-o", page)
    assert result.exit_code == 0, result.output
    assert "1 of 1 documents, 0 of 0 concepts." in result.stdout
    html = page.read_text(encoding="utf-8")
    assert "Tumor necrosis factor" in html
    result = invoke("report", output, "-o", page, "--without-texts", "--json")
    assert json.loads(result.stdout)["bytes"] == page.stat().st_size < len(html.encode())
    assert "Tumor necrosis factor" not in page.read_text(encoding="utf-8")


def test_texts_that_are_gone_are_told(invoke, output, tmp_path):
    pytest.importorskip("jinja2", reason="needs the extra 'report'")
    (tmp_path / "in.jsonl").unlink()
    result = invoke("report", output, "-o", tmp_path / "page.html")
    assert "The texts of 1 documents are no longer where the run read them" in result.stdout


def test_what_is_wrong_is_one_sentence(invoke, output, tmp_path, monkeypatch):
    result = invoke("report", tmp_path / "none", "-o", tmp_path / "page.html")
    assert result.exit_code == 1
    assert "give the output folder of biopipe run" in result.stderr
    monkeypatch.setitem(sys.modules, "jinja2", None)
    result = invoke("report", output, "-o", tmp_path / "page.html")
    assert result.exit_code == 1
    assert "pip install 'biopipe[report]'" in result.stderr
    assert not (tmp_path / "page.html").exists()


def test_an_output_at_an_address(invoke, pipeline, tmp_path, monkeypatch):
    pytest.importorskip("jinja2", reason="needs the extra 'report'")
    memory = pytest.importorskip("fsspec", reason="needs the extra 'remote'").filesystem("memory")
    monkeypatch.setenv("BIOPIPE_CACHE", str(tmp_path / "cache"))
    memory.pipe("/in/a.jsonl", b'{"id": "a", "text": "Tumor necrosis factor (TNF)"}\n')
    try:
        run(["memory://in"], "memory://deep/trials", pipeline=str(pipeline))
        memory.pipe("/deep/trials/notes.txt", b"of somebody else")
        page = tmp_path / "page.html"
        result = invoke("report", "memory://deep/trials", "-o", page)
        assert result.exit_code == 0, result.output
        html = page.read_text(encoding="utf-8")
        assert "<title>trials" in html
        assert "Tumor necrosis factor" in html
        for address, why in (
            ("memory://in", "The address memory://in holds no run.json; give the output folder"),
            ("memory://nowhere", "The address memory://nowhere names no file"),
            ("nothing-known://x", "The address nothing-known://x cannot be opened"),
        ):
            refused = invoke("report", address, "-o", page)
            assert refused.exit_code == 1
            assert refused.stderr.startswith(f"Error: {why}")
            assert len(refused.stderr.splitlines()) == 1
    finally:
        memory.store.clear()
        memory.pseudo_dirs[:] = [""]
