"""A real server: answers, limits, headers, its log, and how it stops."""

import json
import signal
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from running_server import RunningServer, running_server, wait_until
from typer.testing import CliRunner

from biopipe.cli import app
from biopipe.components.document import to_document
from biopipe.document.fields import DOCUMENT_FIELDS
from biopipe.document.mapping import encode_record
from biopipe.io import read
from biopipe.pipeline import build

pytest.importorskip("fastapi", reason="needs the extra 'serve'")

TEXT = "Gefitinib (Iressa) in lung cancer with EGFR. There was no lung neoplasm."
SURFACES = ["Gefitinib", "Iressa", "lung cancer", "EGFR", "lung neoplasm"]


def test_a_text_is_annotated(server: RunningServer) -> None:
    answer = server.annotate(text=TEXT).json()
    (document,) = answer["documents"]
    assert (answer["pipeline"], answer["errors"], document["id"]) == ("tiny", 0, "1")
    assert [TEXT[m["start"] : m["end"]] for m in document["mentions"]] == SURFACES
    assert document["mentions"][0]["candidates"][0]["name"] == "gefitinib"
    assert document["mentions"][-1]["assertion"] == ["negated"]
    assert {"head", "tail", "head_name", "evidence"} <= set(document["relations"][0])


def test_texts_come_back_in_order_with_their_ids(server: RunningServer) -> None:
    texts = ["EGFR.", {"id": "x", "text": "Iressa."}, {"id": 7, "title": "EGFR", "abstract": "Is."}]
    documents = server.annotate(texts=texts).json()["documents"]
    assert [(d["id"], d["text"]) for d in documents] == [
        ("1", "EGFR."),
        ("x", "Iressa."),
        ("7", "EGFR Is."),
    ]
    assert [len(d["mentions"]) for d in documents] == [1, 1, 1]


def test_answers_are_what_the_pipeline_gives(server: RunningServer, pipeline_file: Path) -> None:
    config = json.loads(pipeline_file.read_text(encoding="utf-8"))
    del config["components"]["faults"]
    nlp = build(config)
    texts = [TEXT, "EGFR and Iressa.", "Nothing here."]
    expected = [
        encode_record(DOCUMENT_FIELDS, replace(to_document(doc), id=str(number)))
        for number, doc in enumerate(nlp.pipe(texts), 1)
    ]
    empty = {"mentions": [], "relations": []}
    answered = server.annotate(texts=texts).json()["documents"]
    assert answered == [empty | document for document in expected]


@pytest.mark.parametrize(("name", "file"), [("pubtator", "a.pubtator"), ("bioc", "a.json")])
def test_other_formats_are_read_again(
    server: RunningServer, tmp_path: Path, name: str, file: str
) -> None:
    texts = [{"id": "a", "title": "EGFR", "abstract": TEXT}, {"id": "b", "text": "Line\nIressa."}]
    (tmp_path / file).write_bytes(server.annotate(texts=texts, format=name).content)
    documents = list(read(tmp_path / file))
    expected = server.annotate(texts=texts).json()["documents"]
    for document, answer in zip(documents, expected, strict=True):
        assert [(m.start, m.end, m.label, m.concept_ids) for m in document.mentions] == [
            (m["start"], m["end"], m["label"], tuple(m["concept_ids"])) for m in answer["mentions"]
        ]
        assert len(document.relations) == len(answer["relations"])


@pytest.mark.parametrize("name", ["json", "pubtator", "bioc"])
def test_the_error_of_a_text_is_in_every_format(server: RunningServer, name: str) -> None:
    response = server.annotate(texts=["EGFR.", "poison here", "Iressa."], format=name)
    assert response.status_code == 200
    assert response.headers["biopipe-errors"] == "1"
    assert "ValueError: cannot read" in response.text
    assert "EGFR" in response.text
    assert "Iressa" in response.text
    assert "poison here" not in response.text


def test_clients_at_the_same_time_get_their_own_answers(server: RunningServer) -> None:
    names = ["EGFR", "Iressa", "lung cancer", "gefitinib"]
    texts = [f"{names[i % 4]} number {i}." for i in range(16)]
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda text: server.annotate(text=text).json(), texts))
    assert [answer["documents"][0]["text"] for answer in answers] == texts
    assert [answer["documents"][0]["mentions"][0]["end"] for answer in answers] == [
        len(names[i % 4]) for i in range(16)
    ]


