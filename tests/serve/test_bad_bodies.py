"""Bodies that are no request: each gets a status and one sentence, and the server goes on."""

import http.client
import json
from typing import Any
from urllib.parse import urlsplit

import pytest
from running_server import RunningServer

pytest.importorskip("fastapi", reason="needs the extra 'serve'")

JSON = {"content-type": "application/json"}

# Name: status, body as sent.
BAD_BODIES: dict[str, tuple[int, bytes]] = {
    "empty": (400, b""),
    "blank": (400, b" \n "),
    "no JSON": (400, b"Gefitinib in lung cancer."),
    "cut short": (400, b'{"text": "Gefitinib'),
    "two values": (400, b'{"text": "a"} {"text": "b"}'),
    "a comma too many": (400, b'{"text": "a",}'),
    "single quotes": (400, b"{'text': 'a'}"),
    "a form": (400, b"text=Gefitinib"),
    "XML": (400, b"<text>Gefitinib</text>"),
    "UTF-16": (400, '{"text": "a"}'.encode("utf-16")),
    "Latin-1": (400, '{"text": "\xe9"}'.encode("latin-1")),
    "a surrogate as bytes": (400, b'{"text": "\xed\xa0\x80"}'),
    "a byte order mark": (400, b'\xef\xbb\xbf{"text": "a"}'),
    "a line break in a string": (400, b'{"text": "a\nb"}'),
    "gzip that is not declared": (400, b"\x1f\x8b\x08\x00\x00\x00"),
    "nested too deeply": (400, b"[" * 3900),
    "a number": (422, b"5"),
    "null": (422, b"null"),
    "a string": (422, b'"Gefitinib"'),
    "a list": (422, b'["Gefitinib"]'),
    "an empty object": (422, b"{}"),
    "text is null": (422, b'{"text": null}'),
    "text is a number": (422, b'{"text": 5}'),
    "text is not a number": (422, b'{"text": NaN}'),
    "text is a list": (422, b'{"text": ["a"]}'),
    "text is an object": (422, b'{"text": {"text": "a"}}'),
    "text and texts": (422, b'{"text": "a", "texts": ["b"]}'),
    "texts is a string": (422, b'{"texts": "a"}'),
    "texts is an object": (422, b'{"texts": {"a": "b"}}'),
    "no texts": (422, b'{"texts": []}'),
    "an unknown field": (422, b'{"text": "a", "txt": "b"}'),
    "a field that is no text": (422, b'{"text": "a", "\\ud800": 1}'),
    "an unknown pipeline": (422, b'{"text": "a", "pipeline": "none"}'),
    "a path as pipeline": (422, b'{"text": "a", "pipeline": "../../etc"}'),
    "a number as pipeline": (422, b'{"text": "a", "pipeline": 1}'),
    "an unknown format": (422, b'{"text": "a", "format": "xml"}'),
    "a list as format": (422, b'{"text": "a", "format": ["json"]}'),
    "too many texts": (413, json.dumps({"texts": ["a"] * 21}).encode()),
    "too large": (413, json.dumps({"text": "a" * 5000}).encode()),
}

# Texts that cannot be annotated, among others that can.
BAD_TEXTS: dict[str, Any] = {
    "a number": 5,
    "null": None,
    "a list": ["a"],
    "true": True,
    "an empty text": "",
    "white space": " \n\t",
    "half a surrogate pair": "a\ud800",
    "longer than the limit": "a" * 1001,
    "an object without text": {"id": "7"},
    "text that is a number": {"id": "7", "text": 5},
    "an id that is a list": {"id": [], "text": "Gefitinib."},
    "an id that is empty": {"id": "", "text": "Gefitinib."},
    "a title that is a number": {"id": "7", "title": 5, "abstract": "Gefitinib."},
}


def post(server: RunningServer, body: bytes, headers: dict[str, str]) -> tuple[int, dict[str, Any]]:
    """Status and answer, by a client that sends what it is given."""
    connection = http.client.HTTPConnection(urlsplit(server.address).netloc, timeout=120)
    try:
        connection.request("POST", "/annotate", body, headers)
        response = connection.getresponse()
        return response.status, json.loads(response.read())
    finally:
        connection.close()


@pytest.mark.parametrize(("status", "body"), BAD_BODIES.values(), ids=BAD_BODIES)
def test_a_body_that_is_no_request_is_refused(
    server: RunningServer, status: int, body: bytes
) -> None:
    answered, answer = post(server, body, JSON)
    assert (answered, list(answer)) == (status, ["error"])
    assert answer["error"].endswith(".")
    assert server.annotate(text="Gefitinib helps.").status_code == 200


@pytest.mark.parametrize("bad", BAD_TEXTS.values(), ids=BAD_TEXTS)
def test_a_text_that_cannot_be_costs_no_other(server: RunningServer, bad: Any) -> None:
    body = json.dumps({"texts": ["Gefitinib.", bad, "EGFR."]}).encode()
    status, answer = post(server, body, JSON)
    assert (status, answer["errors"]) == (200, 1)
    first, failed, last = answer["documents"]
    assert set(failed) == {"id", "error"}
    assert failed["error"].endswith(".")
    assert [first["mentions"][0]["label"], last["mentions"][0]["label"]] == ["Chemical", "Gene"]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"content-type": "text/plain"},
        {"content-type": "application/x-www-form-urlencoded"},
        {"content-type": "application/json; charset=latin-1"},
        {"content-type": "application/json", "content-encoding": "gzip"},
    ],
    ids=str,
)
def test_a_body_of_another_kind_is_refused(server: RunningServer, headers: dict[str, str]) -> None:
    status, answer = post(server, b'{"text": "a"}', headers)
    assert status == 415
    assert "JSON" in answer["error"] or "compressed" in answer["error"]


def test_a_body_that_does_not_tell_its_size_is_refused_when_it_is_too_large(
    server: RunningServer,
) -> None:
    def endless() -> Any:
        yield b'{"text": "'
        for _ in range(100):
            yield b"a" * 100

    with server.client() as client:
        response = client.post("/annotate", content=endless(), headers=JSON)
    assert response.status_code == 413


@pytest.mark.parametrize(("headers", "status"), [(JSON, 413), ({}, 415)], ids=["413", "415"])
def test_who_sends_far_too_much_is_told_so(
    server: RunningServer, headers: dict[str, str], status: int
) -> None:
    url = urlsplit(server.address)
    connection = http.client.HTTPConnection(url.hostname or "", url.port, timeout=60)
    connection.request("POST", "/annotate", b"a" * 20_000_000, headers)
    assert connection.getresponse().status == status
    connection.close()


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/annotate", 405),
        ("PUT", "/annotate", 405),
        ("OPTIONS", "/annotate", 405),
        ("GET", "/nothing", 404),
        ("GET", "/docs", 404),
        ("GET", "/redoc", 404),
        ("GET", "/page/../../etc/passwd", 404),
        ("GET", "/%2e%2e/setup.cfg", 404),
    ],
)
def test_an_address_or_method_that_is_not_there(
    server: RunningServer, method: str, path: str, status: int
) -> None:
    with server.client() as client:
        response = client.request(method, path)
    assert (response.status_code, list(response.json())) == (status, ["error"])
