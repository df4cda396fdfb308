import io
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from biopipe.cli.annotation_tables import print_document
from biopipe.document import Candidate, Document, Mention, Relation

GOLDEN = Path(__file__).parents[1] / "data" / "annotate"
DOCUMENT = Document(
    "text",
    "No BRCA1 [b] in breast cancer; HTN.",
    mentions=(
        Mention(
            *(3, 8, "Gene", 0.875, ("NCBIGene:672",)),
            candidates=(Candidate("NCBIGene:672", "BRCA1 gene", 0.9),),
            assertion=frozenset({"negated", "possible"}),
        ),
        Mention(9, 12, "Gene", 0.5),
        Mention(16, 29, "Disease", 0.75, ("MESH:D001943",)),
        Mention(31, 34, "Disease", section="history", long_form="hypertension"),
    ),
    relations=(
        Relation(
            "NCBIGene:672", "MESH:D001943", "Association", 0.625, novel=True, subject="MESH:D001943"
        ),
        Relation("NIL:Gene/b", "Z:1", "Bind", 0.5, assertion=frozenset({"negated"}), tail_name="z"),
    ),
)


def shown(document: Document, *, terminal: bool = False, width: int = 120) -> str:
    stream = io.StringIO()
    print_document(
        document,
        Console(
            file=stream,
            force_terminal=terminal,
            color_system="truecolor" if terminal else None,
            highlight=False,
            width=width,
        ),
    )
    return stream.getvalue()


@pytest.mark.parametrize("name", ["all", "plain"])
def test_what_is_printed(name: str) -> None:
    plain = replace(
        DOCUMENT,
        mentions=DOCUMENT.mentions[1:3],
        relations=(),
    )
    document = {"all": DOCUMENT, "plain": plain}[name]
    assert shown(document) == (GOLDEN / f"{name}.txt").read_text(encoding="utf-8")


def test_a_terminal_shows_the_text_in_the_colours_of_the_labels(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    text = shown(DOCUMENT, terminal=True)
    assert "48;2;31;95;168mBRCA1" in text  # the line of genes
    assert "48;2;179;57;27mbreast cancer" in text
    monkeypatch.setenv("NO_COLOR", "1")
    assert "48;2" not in shown(DOCUMENT, terminal=True)
    assert "\x1b" not in shown(DOCUMENT)


def test_into_a_pipe_nothing_is_cut(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    print_document(DOCUMENT)
    out = capsys.readouterr().out
    assert max(map(len, out.splitlines())) > 80
    assert "BRCA1 gene (NCBIGene:672)" in out
    print_document(Document("", "x"))
    assert capsys.readouterr().out == "No mentions found.\n"
