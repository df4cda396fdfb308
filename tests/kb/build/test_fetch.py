"""Downloads from a real server that breaks off, ignores ranges, changes files and answers
errors.
"""

import gzip
import io
import os
import random
import subprocess
import sys
import threading
import time
from hashlib import sha256
from http.client import HTTPMessage
from pathlib import Path
from typing import Any
from urllib.request import Request

import pytest

from biopipe.errors import ConfigError, KnowledgeBaseError
from biopipe.kb.build import transfer
from biopipe.kb.build.fetch import fetch, fetched_on
from biopipe.kb.build.fetch_answer import FetchFailed
from biopipe.kb.build.transfer import _SafeRedirects

BODY = random.Random(1).randbytes(1_000_000)
OTHER = random.Random(2).randbytes(1_000_000)


def get(address: str | list[str], path: Path, **options: Any) -> Path:
    addresses = [address] if isinstance(address, str) else address
    return fetch(addresses, path, **{"first_wait": 0.01, "timeout": 10.0} | options)


def left(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir() if not path.name.endswith(".lock")}


def test_a_file_arrives_whole_and_is_taken_as_it_is_from_then_on(site: Any, tmp_path: Path) -> None:
    address = site.put("a.txt", BODY)
    seen: list[tuple[int, int | None]] = []
    path = get(
        address,
        tmp_path / "deep" / "a.txt",
        progress=lambda done, total: seen.append((done, total)),
    )
    assert path.read_bytes() == BODY
    assert seen[-1] == (len(BODY), len(BODY))
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    assert fetched_on(path) == "Mon, 02 Nov 2026 10:00:00 GMT"
    assert left(tmp_path / "deep") == {"a.txt", "a.txt.source.json"}
    get(address, path)
    assert len(site.requests) == 1


def test_one_that_breaks_off_is_resumed_where_it_did(site: Any, tmp_path: Path) -> None:
    address = site.put("a.txt", BODY, breaks=[400_000, 700_000])
    assert get(address, tmp_path / "a.txt").read_bytes() == BODY
    ranges = [headers.get("Range") for _, headers in site.requests]
    assert ranges == [None, "bytes=400000-", "bytes=700000-"]
    assert site.requests[1][1]["If-Range"] == '"1"'
    assert left(tmp_path) == {"a.txt", "a.txt.source.json"}


def test_what_is_there_is_kept_for_the_next_call(site: Any, tmp_path: Path) -> None:
    address = site.put("a.txt", BODY, breaks=[300_000, 300_000])
    with pytest.raises(
        KnowledgeBaseError, match=r"broke off after 300,000 of 1,000,000 bytes.*go on"
    ) as error:
        get(address, tmp_path / "a.txt", attempts=2)
    assert str(tmp_path / "a.txt") in str(error.value)
    assert not (tmp_path / "a.txt").exists()
    assert get(address, tmp_path / "a.txt").read_bytes() == BODY
    assert site.requests[-1][1]["Range"] == "bytes=300000-"


def test_attempts_are_counted_only_while_it_gets_no_further(site: Any, tmp_path: Path) -> None:
    address = site.put("a.txt", BODY, breaks=[100_000 * place for place in range(1, 10)])
    assert get(address, tmp_path / "a.txt", attempts=2).read_bytes() == BODY
    assert len(site.requests) == 10


def test_a_server_that_ignores_ranges_sends_it_all_again(site: Any, tmp_path: Path) -> None:
    address = site.put("a.txt", BODY, ranges=False, breaks=[400_000])
    assert get(address, tmp_path / "a.txt").read_bytes() == BODY
    assert len(site.requests) == 2


def test_without_anything_to_tell_versions_by_nothing_is_resumed(site: Any, tmp_path: Path) -> None:
    address = site.put("a.txt", BODY, etag="", modified="", breaks=[400_000])
    assert get(address, tmp_path / "a.txt").read_bytes() == BODY
    assert [headers.get("Range") for _, headers in site.requests] == [None, None]


def test_a_weak_entity_tag_leaves_it_to_the_date(site: Any, tmp_path: Path) -> None:
    address = site.put("a.txt", BODY, etag='W/"1"', breaks=[400_000])
    assert get(address, tmp_path / "a.txt").read_bytes() == BODY
    assert site.requests[1][1]["If-Range"] == "Mon, 02 Nov 2026 10:00:00 GMT"


