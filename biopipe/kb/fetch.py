"""Files from the web into a folder of the user's cache: resumed where they broke off, checked, and whole or not there.

Range requests carry If-Range (RFC 9110, 13.1.5), so that the end of a new file is never joined to the begin of an
old one. Proxies are those of the environment (http_proxy, https_proxy, no_proxy).
"""

import gzip
import http.client
import json
import os
import re
import socket
import ssl
import time
import zlib
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, fields
from email.message import Message
from pathlib import Path
from typing import IO
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import Request, build_opener

from biopipe.errors import ConfigError, KnowledgeBaseError
from biopipe.kb.cache import one_builder
from biopipe.kb.hashing import file_sha256

__all__ = ["FetchProgress", "fetch", "fetched_on"]

FetchProgress = Callable[[int, int | None], None]
"""Gets the bytes that are there and, where the server says it, how many there will be."""

_BLOCK = 1 << 18
_LONGEST_WAIT = 60.0
_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})
_CONTENT_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")
_WEB_PAGE = re.compile(rb"(?:\xef\xbb\xbf)?\s*<(?:!doctype html|html)", re.IGNORECASE)
_FIRST_BYTES = {".gz": b"\x1f\x8b", ".zip": b"PK"}


@dataclass(frozen=True, slots=True)
class _Received:
    """What the server said of a file; kept beside the part of it that is there, then beside the file."""

    address: str
    etag: str = ""
    modified: str = ""
    total: int | None = None

    @property
    def validator(self) -> str:
        """For If-Range, which takes no weak entity tag; "" when the server gave nothing to tell versions by."""
        return self.etag if self.etag and not self.etag.startswith("W/") else self.modified

    def same_file(self, other: "_Received") -> bool:
        return (self.validator, self.total) == (other.validator, other.total)


class _Failed(Exception):
    """One address did not give the file; `again` when another try may, after `wait` seconds if the server says."""

    def __init__(self, why: str, *, again: bool = False, wait: float | None = None) -> None:
        super().__init__(why)
        self.again = again
        self.wait = wait


def fetch(
    addresses: Sequence[str],
    path: Path,
    *,
    size: int | None = None,
    sha256: str = "",
    refresh: bool = False,
    timeout: float = 60.0,
    attempts: int = 5,
    first_wait: float = 1.0,
    progress: FetchProgress | None = None,
) -> Path:
    """The file of the first of `addresses` that has it, at `path`; one that is there already is taken as it is.

    A transfer that breaks off is resumed after 1, 2, 4, ... seconds, `attempts` times without getting further;
    what is there is kept for the next call. With `refresh` the server is asked for a newer file. A second process
    waits for the first. KnowledgeBaseError says why there is no file, and where to place one by hand.
    """
    for address in addresses:
        if urlsplit(address).scheme not in ("http", "https") or not urlsplit(address).netloc:
            raise ConfigError(f"'{address}' is no address to fetch from; give one that begins with https://.")
    if not refresh and _is_wanted(path, size, sha256):
        return path
    with one_builder(_beside(path, ".lock")):
        if refresh or not _is_wanted(path, size, sha256):
            transfer = _Transfer(path, size, sha256, timeout, attempts, first_wait, progress)
            _first_of(addresses, transfer, refresh=refresh and path.is_file())
    return path


def fetched_on(path: Path) -> str:
    """The date that the server gave a fetched file, as it wrote it, or ""."""
    received = _load(_beside(path, ".source.json"))
    return received.modified if received else ""


def _is_wanted(path: Path, size: int | None, sha256: str) -> bool:
    return (
        path.is_file()
        and (size is None or path.stat().st_size == size)
        and (not sha256 or file_sha256(path) == sha256.lower())
    )


def _first_of(addresses: Sequence[str], transfer: "_Transfer", *, refresh: bool) -> None:
    reasons = []
    for address in addresses:
        try:
            return transfer.run(address, refresh=refresh)
        except _Failed as failed:
            reasons.append(f"{address}: {failed}")
        except OSError as error:
            raise KnowledgeBaseError(
                f"{transfer.path} cannot be written ({error.strerror or error}); free some space or set BIOPIPE_CACHE "
                "to another folder, and give the command again to go on."
            ) from error
    raise KnowledgeBaseError(
        f"Cannot fetch {'; '.join(reasons)}; get it in a browser or on another machine and place it at "
        f"{transfer.path}, or give the command again to go on."
    )


