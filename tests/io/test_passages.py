from biopipe.document import Passage
from biopipe.io.passages import Block, Section, assemble


def test_blocks_are_joined_and_sections_span_theirs() -> None:
    title, abstract, methods = Section("title"), Section("abstract"), Section("methods")
    blocks = [
        Block("T.", (title,)),
        Block("", (abstract,)),
        Block("We did.", (abstract, methods)),
        Block("We saw.", (abstract, Section("methods"))),
    ]
    text, passages = assemble(blocks, " ")
    assert text == "T. We did. We saw."
    assert passages == (
        Passage("title", 0, 2),
        Passage("abstract", 3, 18),
        Passage("methods", 3, 10),
        Passage("methods", 11, 18),
    )


def test_nothing() -> None:
    assert assemble([Block("", (Section("title"),))], " ") == ("", ())