def test_a_request_that_takes_too_long_is_given_up(hasty_server: RunningServer) -> None:
    connection = hasty_server.half_a_request()
    response = connection.getresponse()
    assert (response.status, "did not come" in response.read().decode()) == (408, True)
    connection.close()
    answer = hasty_server.annotate(text="An endless text.")
    assert (answer.status_code, "within 1 seconds" in answer.json()["error"]) == (504, True)


def test_more_requests_than_the_limit_are_refused_at_once(server: RunningServer) -> None:
    connections = [server.half_a_request() for _ in range(20)]
    wait_for(server, requests=20)
    refused = server.annotate(text="EGFR.")
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "1")
    for connection in connections:
        connection.close()
    wait_for(server, requests=0)
    assert server.annotate(text="EGFR.").status_code == 200


def wait_for(server: RunningServer, *, requests: int) -> None:
    """Wait until so many are under way."""
    with server.client() as client:
        wait_until(lambda: client.get("/health").json()["requests_under_way"] == requests)


@pytest.mark.parametrize("path", ["/", "/page.js", "/health", "/pipelines", "/nothing"])
def test_every_answer_has_the_headers_of_a_careful_server(server: RunningServer, path: str) -> None:
    with server.client() as client:
        headers = client.get(path).headers
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert not {"set-cookie", "server", "access-control-allow-origin"} & set(headers)


def test_another_name_is_not_answered(server: RunningServer) -> None:
    port = urlsplit(server.address).port
    with server.client() as client:
        assert client.get("/health", headers={"host": "evil.example"}).status_code == 421
        assert client.get("/health", headers={"host": f"localhost:{port}"}).status_code == 200
        assert client.get("/health", headers={"host": f"[::1]:{port}"}).status_code == 200


def test_what_the_server_is(server: RunningServer, pipeline_file: Path) -> None:
    with server.client() as client:
        about = client.get("/pipelines").json()
        health = client.get("/health").json()
    assert [pipeline["name"] for pipeline in about["pipelines"]] == ["tiny"]
    assert about["limits"]["texts"] == 20
    assert str(pipeline_file.parent) not in json.dumps(about)
    assert (health["status"], health["requests_under_way"]) == ("ok", 0)


def test_answers_are_as_the_openapi_page_says(server: RunningServer) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    with server.client() as client:
        page = client.get("/openapi.json").json()
    operation = page["paths"]["/annotate"]["post"]
    answers = operation["responses"]["200"]["content"]["application/json"]["schema"]
    jsonschema.validate(server.annotate(texts=[TEXT, ""]).json(), answers)
    body = operation["requestBody"]["content"]["application/json"]
    jsonschema.validate(body["example"], body["schema"])
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"documents": [{"id": 5}]}, answers)


def test_no_text_is_in_the_log(server: RunningServer) -> None:
    server.annotate(text="A secretive poison for EGFR.")
    server.annotate(secretive="a")
    with server.client() as client:
        client.get("/secretive?text=secretive")
        client.post("/annotate?text=secretive", content=b"secretive")
    log = server.log.read_text()
    assert "POST /annotate 200" in log
    assert "secretive" not in log
    assert "Traceback" not in log


def test_what_is_under_way_is_finished_before_the_server_stops(
    pipeline_file: Path, tmp_path: Path
) -> None:
    with running_server(pipeline_file, tmp_path / "log") as server:
        statuses: list[int] = []
        thread = threading.Thread(
            target=lambda: statuses.append(server.annotate(text="A slow text.").status_code)
        )
        thread.start()
        wait_for(server, requests=1)
        server.process.send_signal(signal.SIGTERM)
        thread.join()
        assert server.process.wait() == 0
        assert statuses == [200]
        address = urlsplit(server.address)
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((address.hostname, address.port), timeout=10)


def test_a_port_that_is_taken_is_one_sentence(pipeline_file: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        arguments = ["serve", "--pipeline", str(pipeline_file), "--port", str(port)]
        result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 1
    assert f"Port {port} of 127.0.0.1 cannot be had" in result.stderr


def test_a_pipeline_that_is_not_there_is_one_sentence() -> None:
    result = CliRunner().invoke(app, ["serve", "--pipeline", "nothing", "--port", "0"])
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: There is no pipeline 'nothing'")


def test_without_the_extra_the_command_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "fastapi", None)
    result = CliRunner().invoke(app, ["serve"])
    assert result.exit_code == 1
    assert "pip install 'biopipe[serve]'" in result.stderr
