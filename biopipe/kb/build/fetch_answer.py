"""What a web server says of a file, and why it does not give it."""

import http.client
import json
import re
import socket
import ssl
from dataclasses import asdict, dataclass, fields
from email.message import Message
from pathlib import Path
from urllib.error import HTTPError, URLError

from biopipe.io.atomic import write_json_file

__all__ = ["FetchFailed", "FetchedFile", "connection_failure", "describe_answer", "status_failure"]

# Statuses after which another try may succeed: a time limit, too many requests, a server that is
# busy or down (RFC 9110, 6585, 8470).
_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})
_CONTENT_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")


@dataclass(frozen=True, slots=True)
class FetchedFile:
    """What the server said of a file; kept beside the part of it that is there, then beside the
    file.
    """

    address: str
    etag: str = ""
    modified: str = ""
    total: int | None = None

    @property
    def validator(self) -> str:
        """For If-Range, which takes no weak entity tag; "" when the server gave nothing to tell
        versions by.
        """
        return self.etag if self.etag and not self.etag.startswith("W/") else self.modified

    def save(self, path: Path) -> None:
        write_json_file(path, asdict(self))

    @classmethod
    def load(cls, path: Path) -> "FetchedFile | None":
        """None when nothing is there, or nothing that can be read; then the file is fetched from
        its begin.
        """
        try:
            raw = json.loads(path.read_text(encoding="utf-8"))
            return cls(**{field.name: raw[field.name] for field in fields(cls)})
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def same_file(self, other: "FetchedFile") -> bool:
        return (self.validator, self.total) == (other.validator, other.total)


class FetchFailed(Exception):
    """One address did not give the file; `again` when another try may, after `wait` seconds if the
    server says.

    `unreachable`: nor will any other address of the same server give it.
    """

    def __init__(
        self, why: str, *, again: bool = False, wait: float | None = None, unreachable: bool = False
    ) -> None:
        super().__init__(why)
        self.again = again
        self.wait = wait
        self.unreachable = unreachable


def describe_answer(response: http.client.HTTPResponse, address: str) -> tuple[FetchedFile, int]:
    """What the answer says of the whole file, and the byte that it begins with."""
    headers: Message = response.headers
    length, begin = headers.get("Content-Length"), 0
    total = int(length) if length and length.isdigit() else None
    if response.status == 206:
        range_ = _CONTENT_RANGE.match(headers.get("Content-Range", ""))
        if range_ is None:
            raise FetchFailed("the server does not say which part of the file it sends")
        begin, total = int(range_[1]), int(range_[2]) if range_[2].isdigit() else None
    return FetchedFile(
        address, headers.get("ETag", ""), headers.get("Last-Modified", ""), total
    ), begin


def status_failure(error: HTTPError) -> FetchFailed:
    """Why a server that answers with an error does not give the file."""
    if error.code in (404, 410):
        return FetchFailed(f"there is no such file ({error.code})")
    if error.code in (401, 403):
        return FetchFailed(f"the server wants a login or a browser ({error.code})")
    after = error.headers.get("Retry-After", "") if error.headers else ""
    # 416: what is there is longer than the file, which has changed; it is fetched anew at once.
    again = error.code in _AGAIN or error.code == 416
    wait = 0.0 if error.code == 416 else float(after) if after.isdigit() else None
    return FetchFailed(f"the server answers {error.code} {error.reason}", again=again, wait=wait)


def connection_failure(error: Exception) -> FetchFailed:
    """Why there is no answer, or no more of it."""
    # An URLError is of the time before there is an answer.
    connected = not isinstance(error, URLError)
    reason = error.reason if isinstance(error, URLError) else error
    if isinstance(reason, socket.gaierror):
        return FetchFailed(
            "the name of the server is not found, this machine may be offline", unreachable=True
        )
    if isinstance(reason, ssl.SSLCertVerificationError):
        return FetchFailed(f"the certificate of the server is not valid ({reason.verify_message})")
    if isinstance(reason, TimeoutError):
        return FetchFailed(
            "the server does not answer in time", again=True, unreachable=not connected
        )
    why = f"the connection failed ({str(reason) or type(reason).__name__})"
    return FetchFailed(why, again=True, unreachable=not connected)
