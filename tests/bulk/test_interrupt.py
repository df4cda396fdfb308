import os
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest

from biopipe.bulk.interrupt import Interrupted, watch_signals


@pytest.fixture(autouse=True)
def handlers() -> Iterator[None]:
    """A test run started in the background ignores SIGINT; here it does not."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_signal_is_kept_until_the_run_looks(number: signal.Signals) -> None:
    with watch_signals() as asked:
        asked.check()
        assert not select.select([asked], [], [], 0)[0]
        signal.raise_signal(number)
        assert select.select([asked], [], [], 0)[0]
        for _ in range(2):
            with pytest.raises(Interrupted) as caught:
                asked.check()
            assert caught.value.signal == number


def test_an_object_that_is_deleted_does_not_swallow_it() -> None:
    class Closes:
        def __del__(self) -> None:
            signal.raise_signal(signal.SIGINT)

    with watch_signals() as asked:
        Closes()
        with pytest.raises(Interrupted):
            asked.check()


def test_the_second_signal_goes_to_the_earlier_handler_at_once() -> None:
    with watch_signals():
        signal.raise_signal(signal.SIGINT)
        with pytest.raises(KeyboardInterrupt) as caught:
            signal.raise_signal(signal.SIGINT)
        assert not isinstance(caught.value, Interrupted)


def test_the_earlier_handlers_come_back() -> None:
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    with watch_signals():
        assert signal.getsignal(signal.SIGINT) != before[0]
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before


def test_an_ignored_signal_stays_ignored() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with watch_signals() as asked:
        assert signal.getsignal(signal.SIGINT) == signal.SIG_IGN
        assert signal.getsignal(signal.SIGTERM) != signal.SIG_IGN
        os.kill(os.getpid(), signal.SIGINT)
        asked.check()
        assert not select.select([asked], [], [], 0)[0]


def test_another_thread_than_the_main_one_changes_nothing() -> None:
    before = signal.getsignal(signal.SIGINT)
    seen = []

    def listen() -> None:
        with watch_signals() as asked:
            seen.append(signal.getsignal(signal.SIGINT))
            asked.check()

    thread = threading.Thread(target=listen)
    thread.start()
    thread.join()
    assert seen == [before]


LOOKING = """
import sys, time
from biopipe.bulk.interrupt import Interrupted, watch_signals
with watch_signals() as asked:
    print("looking", flush=True)
    try:
        while True:
            asked.check()
            time.sleep(0.01)
    except Interrupted as interrupted:
        print(interrupted, flush=True)
    if sys.argv[1] == "again":
        while True:
            time.sleep(0.01)
"""


@pytest.mark.parametrize(("again", "code"), [("", 0), ("again", -signal.SIGTERM)])
def test_a_process_stops_where_it_looks_and_a_second_signal_ends_it(again: str, code: int) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", LOOKING, again], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "looking\n"
    process.send_signal(signal.SIGTERM)
    assert process.stdout.readline() == "stopped by SIGTERM\n"
    if again:
        process.send_signal(signal.SIGTERM)
    process.communicate()
    assert process.returncode == code
