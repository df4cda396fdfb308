"""A spaCy component that does to its process what native code can do, on texts that say so."""

import ctypes
import os
import resource
import signal
import time
from pathlib import Path

from spacy.language import Language
from spacy.tokens import Doc


@Language.factory("biopipe_poison", default_config={"seen": None, "hangs": 0, "stops": False})
def make_poison(nlp: Language, name: str, seen: str | None, hangs: int, stops: bool) -> "Poison":
    """The first `hangs` processes never finish loading; with `stops` they do not run any more."""
    if hangs and seen is not None:
        marks = Path(seen) / "loading"
        marks.mkdir(exist_ok=True)
        (marks / str(os.getpid())).touch()
        if len(list(marks.iterdir())) <= hangs:
            if stops:
                os.kill(os.getpid(), signal.SIGSTOP)
            time.sleep(3600)
    return Poison(seen)


class Poison:
    """`seen` is a folder: "mark NAME" makes a file there and hangs, "wait NAME" waits for one and
    says that it does.
    """

    def __init__(self, seen: str | None) -> None:
        self.seen = seen
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

    def __call__(self, doc: Doc) -> Doc:
        word, _, rest = doc.text.partition(" ")
        if word == "abort":
            os.abort()
        elif word == "segfault":
            ctypes.string_at(0)
        elif word == "exit":
            os._exit(3)
        elif word == "memory":
            os.kill(os.getpid(), signal.SIGKILL)
        elif word == "hang":
            time.sleep(3600)
        elif word == "wait" and self.seen is not None:
            (Path(self.seen) / f"{rest}.waiting").touch()
            while not (Path(self.seen) / rest).exists():
                time.sleep(0.005)
        elif word == "environment" and self.seen is not None:
            (Path(self.seen) / rest).write_text(os.environ.get(rest, ""))
        elif word == "mark" and self.seen is not None:
            self._wait_after_the_first(Path(self.seen) / rest)
        return doc

    def _wait_after_the_first(self, mark: Path) -> None:
        """Leave the mark and hang; where the mark is there already, go on."""
        if not mark.exists():
            mark.write_text(str(os.getpid()))
            time.sleep(3600)
