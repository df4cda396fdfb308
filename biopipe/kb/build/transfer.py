"""The transfer of one file from a server: what is there is asked for no more, what comes is checked.

Range requests carry If-Range (RFC 9110, 13.1.5), so that the end of a new file is never joined to
the begin of an old one. Proxies are those of the environment (http_proxy, https_proxy, no_proxy).
"""

import gzip
import http.client
import re
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, OpenerDirector, Request, build_opener

from biopipe.io.atomic import publish_file
from biopipe.io.file_hash import file_sha256
from biopipe.kb.build.fetch_answer import (
    FetchedFile,
    FetchFailed,
    connection_failure,
    describe_answer,
    status_failure,
)

__all__ = ["FetchProgress", "Transfer", "beside", "is_wanted"]

FetchProgress = Callable[[int, int | None], None]
"""Gets the bytes that are there and, where the server says it, how many there will be."""

_BLOCK_BYTES = 1 << 18
# Servers that are busy ask for hours; a user who waits that long may as well come back.
_LONGEST_WAIT_SECONDS = 60.0
_WEB_PAGE = re.compile(rb"(?:\xef\xbb\xbf)?\s*<(?:!doctype html|html)", re.IGNORECASE)
_FIRST_BYTES = {".gz": b"\x1f\x8b", ".zip": b"PK"}


@dataclass(frozen=True, slots=True)
class Transfer:
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
            except FetchFailed as failed:
                there = _bytes_of(self._part)
                failures = 1 if there > furthest else failures + 1
                furthest = max(furthest, there)
                again = failed.again or (failed.unreachable and there > 0)
                if not again or failures >= self.attempts:
                    raise
                wait = self.first_wait * 2 ** (failures - 1) if failed.wait is None else failed.wait
                time.sleep(min(wait, _LONGEST_WAIT_SECONDS))

    @property
    def _part(self) -> Path:
        return beside(self.path, ".part")

    def _once(self, address: str, *, refresh: bool) -> None:
        started = FetchedFile.load(beside(self._part, ".json"))
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
        self, address: str, started: FetchedFile | None, offset: int, *, refresh: bool
    ) -> http.client.HTTPResponse | None:
        """The answer of the server; None when it says that the file at `path` is the newest."""
        headers = {"User-Agent": "biopipe", "Accept": "*/*", "Accept-Encoding": "identity"}
        if started and offset:
            headers |= {"Range": f"bytes={offset}-", "If-Range": started.validator}
        elif (
            refresh
            and (there := FetchedFile.load(beside(self.path, ".source.json")))
            and there.address == address
        ):
            conditions = {"If-None-Match": there.etag, "If-Modified-Since": there.modified}
            headers |= {name: value for name, value in conditions.items() if value}
        try:
            # An opener of its own reads the proxies as they are now; urlopen keeps those of the
            # first call.
            request = Request(address, headers=headers)
            response: http.client.HTTPResponse = _opener().open(request, timeout=self.timeout)
        except HTTPError as error:
            error.close()
            if error.code == 304:
                return None
            if error.code == 416:
                self._forget()
            raise status_failure(error) from error
        except (OSError, http.client.HTTPException) as error:
            raise connection_failure(error) from error
        if (
            response.headers.get("Content-Encoding", "identity") != "identity"
            and self.path.suffix != ".gz"
        ):
            response.close()
            raise FetchFailed("the server sends it compressed, which was not asked for")
        return response

    def _receive(
        self,
        response: http.client.HTTPResponse,
        address: str,
        started: FetchedFile | None,
        offset: int,
    ) -> FetchedFile:
        received, begin = describe_answer(response, address)
        if begin and (started is None or begin != offset or not received.same_file(started)):
            self._forget()
            raise FetchFailed("the file was changed on the server meanwhile", again=True, wait=0.0)
        if self.size is not None and received.total not in (None, self.size):
            self._forget()
            raise FetchFailed(
                f"the file has {received.total:,} bytes where {self.size:,} are stated"
            )
        if not begin:
            # Killed after the next line, what is left must not look like a part of the new file.
            self._forget()
        received.save(beside(self._part, ".json"))
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
        if not done:
            raise FetchFailed("the server sends an empty file")
        if total is not None and done != total:
            raise FetchFailed(f"it broke off after {done:,} of {total:,} bytes", again=done < total)

    def _refuse_other_kind(self, head: bytes) -> None:
        """Servers that want a person to click answer 200 with a web page."""
        first = _FIRST_BYTES.get(self.path.suffix)
        if _WEB_PAGE.match(head):
            raise FetchFailed("the server answers with a web page in place of the file")
        if first and not head.startswith(first):
            raise FetchFailed(f"what the server sends is no {self.path.suffix} file")

    def _finish(self, received: FetchedFile, *, resumed: bool) -> None:
        if received.total is None and self.path.suffix == ".gz" and not _is_whole_gzip(self._part):
            raise FetchFailed("it broke off", again=True)
        if not is_wanted(self._part, self.size, self.sha256):
            there = f"{_bytes_of(self._part):,} bytes, sha256 {file_sha256(self._part)}"
            self._forget()
            raise FetchFailed(
                f"the file ({there}) is not the one stated ({self._stated()}), a newer one may "
                "have replaced it",
                again=resumed,
                wait=0.0,
            )
        received.save(beside(self.path, ".source.json"))
        publish_file(self._part, self.path)
        self._forget()

    def _stated(self) -> str:
        size = f"{self.size:,} bytes" if self.size is not None else ""
        return ", ".join(part for part in (size, self.sha256 and f"sha256 {self.sha256}") if part)

    def _forget(self) -> None:
        for path in (self._part, beside(self._part, ".json")):
            path.unlink(missing_ok=True)


class _SafeRedirects(HTTPRedirectHandler):
    """Follows no redirect to another scheme, but for http to https: it is refused before anything
    is asked of the place that it leads to.
    """

    def redirect_request(
        self,
        req: Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> Request | None:
        scheme = urlsplit(newurl).scheme.lower()
        if scheme not in ("https", urlsplit(req.full_url).scheme.lower()):
            fp.close()
            raise FetchFailed(
                f"it leads to {newurl}, which is not encrypted"
                if scheme == "http"
                else f"it leads to {newurl}, which is no address of the web"
            )
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _opener() -> OpenerDirector:
    """An opener that speaks http and https alone, with the proxies of the environment."""
    opener = build_opener(_SafeRedirects)
    handlers: dict[str, Any] = vars(opener)["handle_open"]
    for scheme in ("file", "ftp", "data"):
        handlers.pop(scheme, None)
    return opener


def is_wanted(path: Path, size: int | None, sha256: str) -> bool:
    """Whether the file is there, of the size and sha256 that are stated."""
    return (
        path.is_file()
        and (size is None or path.stat().st_size == size)
        and (not sha256 or file_sha256(path) == sha256.lower())
    )


def _read(response: http.client.HTTPResponse) -> bytes:
    try:
        return response.read(_BLOCK_BYTES)
    except (OSError, http.client.HTTPException) as error:
        raise connection_failure(error) from error


def _is_whole_gzip(path: Path) -> bool:
    try:
        with gzip.open(path) as file:
            while file.read(_BLOCK_BYTES):
                pass
    except (OSError, EOFError, zlib.error):
        return False
    return True


def beside(path: Path, ending: str) -> Path:
    """The file beside `path` that is called so with `ending`."""
    return path.with_name(path.name + ending)


def _bytes_of(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0
