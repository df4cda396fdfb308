"""The kind of entity that docs/extending.md shows, in the registry and in the linker."""

import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

from biopipe.document import Document, Mention
from biopipe.kb.build.compile import compile_kb
from biopipe.kb.schema import Concept
from biopipe.kinds.registry import ENTITY_KINDS
from biopipe.linking.linker import Linker

PAGE = Path(__file__).parents[2] / "docs" / "extending.md"


@pytest.fixture
def anatomy(monkeypatch: pytest.MonkeyPatch) -> None:
    """The page's folder `biopipe/kinds/anatomy`, as modules, and its entry in the registry."""
    page = PAGE.read_text(encoding="utf-8").partition("## A kind of entity")[2]
    blocks = dict(re.findall(r"```python\n# (\w+)\.py\n(.*?)```", page, re.DOTALL))
    monkeypatch.setitem(sys.modules, "biopipe.kinds.anatomy", ModuleType("anatomy"))
    for name in ("names", "kind"):
        module = ModuleType(name)
        exec(blocks[name], module.__dict__)
        monkeypatch.setitem(sys.modules, f"biopipe.kinds.anatomy.{name}", module)
    monkeypatch.setitem(ENTITY_KINDS, "Anatomy", module.ANATOMY_KIND)


@pytest.mark.usefixtures("anatomy")
def test_the_example_links_names_that_only_its_rule_finds(tmp_path: Path) -> None:
    kidney = Concept("UBERON:0002113", "kidney", types=("Anatomy",))
    kb = compile_kb([kidney], tmp_path / "kb", name="n", version="1", licence="CC0", sources={})
    text = "left kidney, upper kidney"
    mentions = (Mention(0, 11, "Anatomy"), Mention(13, 25, "Anatomy"))
    (linked,) = Linker(kb, encoder=None).predict([Document("1", text, mentions=mentions)])
    first, second = linked.mentions
    assert first.concept_ids == ("UBERON:0002113",)
    assert first.candidates[0].score > (second.candidates[0].score if second.candidates else 0)
