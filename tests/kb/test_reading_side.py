"""Who reads a base loads nothing that builds one."""

import subprocess
import sys

from biopipe.kb.base import KnowledgeBase

CODE = """
import sys
from biopipe.kb.default import open_base
kb = open_base(sys.argv[1])
kb.lookup("asthma")
kb.search_ngrams(["asthmatic"], 3)
kb.select(types=list(kb.types)[:1])
print(*sorted(sys.modules))
"""


def test_no_progress_bar_no_http_client_no_builder(kb: KnowledgeBase) -> None:
    command = [sys.executable, "-c", CODE, str(kb.path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    loaded = done.stdout.split()
    assert "biopipe.kb.ngram_query" in loaded
    unwanted = ("rich", "http.client", "urllib.request", "biopipe.kb.build", "spacy")
    assert [name for name in unwanted if name in loaded] == []