@dataclass(frozen=True, slots=True)
class _Transfer:
    """Brings one file to `path`, by way of `path.part`."""

    path: Path
    size: int | None
    sha256: str
    timeout: float
    attempts: int
    first_wait: float
    progress: FetchProgress | None

    def run(self, address: str, *, refresh: bool) -> None:
        failures, furthest = 0, 0
        while True:
            try:
                return self._once(address, refresh=refresh)
            except _Failed as failed:
                there = _bytes_of(self._part)
                failures = 1 if there > furthest else failures + 1
                furthest = max(furthest, there)
                if not failed.again or failures >= self.attempts:
                    raise
                wait = self.first_wait * 2 ** (failures - 1) if failed.wait is None else failed.wait
                time.sleep(min(wait, _LONGEST_WAIT))

    @property
    def _part(self) -> Path:
        return _beside(self.path, ".part")

    def _once(self, address: str, *, refresh: bool) -> None:
        started = _load(_beside(self._part, ".json"))
        offset = _bytes_of(self._part)
        if started is None or started.address != address or not started.validator:
            started, offset = None, 0
        if started is None or started.total != offset:
            response = self._open(address, started, offset, refresh=refresh)
            if response is None:
                return
            with response:
                started = self._receive(response, address, started, offset)
        self._finish(started, resumed=offset > 0)

    def _open(
        self, address: str, started: _Received | None, offset: int, *, refresh: bool
    ) -> http.client.HTTPResponse | None:
        """The answer of the server; None when it says that the file at `path` is the newest."""
        headers = {"User-Agent": "biopipe", "Accept": "*/*", "Accept-Encoding": "identity"}
        if started and offset:
            headers |= {"Range": f"bytes={offset}-", "If-Range": started.validator}
        elif refresh and (there := _load(_beside(self.path, ".source.json"))) and there.address == address:
            conditions = {"If-None-Match": there.etag, "If-Modified-Since": there.modified}
            headers |= {name: value for name, value in conditions.items() if value}
        try:
            # An opener of its own reads the proxies as they are now; urlopen keeps those of the first call.
            request = Request(address, headers=headers)
            response: http.client.HTTPResponse = build_opener().open(request, timeout=self.timeout)
        except HTTPError as error:
            error.close()
            if error.code == 304:
                return None
            if error.code == 416:
                self._forget()
            raise _of_status(error) from error
        except (OSError, http.client.HTTPException) as error:
            raise _of_connection(error) from error
        if not response.url.startswith("https:" if address.startswith("https:") else "http"):
            response.close()
            raise _Failed(f"it leads to {response.url}, which is not encrypted")
        return response

    def _receive(
        self, response: http.client.HTTPResponse, address: str, started: _Received | None, offset: int
    ) -> _Received:
        received, begin = _described(response, address)
        if begin and (started is None or begin != offset or not received.same_file(started)):
            self._forget()
            raise _Failed("the file was changed on the server meanwhile", again=True, wait=0.0)
        if self.size is not None and received.total not in (None, self.size):
            self._forget()
            raise _Failed(f"the file has {received.total:,} bytes where {self.size:,} are stated")
        if not begin:
            # Killed after the next line, what is left must not look like a part of the new file.
            self._forget()
        _save(received, _beside(self._part, ".json"))
        with self._part.open("ab" if begin else "wb") as file:
            self._copy(response, file, received.total)
        return received

    def _copy(self, response: http.client.HTTPResponse, file: IO[bytes], total: int | None) -> None:
        done = file.tell()
        while block := _read(response):
            if done == 0:
                self._refuse_other_kind(block)
            file.write(block)
            done += len(block)
            if self.progress:
                self.progress(done, total)
        if total is not None and done != total:
            raise _Failed(f"it broke off after {done:,} of {total:,} bytes", again=done < total)

    def _refuse_other_kind(self, head: bytes) -> None:
        """Servers that want a person to click answer 200 with a web page."""
        first = _FIRST_BYTES.get(self.path.suffix)
        if _WEB_PAGE.match(head):
            raise _Failed("the server answers with a web page in place of the file")
        if first and not head.startswith(first):
            raise _Failed(f"what the server sends is no {self.path.suffix} file")

    def _finish(self, received: _Received, *, resumed: bool) -> None:
        if received.total is None and self.path.suffix == ".gz" and not _is_whole_gzip(self._part):
            raise _Failed("it broke off", again=True)
        if not _is_wanted(self._part, self.size, self.sha256):
            found = f"{_bytes_of(self._part):,} bytes, sha256 {file_sha256(self._part)}"
            self._forget()
            raise _Failed(
                f"the file ({found}) is not the one stated ({self._stated()}), a newer one may have replaced it",
                again=resumed,
                wait=0.0,
            )
        _save(received, _beside(self.path, ".source.json"))
        os.replace(self._part, self.path)
        self._forget()

    def _stated(self) -> str:
        size = f"{self.size:,} bytes" if self.size is not None else ""
        return ", ".join(each for each in (size, self.sha256 and f"sha256 {self.sha256}") if each)

    def _forget(self) -> None:
        for path in (self._part, _beside(self._part, ".json")):
            path.unlink(missing_ok=True)