@pytest.mark.parametrize("heeds_if_range", [True, False])
def test_a_file_that_changes_meanwhile_is_not_spliced(
    site: Any, tmp_path: Path, heeds_if_range: bool
) -> None:
    address = site.put("a.txt", BODY, breaks=[400_000])
    with pytest.raises(KnowledgeBaseError, match="broke off"):
        get(address, tmp_path / "a.txt", attempts=1)
    site.put("a.txt", OTHER, etag='"2"', heeds_if_range=heeds_if_range)
    assert get(address, tmp_path / "a.txt").read_bytes() == OTHER


def test_a_part_of_another_address_is_not_gone_on_with(site: Any, tmp_path: Path) -> None:
    with pytest.raises(KnowledgeBaseError, match="broke off"):
        get(site.put("a.txt", BODY, breaks=[400_000]), tmp_path / "x", attempts=1)
    assert get(site.put("b.txt", OTHER), tmp_path / "x").read_bytes() == OTHER


def test_a_part_that_is_all_of_it_needs_no_request(site: Any, tmp_path: Path) -> None:
    address = site.put("a.txt", BODY, breaks=[999_999])
    with pytest.raises(KnowledgeBaseError, match="broke off"):
        get(address, tmp_path / "a.txt", attempts=1)
    with (tmp_path / "a.txt.part").open("ab") as part:
        part.write(BODY[-1:])
    assert get(address, tmp_path / "a.txt").read_bytes() == BODY
    assert len(site.requests) == 1


def test_a_part_longer_than_the_file_starts_again(site: Any, tmp_path: Path) -> None:
    address = site.put("a.txt", BODY, breaks=[400_000])
    with pytest.raises(KnowledgeBaseError, match="broke off"):
        get(address, tmp_path / "a.txt", attempts=1)
    (tmp_path / "a.txt.part").write_bytes(BODY + b"more")
    assert get(address, tmp_path / "a.txt").read_bytes() == BODY


