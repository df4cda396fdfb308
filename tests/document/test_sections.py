from biopipe.document import Document, Mention, NoteSection
from biopipe.document.sections import section_of, with_mention_sections

SECTIONS = (NoteSection("a", 2, 5, 3), NoteSection("b", 5, 9, 6))


def test_a_place_is_in_the_section_that_holds_it() -> None:
    document = Document("1", "x" * 12, sections=SECTIONS)
    places = [section_of(document, place) for place in (0, 2, 4, 5, 8, 9)]
    assert places == [None, SECTIONS[0], SECTIONS[0], SECTIONS[1], SECTIONS[1], None]
    assert section_of(Document("1", "xx"), 0) is None


def test_mentions_get_the_section_that_they_start_in() -> None:
    mentions = (Mention(0, 3, "x"), Mention(4, 6, "x", section="old"), Mention(8, 9, "x"))
    document = Document("1", "x" * 12, mentions, sections=SECTIONS)
    assert [m.section for m in with_mention_sections(document).mentions] == ["", "a", "b"]
    bare = Document("1", "x" * 12, mentions)
    assert with_mention_sections(bare) is bare
