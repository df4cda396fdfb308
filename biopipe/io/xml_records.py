"""XML as a stream of records, and their text without markup.

External entities and DTDs are never fetched, and expat limits how far internal entities expand.
"""

import re
from collections.abc import Iterator
from html.entities import name2codepoint
from io import BufferedIOBase
from pathlib import Path
from xml.etree.ElementTree import Element, ParseError, TreeBuilder, XMLParser

from biopipe.io.streams import BROKEN, BrokenFile, open_binary, why_broken

__all__ = [
    "inline_pieces",
    "inline_text",
    "is_running_text",
    "root_tag",
    "squeeze",
    "text_of",
    "xml_records",
]

_CHUNK = 1 << 16
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

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        tag = tag.rpartition("}")[2]
        self.root = self.root or tag
        if self._builder is None:
            if tag not in self._tags:
                return
            self._builder = TreeBuilder()
        self._depth += 1
        self._builder.start(tag, attributes)

    def data(self, data: str) -> None:
        if self._builder is not None:
            self._builder.data(data)

    def end(self, tag: str) -> None:
        if self._builder is None:
            return
        self._builder.end(tag.rpartition("}")[2])
        self._depth -= 1
        if self._depth == 0:
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
    while chunk := stream.read1(_CHUNK):
        broken = _feed(parser, chunk)
        yield from target.take()
        if broken is not None:
            raise BrokenFile(_why(broken, target)) from broken
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
    for child in element:
        if child.tag in _SPACED:
            yield " "
        if is_running_text(child):
            yield from inline_pieces(child)
        if child.tag in _SPACED:
            yield " "
        if child.tail:
            yield child.tail


def is_running_text(element: Element) -> bool:
    """Whether the element's content belongs into the text around it."""
    return element.tag not in _SKIPPED and not _is_citation(element)


def squeeze(text: str) -> str:
    """Runs of XML white space as one space, trimmed; other spaces, such as thin ones, stay."""
    return _WHITE_SPACE.sub(" ", text).strip(" ")


def _is_citation(element: Element) -> bool:
    """Whether it is a superscript that cites references: flattened it would grow onto the word
    before.
    """
    if element.tag == "sup":
        return element.find("xref[@ref-type='bibr']") is not None
    bare = (
        element.tag == "xref"
        and element.get("ref-type") == "bibr"
        and not (element.text or "").strip()
    )
    return bare and element.find("sup") is not None


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
