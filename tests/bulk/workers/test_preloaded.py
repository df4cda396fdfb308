"""Workers have their imports in common."""

import json
import subprocess
import sys
from pathlib import Path

IMPORTED_LATER = """
import json, sys
import biopipe.bulk.workers.preloaded
before = set(sys.modules)
from biopipe.bulk.annotate import annotate
from biopipe.bulk.tables import document_tables
from biopipe.document import Document
from biopipe.pipeline import load
documents, failed = annotate([Document("a", sys.argv[2])], load(sys.argv[1]))
assert not failed, failed
document_tables(documents, {})
print(json.dumps({
    "mentions": len(documents[0].mentions), "modules": sorted(set(sys.modules) - before)
}))
"""
TEXT = "Tumor necrosis factor (TNF) was raised. TNF did not cause fever in 12 patients."


def test_a_worker_imports_nothing_that_the_others_do_not_share(tmp_path: Path) -> None:
    pipeline = tmp_path / "pipeline.json"
    components = {
        name: {} for name in ("biopipe_ner", "biopipe_abbreviations", "biopipe_relations")
    }
    pipeline.write_text(json.dumps({"components": {**components, "biopipe_assertion": {}}}))
    ended = subprocess.run(
        [sys.executable, "-c", IMPORTED_LATER, str(pipeline), TEXT],
        capture_output=True,
        text=True,
        check=True,
    )
    result = json.loads(ended.stdout)
    assert result["mentions"]
    # Encodings are imported when a text has them, a few kilobytes each.
    assert [name for name in result["modules"] if not name.startswith("encodings.")] == []