def _described(response: http.client.HTTPResponse, address: str) -> tuple[_Received, int]:
    """What the answer says of the whole file, and the byte that it begins with."""
    headers: Message = response.headers
    length, begin = headers.get("Content-Length"), 0
    total = int(length) if length and length.isdigit() else None
    if response.status == 206:
        range_ = _CONTENT_RANGE.match(headers.get("Content-Range", ""))
        if range_ is None:
            raise _Failed("the server does not say which part of the file it sends")
        begin, total = int(range_[1]), int(range_[2]) if range_[2].isdigit() else None
    return _Received(address, headers.get("ETag", ""), headers.get("Last-Modified", ""), total), begin


def _read(response: http.client.HTTPResponse) -> bytes:
    try:
        return response.read(_BLOCK)
    except (OSError, http.client.HTTPException) as error:
        raise _of_connection(error) from error


def _of_status(error: HTTPError) -> _Failed:
    if error.code in (404, 410):
        return _Failed(f"there is no such file ({error.code})")
    if error.code in (401, 403):
        return _Failed(f"the server wants a login or a browser ({error.code})")
    after = error.headers.get("Retry-After", "") if error.headers else ""
    again = error.code in _AGAIN or error.code == 416
    wait = 0.0 if error.code == 416 else float(after) if after.isdigit() else None
    return _Failed(f"the server answers {error.code} {error.reason}", again=again, wait=wait)


def _of_connection(error: Exception) -> _Failed:
    reason = error.reason if isinstance(error, URLError) else error
    if isinstance(reason, socket.gaierror):
        return _Failed("the name of the server is not found, this machine may be offline")
    if isinstance(reason, ssl.SSLCertVerificationError):
        return _Failed(f"the certificate of the server is not valid ({reason.verify_message})")
    if isinstance(reason, TimeoutError):
        return _Failed("the server does not answer in time", again=True)
    return _Failed(f"the connection failed ({str(reason) or type(reason).__name__})", again=True)


def _is_whole_gzip(path: Path) -> bool:
    try:
        with gzip.open(path) as file:
            while file.read(_BLOCK):
                pass
    except (OSError, EOFError, zlib.error):
        return False
    return True


def _beside(path: Path, ending: str) -> Path:
    return path.with_name(path.name + ending)


def _bytes_of(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


def _save(received: _Received, path: Path) -> None:
    temporary = _beside(path, ".tmp")
    temporary.write_text(json.dumps(asdict(received), indent=1), encoding="utf-8")
    os.replace(temporary, path)


def _load(path: Path) -> _Received | None:
    """None when nothing is there, or nothing that can be read; then the file is fetched from its begin."""
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        return _Received(**{field.name: raw[field.name] for field in fields(_Received)})
    except (OSError, ValueError, KeyError, TypeError):
        return None
