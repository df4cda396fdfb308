"""XML as a stream of records, and their text without markup.

External entities and DTDs are never fetched, and expat limits how far internal entities expand.
"""

import re
from collections.abc import Iterator
from html.entities import name2codepoint
from io import BufferedIOBase
from pathlib import Path
from xml.etree.ElementTree import Element, ParseError, TreeBuilder, XMLParser

from biopipe.io.streams import BROKEN, MAX_RECORD_BYTES, BrokenFile, open_binary, why_broken

__all__ = [
    "inline_pieces",
    "inline_text",
    "root_tag",
    "running_children",
    "squeeze",
    "text_of",
    "xml_records",
]

_CHUNK = 1 << 16
# An empty element takes about so much memory.
_ELEMENT_BYTES = 100
_WHITE_SPACE = re.compile(r"[ \t\r\n]+")
_ENTITIES = {name: chr(code) for name, code in name2codepoint.items()}
# Not running text: sources of formulas beside their rendering, pictures, notes.
_SKIPPED = frozenset(
    {
        "annotation",
        "annotation-xml",
        "fn",
        "graphic",
        "inline-graphic",
        "media",
        "object-id",
        "tex-math",
    }
)
# What cross-references point to that are references or notes.
_MARKED = frozenset({"aff", "author-notes", "bibr", "corresp", "fn", "other", "table-fn"})
_MARK = re.compile(r"[a-z]|\d{1,3}(?: ?[,;–-] ?\d{1,3})*|[*†‡§¶‖#]+")
_NOTE_SIGNS = re.compile(r"[†‡§¶‖]+")
_BETWEEN_MARKS = re.compile(r"[,;–\- ]+")
_WHOLE_WORD = re.compile(r"[^\W\d_]{4}[.,;:)]?\Z")
_LETTERS = re.compile(r"[a-h](?: ?, ?[a-h])*")
_NUMBERS = re.compile(r"\d{1,3}(?P<more>(?: ?[,;–-] ?\d{1,3})+)?")
_SPACED = frozenset(
    {"break", "disp-formula", "disp-formula-group", "DispFormula", "p", "title", "td", "th", "tr"}
)


class _RecordTarget:
    """Builds the outermost elements of the wanted names and forgets everything else."""

    def __init__(self, tags: frozenset[str]) -> None:
        self.root = ""
        self._tags = tags
        self._done: list[Element] = []
        self._builder: TreeBuilder | None = None
        self._depth = 0
        self._characters = 0
        self.events = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self.events += 1
        # Names without their namespace: BioC and JATS come with and without one.
        tag = tag.rpartition("}")[2]
        self.root = self.root or tag
        if self._builder is None:
            if tag not in self._tags:
                return
            # One for each record: what is outside of records never takes memory.
            self._builder = TreeBuilder()
            self._characters = 0
        self._depth += 1
        self._count(_ELEMENT_BYTES + sum(map(len, attributes.values())))
        self._builder.start(tag, attributes)

    def data(self, data: str) -> None:
        self.events += 1
        if self._builder is not None:
            self._count(len(data))
            self._builder.data(data)

    def _count(self, size: int) -> None:
        """BrokenFile where the record is larger than any is: it may go on for gigabytes."""
        self._characters += size
        if self._characters > MAX_RECORD_BYTES:
            raise BrokenFile(f"a record is larger than {MAX_RECORD_BYTES:,} bytes")

    def end(self, tag: str) -> None:
        self.events += 1
        if self._builder is None:
            return
        self._builder.end(tag.rpartition("}")[2])
        self._depth -= 1
        if self._depth == 0:
            # Handed out by `take`, as expat cannot yield from within its calls.
            self._done.append(self._builder.close())
            self._builder = None

    def close(self) -> None:
        return None

    def take(self) -> list[Element]:
        done, self._done = self._done, []
        return done


def xml_records(stream: BufferedIOBase, tags: frozenset[str]) -> Iterator[Element]:
    """The outermost elements named in `tags` (without namespaces), each built when it is complete.

    Where the XML breaks, the records before come first and then BrokenFile.
    """
    target = _RecordTarget(tags)
    parser = _parser(target)
    # read1 hands out what is there before it meets a break; read would lose up to a chunk.
    events = silent = 0
    while chunk := stream.read1(_CHUNK):
        broken = _feed(parser, chunk)
        yield from target.take()
        if broken is not None:
            raise BrokenFile(_why(broken, target)) from broken
        # A comment or an attribute without an end gathers in the parser.
        silent = silent + len(chunk) if target.events == events else 0
        events = target.events
        if silent > MAX_RECORD_BYTES:
            raise BrokenFile(f"{MAX_RECORD_BYTES:,} bytes hold neither a tag nor text")
    try:
        parser.close()
    except ParseError as error:
        raise BrokenFile(_why(error, target)) from error


