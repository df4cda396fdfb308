"""`biopipe serve` as a process, for tests of the server and of its page."""

import http.client
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx

__all__ = ["RunningServer", "running_server", "wait_until"]

# Far beyond what the slowest machine takes: a test that would wait for ever fails instead.
_SECONDS = 600

# The command as it is typed, beside a component of somebody else's.
PROGRAM = """
import time
from spacy.language import Language

@Language.component("faults")
def faults(doc):
    if "poison" in doc.text:
        raise ValueError(f"cannot read {doc.text!r}")
    if "slow" in doc.text:
        time.sleep(1.5)
    if "endless" in doc.text:
        time.sleep(600)
    return doc

from biopipe.cli import main
main()
"""


@dataclass(frozen=True)
class RunningServer:
    """A server's address, process, and the file of its log."""

    address: str
    process: "subprocess.Popen[bytes]"
    log: Path

    def client(self) -> httpx.Client:
        return httpx.Client(base_url=self.address, timeout=_SECONDS, trust_env=False)

    def half_a_request(self) -> http.client.HTTPConnection:
        """A connection on which most of a request is still to come."""
        connection = http.client.HTTPConnection(urlsplit(self.address).netloc, timeout=_SECONDS)
        connection.putrequest("POST", "/annotate")
        connection.putheader("content-type", "application/json")
        connection.putheader("content-length", "100")
        connection.endheaders(b'{"text": ')
        return connection

    def annotate(self, **body: object) -> httpx.Response:
        with self.client() as client:
            return client.post("/annotate", json=body)


@contextmanager
def running_server(pipeline: Path, log: Path, *options: str) -> Iterator[RunningServer]:
    """Start `biopipe serve` on a free port; end it if it still runs."""
    command = [sys.executable, "-c", PROGRAM, "serve", "--pipeline", str(pipeline), "--port", "0"]
    with log.open("wb") as stream:
        process = subprocess.Popen(
            [*command, *options], stdout=stream, stderr=stream, env={**os.environ}
        )
    try:
        yield RunningServer(_address(process, log), process, log)
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()


def wait_until(condition: Callable[[], object]) -> None:
    """Wait until the condition holds."""
    given_up = time.monotonic() + _SECONDS
    while not condition():
        assert time.monotonic() < given_up, "waited in vain"
        time.sleep(0.05)


def _address(process: "subprocess.Popen[bytes]", log: Path) -> str:
    announced = re.compile(r"^Serving .* on (http://\S+)$", re.MULTILINE)
    wait_until(lambda: announced.search(log.read_text()) or process.poll() is not None)
    address = announced.search(log.read_text())
    assert address is not None, log.read_text()
    return address[1]
