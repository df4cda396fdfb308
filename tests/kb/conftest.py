"""A knowledge base with the oddities that lookups meet, and a web server with those that downloads
meet.
"""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from biopipe.kb.base import KnowledgeBase
from biopipe.kb.build.compile import compile_kb
from biopipe.kb.schema import Concept

CONCEPTS = (
    Concept(
        "MESH:D003924",
        "Diabetes Mellitus, Type 2",
        ("NIDDM", "Maturity-Onset Diabetes", "Sugar disease"),
        ("Disease",),
        "A kind of diabetes.",
        ("MESH:D003920",),
        synonym_kinds=("exact", "related", "broad"),
        source="MeSH",
    ),
    Concept("MESH:D001249", "Asthma", types=("Disease",)),
    Concept("HP:0002099", "Asthma", types=("Phenotype",)),
    Concept("NCBIGene:7454", "WAS", ("WASP",), ("Gene",)),
    Concept("X:10", "cold", types=("Disease",)),
    Concept("X:9", "Cold", types=("Disease",)),
    Concept("X:11", "ice", ("cold",), ("Disease",)),
    Concept("C:1", "1-amino-2-propanol", types=("Chemical",)),
    Concept("C:2", "2-amino-1-propanol", types=("Chemical",)),
    Concept("C:3", "cat", types=("Chemical",)),
    Concept("MESH:D000", "Old diabetes", replaced_by="MESH:D003924"),
)


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Compiles concepts, CONCEPTS when none are given, in a folder of their own."""

    def compile_(*concepts: Concept) -> Path:
        directory = tmp_path_factory.mktemp("kb") / "kb"
        return compile_kb(
            concepts or CONCEPTS,
            directory,
            name="test",
            version="7",
            licence="CC0",
            sources={"file.tsv": "abc"},
        )

    return compile_


@pytest.fixture(scope="session")
def kb(compiled: Callable[..., Path]) -> KnowledgeBase:
    return KnowledgeBase.open(compiled())


@dataclass
class WebFile:
    """A file of the server.

    `breaks` are the bytes after which it hangs up, one for each request, then it does not; with
    `hold` it waits for that before. `statuses` are answered first, one for each request. Without
    `ranges` Range is ignored, with `heeds_if_range` off it is obeyed even though the file is
    another one by now. `length` off: the end of the file is that of the connection.
    """

    body: bytes
    etag: str = '"1"'
    modified: str = "Mon, 02 Nov 2026 10:00:00 GMT"
    ranges: bool = True
    heeds_if_range: bool = True
    length: bool = True
    breaks: list[int] = field(default_factory=list)
    hold: threading.Event | None = None
    statuses: list[int] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)

    def ask_range(self, headers: dict[str, str]) -> int:
        """The first byte asked for, 0 when all of it is to be sent."""
        condition = headers.get("If-Range", "")
        changed = self.heeds_if_range and condition not in (self.etag, self.modified)
        if not self.ranges or "Range" not in headers or changed:
            return 0
        return int(headers["Range"].removeprefix("bytes=").removesuffix("-"))

    def not_modified(self, headers: dict[str, str]) -> bool:
        return bool(self.etag) and headers.get("If-None-Match") == self.etag


class Site:
    """Files by path, and the requests that were made: (path, headers)."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.files: dict[str, WebFile] = {}
        self.requests: list[tuple[str, dict[str, str]]] = []

    def put(self, path: str, body: bytes, **options: object) -> str:
        """Its address."""
        self.files[path] = WebFile(body, **options)  # type: ignore[arg-type]
        return f"{self.address}/{path}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    site: Site

    def do_GET(self) -> None:
        # A proxy is asked for a whole address.
        path, headers = urlsplit(self.path).path.lstrip("/"), dict(self.headers)
        self.site.requests.append((self.path if "://" in self.path else path, headers))
        self.close_connection = True
        file = self.site.files.get(path)
        if file is None or file.statuses:
            self._end(file.statuses.pop(0) if file else 404, file)
        elif file.not_modified(headers):
            self._end(304, None)
        else:
            self._send(file, file.ask_range(headers))

    def _end(self, status: int, file: WebFile | None) -> None:
        self.send_response(status)
        for name, value in (file.headers if file else {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _send(self, file: WebFile, begin: int) -> None:
        total = len(file.body)
        if begin and begin >= total:
            self._end(416, None)
            return
        self.send_response(206 if begin else 200)
        if begin:
            self.send_header("Content-Range", f"bytes {begin}-{total - 1}/{total}")
        if file.length:
            self.send_header("Content-Length", str(total - begin))
        said = {"ETag": file.etag, "Last-Modified": file.modified, **file.headers}
        for name, value in said.items():
            if value:
                self.send_header(name, value)
        self.end_headers()
        end = file.breaks.pop(0) if file.breaks else total
        self.wfile.write(file.body[begin:end])
        if file.hold and end < total:
            file.hold.wait(60)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing, the test's output is not the place."""


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """A real server on this machine."""
    for name in (
        "http_proxy",
        "https_proxy",
        "all_proxy",
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "ALL_PROXY",
    ):
        monkeypatch.delenv(name, raising=False)
    handler = type("Handler", (_Handler,), {})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        handler.site = Site(f"http://127.0.0.1:{server.server_address[1]}")  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield handler.site  # type: ignore[attr-defined]
        server.shutdown()
        thread.join()