def test_a_busy_server_is_asked_again(
    site: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []
    monkeypatch.setattr(transfer.time, "sleep", waits.append)
    address = site.put("a.txt", BODY, statuses=[500, 503])
    assert get(address, tmp_path / "a.txt", first_wait=1.0).read_bytes() == BODY
    assert waits == [1.0, 2.0]
    address = site.put("b.txt", BODY, statuses=[429], headers={"Retry-After": "7"})
    get(address, tmp_path / "b.txt")
    assert waits[2:] == [7.0]


def test_but_not_for_ever(site: Any, tmp_path: Path) -> None:
    address = site.put("a.txt", BODY, statuses=[500] * 9)
    with pytest.raises(KnowledgeBaseError, match=r"the server answers 500 .*place it at .*a\.txt"):
        get(address, tmp_path / "a.txt", attempts=3)
    assert len(site.requests) == 3
    assert left(tmp_path) == set()


@pytest.mark.parametrize(
    ("status", "says"),
    [(404, "no such file"), (410, "no such file"), (403, "a login or a browser"), (400, "400")],
)
def test_an_answer_that_will_not_change_is_taken_at_once(
    site: Any, tmp_path: Path, status: int, says: str
) -> None:
    with pytest.raises(KnowledgeBaseError, match=says):
        get(site.put("a.txt", BODY, statuses=[status]), tmp_path / "a.txt")
    assert len(site.requests) == 1


def test_a_second_address_is_asked_when_the_first_has_it_not(site: Any, tmp_path: Path) -> None:
    second = site.put("old/a.txt", BODY)
    assert get([f"{site.address}/new/a.txt", second], tmp_path / "a.txt").read_bytes() == BODY
    with pytest.raises(
        KnowledgeBaseError, match=r"x: there is no such file.*y: there is no such file"
    ):
        get([f"{site.address}/x", f"{site.address}/y"], tmp_path / "b.txt")


def test_the_stated_size_and_hash_are_checked(site: Any, tmp_path: Path) -> None:
    address, right = site.put("a.txt", BODY), sha256(BODY).hexdigest()
    get(address, tmp_path / "a.txt", size=len(BODY), sha256=right.upper())
    with pytest.raises(KnowledgeBaseError, match="1,000,000 bytes where 999 are stated"):
        get(address, tmp_path / "b.txt", size=999)
    with pytest.raises(
        KnowledgeBaseError, match=f"sha256 {right}.* is not the one stated .sha256 {'0' * 64}"
    ):
        get(address, tmp_path / "b.txt", sha256="0" * 64)
    assert left(tmp_path) == {"a.txt", "a.txt.source.json"}


def test_a_file_that_is_there_but_is_not_the_stated_one_is_fetched(
    site: Any, tmp_path: Path
) -> None:
    (tmp_path / "a.txt").write_bytes(OTHER)
    get(site.put("a.txt", BODY), tmp_path / "a.txt", sha256=sha256(BODY).hexdigest())
    assert (tmp_path / "a.txt").read_bytes() == BODY


def test_bytes_that_went_wrong_in_a_resumed_file_are_fetched_again(
    site: Any, tmp_path: Path
) -> None:
    address = site.put("a.txt", BODY, breaks=[400_000])
    with pytest.raises(KnowledgeBaseError, match="broke off"):
        get(address, tmp_path / "a.txt", attempts=1)
    (tmp_path / "a.txt.part").write_bytes(OTHER[:400_000])
    get(address, tmp_path / "a.txt", sha256=sha256(BODY).hexdigest())
    assert (tmp_path / "a.txt").read_bytes() == BODY


def test_a_web_page_is_no_terminology(site: Any, tmp_path: Path) -> None:
    address = site.put("a.obo", b"\n<!DOCTYPE HTML><html>prove that you are human</html>")
    with pytest.raises(KnowledgeBaseError, match="web page in place of the file"):
        get(address, tmp_path / "a.obo")
    with pytest.raises(KnowledgeBaseError, match=r"is no \.gz file"):
        get(site.put("a.gz", b"not found"), tmp_path / "a.gz")
    assert not (tmp_path / "a.obo").exists()


def test_nor_is_an_empty_file_or_one_that_is_packed_without_being_asked(
    site: Any, tmp_path: Path
) -> None:
    with pytest.raises(KnowledgeBaseError, match="sends an empty file"):
        get(site.put("a.obo", b""), tmp_path / "a.obo")
    address = site.put("b.obo", gzip.compress(BODY, mtime=0), headers={"Content-Encoding": "gzip"})
    with pytest.raises(KnowledgeBaseError, match="compressed, which was not asked for"):
        get(address, tmp_path / "b.obo")
    assert get(address, tmp_path / "b.obo.gz").is_file()


def test_without_a_length_a_gzip_file_says_itself_whether_it_is_whole(
    site: Any, tmp_path: Path
) -> None:
    packed = gzip.compress(BODY, mtime=0)
    address = site.put("a.gz", packed, length=False, breaks=[500_000])
    assert get(address, tmp_path / "a.gz").read_bytes() == packed


def test_refresh_takes_a_newer_file_only(site: Any, tmp_path: Path) -> None:
    address = site.put("a.txt", BODY)
    path = get(address, tmp_path / "a.txt")
    before = path.stat().st_mtime_ns
    get(address, path, refresh=True)
    assert path.stat().st_mtime_ns == before
    assert site.requests[1][1]["If-None-Match"] == '"1"'
    site.put("a.txt", OTHER, etag='"2"')
    assert get(address, path).read_bytes() == BODY
    assert get(address, path, refresh=True).read_bytes() == OTHER


def test_a_refresh_that_fails_leaves_the_file(site: Any, tmp_path: Path) -> None:
    address = site.put("a.txt", BODY)
    path = get(address, tmp_path / "a.txt")
    site.put("a.txt", OTHER, etag='"2"', breaks=[10])
    with pytest.raises(KnowledgeBaseError, match="broke off"):
        get(address, path, refresh=True, attempts=1)
    assert path.read_bytes() == BODY


def test_the_proxy_of_the_environment_is_asked(
    site: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.put("a.txt", BODY)
    monkeypatch.setenv("http_proxy", site.address)
    assert get("http://terminology.invalid/a.txt", tmp_path / "a.txt").read_bytes() == BODY
    assert site.requests[0][0] == "http://terminology.invalid/a.txt"


def test_redirects_are_followed(site: Any, tmp_path: Path) -> None:
    latest = site.put("latest", b"", statuses=[302], headers={"Location": site.put("a.txt", BODY)})
    assert get(latest, tmp_path / "a.txt").read_bytes() == BODY


@pytest.mark.parametrize(
    ("to", "why"),
    [
        ("ftp://{host}/a.txt", "no address of the web"),
        ("file:///etc/passwd", "not allowed"),
        ("data:,x", "not allowed"),
        ("gopher://{host}/", "not allowed"),
    ],
)
def test_a_redirect_to_another_scheme_is_not_followed(
    site: Any, tmp_path: Path, to: str, why: str
) -> None:
    place = to.format(host=site.address.removeprefix("http://"))
    latest = site.put("latest", b"", statuses=[302], headers={"Location": place})
    with pytest.raises(KnowledgeBaseError, match=why):
        get(latest, tmp_path / "a.txt")
    assert [path for path, _ in site.requests] == ["latest"]
    assert not (tmp_path / "a.txt").exists()


def test_a_redirect_that_gives_up_encryption_is_refused_before_it_is_asked() -> None:
    request = Request("https://terminology.example/a.txt")
    with pytest.raises(FetchFailed, match="not encrypted"):
        _SafeRedirects().redirect_request(
            request, io.BytesIO(), 302, "Found", HTTPMessage(), "http://terminology.example/b.txt"
        )


def test_offline_the_sentence_says_where_to_place_the_file(site: Any, tmp_path: Path) -> None:
    with pytest.raises(KnowledgeBaseError, match="may be offline") as error:
        get(
            ["http://terminology.invalid/a.txt", "http://terminology.invalid/b.txt"],
            tmp_path / "a.txt",
        )
    assert "http://terminology.invalid/a.txt" in str(error.value)
    assert "b.txt" not in str(error.value)
    assert f"place it at {tmp_path / 'a.txt'}" in str(error.value)


def test_a_server_that_is_not_there(site: Any, tmp_path: Path) -> None:
    with pytest.raises(KnowledgeBaseError, match="connection failed"):
        get("http://127.0.0.1:9/a.txt", tmp_path / "a.txt", attempts=2)


@pytest.mark.parametrize(
    "address", ["file:///etc/passwd", "ftp://host/file", "no address", "https://"]
)
def test_only_the_web_is_fetched_from(tmp_path: Path, address: str) -> None:
    with pytest.raises(ConfigError, match="is no address to fetch from"):
        get(address, tmp_path / "a.txt")


def test_a_folder_that_cannot_be_written(site: Any, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(KnowledgeBaseError, match="BIOPIPE_CACHE"):
        get(site.put("a.txt", BODY), tmp_path / "file" / "a.txt")


def test_a_disk_that_is_full(site: Any, tmp_path: Path) -> None:
    resource = pytest.importorskip("resource", reason="limits of file sizes are POSIX")
    address, limits = site.put("a.txt", BODY), resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, limits[1]))
    try:
        with pytest.raises(
            KnowledgeBaseError, match=r"a\.txt cannot be written \(.*free some space.*go on"
        ):
            get(address, tmp_path / "a.txt")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert get(address, tmp_path / "a.txt").read_bytes() == BODY
    assert site.requests[-1][1]["Range"]


def fetcher(address: str, path: Path) -> "subprocess.Popen[bytes]":
    code = (
        "import sys; from pathlib import Path; from biopipe.kb.build.fetch import fetch\n"
        "print(fetch([sys.argv[1]], Path(sys.argv[2])))"
    )
    command = [sys.executable, "-c", code, address, str(path)]
    return subprocess.Popen(command, env=dict(os.environ), stdout=subprocess.PIPE)


def test_a_process_that_is_killed_leaves_a_part_to_go_on_with(site: Any, tmp_path: Path) -> None:
    hold = threading.Event()
    address, part = site.put("a.txt", BODY, breaks=[600_000], hold=hold), tmp_path / "a.txt.part"
    with fetcher(address, tmp_path / "a.txt") as process:
        try:
            for _ in range(600):
                if part.is_file() and part.stat().st_size >= 500_000:
                    break
                time.sleep(0.05)
        finally:
            process.kill()
            hold.set()
    there = part.stat().st_size
    assert 500_000 <= there <= 600_000
    assert get(address, tmp_path / "a.txt").read_bytes() == BODY
    assert site.requests[-1][1]["Range"] == f"bytes={there}-"


def test_two_processes_fetch_it_once(site: Any, tmp_path: Path) -> None:
    address = site.put("a.txt", BODY)
    fetchers = [fetcher(address, tmp_path / "a.txt") for _ in range(2)]
    assert [each.communicate(timeout=120)[0] for each in fetchers] == [
        f"{tmp_path / 'a.txt'}\n".encode()
    ] * 2
    assert (tmp_path / "a.txt").read_bytes() == BODY
    assert len(site.requests) == 1
