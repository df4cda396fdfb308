"""`biopipe serve` against `nlp.pipe` on the same texts, and its memory over very many requests.

    python benchmarks/serve.py [--texts 64] [--rounds 3] [--clients 16] [--requests 20000]

Both have the pipeline `fast`. In each round this process runs `nlp.pipe` over the texts, and then
as many clients send them to a server, one text a request, and wait for each answer; the rounds are
in turn, so that whatever else the machine does concerns both. `cpu_milliseconds_a_text` is
processor time of the process that annotates. For memory, a server with the tiny models of
`biopipe.testing` (a tagger, abbreviations, relations, assertions) is sent sentences, each with a
number of its own, so that whatever keeps texts or strings grows with them.
"""

import http.client
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from memory import read_memory
from record import options, record

PIPELINE = "fast"
# After the first of these, caches and pools have what they need.
MEMORY_AT = (2_000, 5_000, 10_000, 15_000, 20_000)
JSON = {"content-type": "application/json"}


def main() -> None:
    parser = options(__doc__)
    parser.add_argument("--texts", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--requests", type=int, default=20_000)
    arguments = parser.parse_args()
    source = arguments.data / "text" / "easyner-autophagy-999.json"
    if not source.is_file():
        raise SystemExit(
            f"There is no {source}; give the folder of the texts with --data or $BIOPIPE_DATA."
        )
    from biopipe import io

    texts = [document.text for document in islice(io.read(source), arguments.texts)]
    result = {
        "pipeline": PIPELINE,
        "texts": len(texts),
        "clients": arguments.clients,
        **compare(texts, arguments.rounds, arguments.clients),
        "memory": memory(arguments.requests, arguments.clients),
    }
    record("serve", result, arguments.results)


def compare(texts: Sequence[str], rounds: int, clients: int) -> dict[str, Any]:
    """Texts a second of both ways, their ratio in each round, and how long a request took."""
    import biopipe

    nlp = biopipe.load(PIPELINE)
    with server(PIPELINE) as (address, process):
        ways: dict[str, tuple[Callable[[], list[float]], int]] = {
            "nlp.pipe": (lambda: [len(doc) for doc in nlp.pipe(texts)], os.getpid()),
            "serve": (lambda: send(address, texts, clients), process),
        }
        for work, _ in ways.values():
            work()
        seconds: dict[str, list[float]] = {way: [] for way in ways}
        cpu: dict[str, list[float]] = {way: [] for way in ways}
        latencies: list[float] = []
        for _ in range(rounds):
            for way, (work, watched) in ways.items():
                started, used = time.perf_counter(), cpu_seconds(watched)
                answers = work()
                seconds[way].append(time.perf_counter() - started)
                cpu[way].append(cpu_seconds(watched) - used)
                latencies += answers if way == "serve" else []
    per_text = 1000 / len(texts)
    return {
        "texts_per_second": {
            w: round(len(texts) / statistics.median(s), 2) for w, s in seconds.items()
        },
        "ratio_to_nlp_pipe": [
            round(pipe / serve, 3)
            for pipe, serve in zip(seconds["nlp.pipe"], seconds["serve"], strict=True)
        ],
        "cpu_milliseconds_a_text": {
            way: round(per_text * statistics.median(times), 1) for way, times in cpu.items()
        },
        "request_seconds": percentiles(latencies),
        "seconds": {way: [round(value, 3) for value in times] for way, times in seconds.items()},
    }


def memory(requests: int, clients: int) -> dict[str, Any]:
    """Memory of a server in MB after so many requests, and the slowest of them."""
    from biopipe.testing import tiny_model

    components: dict[str, Any] = {
        "biopipe_ner": {"model": str(tiny_model("tiny-tagger-states"))},
        "biopipe_abbreviations": {},
        "biopipe_relations": {"model": str(tiny_model("tiny-relations-shared"))},
        "biopipe_assertion": {},
    }
    points = []
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "tiny.json"
        path.write_text(json.dumps({"components": components}), encoding="utf-8")
        with server(str(path)) as (address, process):
            done, latencies, started = 0, [], time.perf_counter()
            for goal in [at for at in MEMORY_AT if at <= requests]:
                sentences = [
                    f"Case{i} had protein X{i}Y in lung cancer." for i in range(done, goal)
                ]
                latencies += send(address, sentences, clients)
                done = goal
                anonymous, resident = read_memory(process)
                points.append(
                    {
                        "requests": done,
                        "anonymous": round(anonymous, 1),
                        "resident": round(resident, 1),
                    }
                )
            seconds = time.perf_counter() - started
    return {
        "pipeline": "tiny models: tagger, abbreviations, relations, assertions",
        "points": points,
        "unit": "MB",
        "requests_per_second": round(done / seconds, 1),
        "request_seconds": percentiles(latencies),
    }


@contextmanager
def server(pipeline: str) -> Iterator[tuple[str, int]]:
    """A server of its own process: host and port, and the id of the process."""
    command = [sys.executable, "-m", "biopipe", "serve", "--pipeline", pipeline, "--port", "0"]
    process = subprocess.Popen([*command, "--quiet"], stderr=subprocess.PIPE, text=True)
    try:
        assert process.stderr is not None
        for line in process.stderr:
            if announced := re.search(r"http://\S+", line):
                yield urlsplit(announced[0]).netloc, process.pid
                return
        raise SystemExit(f"{' '.join(command)} did not start.")
    finally:
        process.terminate()
        process.wait()


def send(address: str, texts: Sequence[str], clients: int) -> list[float]:
    """Seconds that each request took; every client has one connection."""

    def client(number: int) -> list[float]:
        connection = http.client.HTTPConnection(address, timeout=600)
        seconds = []
        for text in texts[number::clients]:
            started = time.perf_counter()
            connection.request("POST", "/annotate", json.dumps({"text": text}), JSON)
            response = connection.getresponse()
            body = response.read()
            if response.status != 200 or b'"errors": 0' not in body:
                raise SystemExit(f"The server answered {response.status}: {body[:200]!r}")
            seconds.append(time.perf_counter() - started)
        connection.close()
        return seconds

    with ThreadPoolExecutor(clients) as pool:
        return [value for values in pool.map(client, range(clients)) for value in values]


def percentiles(seconds: Sequence[float]) -> dict[str, float]:
    """Median, slowest in twenty, in a hundred, and of all."""
    ordered = sorted(seconds)
    places = {"p50": 0.5, "p95": 0.95, "p99": 0.99, "slowest": 1.0}
    return {
        name: round(ordered[min(len(ordered) - 1, int(share * len(ordered)))], 3)
        for name, share in places.items()
    }


def cpu_seconds(process: int) -> float:
    """Processor time of a process and its threads so far."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