def root_tag(path: Path) -> str:
    """The name of the root element without its namespace; BrokenFile when there is none."""
    target = _RecordTarget(frozenset())
    parser = _parser(target)
    broken: Exception | None = None
    with open_binary(path) as stream:
        try:
            while not target.root and broken is None and (chunk := stream.read1(_CHUNK)):
                broken = _feed(parser, chunk)
        except BROKEN as error:
            broken = error
    if target.root:
        return target.root
    if broken is None:
        raise BrokenFile("the file is empty or holds no XML element")
    raise BrokenFile(_why(broken, target)) from broken


def text_of(element: Element, path: str) -> str:
    """The text without markup at the first match of `path`; empty when there is none."""
    child = element.find(path)
    return "" if child is None else inline_text(child)


def inline_text(element: Element) -> str:
    """The text of an element with its inline markup flattened and its white space squeezed."""
    return squeeze("".join(inline_pieces(element)))


def inline_pieces(element: Element) -> Iterator[str]:
    if element.text:
        yield element.text
    for child, is_text in running_children(element):
        if child.tag in _SPACED:
            yield " "
        if is_text:
            yield from inline_pieces(child)
        if child.tag in _SPACED:
            yield " "
        if child.tail:
            yield child.tail


def running_children(element: Element) -> Iterator[tuple[Element, bool]]:
    """The children, and whether the content of each belongs into the text around it: not the source
    of a formula, and no mark of a citation or a note behind a word.
    """
    before, after_mark = element.text or "", False
    for child in element:
        is_mark = _is_mark(child, before, after_mark)
        yield child, child.tag not in _SKIPPED and not is_mark
        after_mark = is_mark and not (child.tail or "").strip()
        before = child.tail or before if is_mark else child.tail or "x"


def squeeze(text: str) -> str:
    """Runs of XML white space as one space, trimmed; other spaces, such as thin ones, stay."""
    return _WHITE_SPACE.sub(" ", text).strip(" ")


def _is_mark(element: Element, before: str, after_mark: bool) -> bool:
    """Whether it is the mark of a reference or a note, which flattened would grow onto the word
    before: a superscript of such marks, or a mark with no space or bracket before it.

    `before` is the text directly before it; `after_mark` says that this was a mark.
    """
    if element.tag == "sup":
        content = squeeze("".join(element.itertext()))
        return (
            any(xref.get("ref-type") in _MARKED for xref in element.iter("xref"))
            or _NOTE_SIGNS.fullmatch(content) is not None
            or (after_mark and _BETWEEN_MARKS.fullmatch(content) is not None)
            or _is_unlinked_mark(content, before)
        )
    if element.tag != "xref" or element.get("ref-type") not in _MARKED:
        return False
    if not (element.text or "").strip() and element.find("sup") is not None:
        return True
    is_glued = after_mark or before[-1:] not in (
        "",
        " ",
        "\n",
        "\t",
        "(",
        "[",
        "\N{NO-BREAK SPACE}",
    )
    return is_glued and _MARK.fullmatch(squeeze("".join(element.itertext()))) is not None


def _is_unlinked_mark(content: str, before: str) -> bool:
    """Whether a superscript is a mark that no link says to be one: letters behind a whole word, or
    numbers behind its full stop, or several ("rose<sup>a,b</sup>", "rose.<sup>12</sup>"). A single
    number behind a word may be a power.
    """
    if not _WHOLE_WORD.search(before):
        return False
    numbers = _NUMBERS.fullmatch(content)
    return _LETTERS.fullmatch(content) is not None or (
        numbers is not None and (numbers["more"] is not None or not before[-1:].isalpha())
    )


def _parser(target: _RecordTarget) -> XMLParser:
    parser = XMLParser(target=target)
    # Names like &nbsp; that a DTD outside the file defines.
    parser.entity.update(_ENTITIES)
    return parser


def _feed(parser: XMLParser, chunk: bytes) -> Exception | None:
    """What broke the parser: the XML, or an encoding (LookupError, ValueError) that Python or expat
    has not.
    """
    try:
        parser.feed(chunk)
    except (ParseError, LookupError, ValueError) as error:
        return error
    return None


def _why(error: Exception, target: _RecordTarget) -> str:
    if isinstance(error, ParseError):
        if not target.root and error.position[1] == 0:
            return f"the file is not XML or is empty ({error})"
        return f"the XML is damaged or cut off here ({error})"
    if isinstance(error, (LookupError, ValueError)) and not isinstance(error, BrokenFile):
        return f"the encoding of the XML cannot be read ({error}); convert the file to UTF-8"
    return why_broken(error)
