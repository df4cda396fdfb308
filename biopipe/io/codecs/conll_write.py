"""Documents as CoNLL with offsets: token, start, end and IOB2 tag between tabs, a token a line.

A document begins with `# newdoc id = ID` and `# text = TEXT`, the text as JSON, so that line breaks
and blanks stay. Tokens end where words, signs or mentions do.
"""

import json
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from biopipe.document import Document, Mention
from biopipe.document.unicode import check_text
from biopipe.io.losses import HeldFields, Losses
from biopipe.io.streams import replacing

__all__ = ["HELD_FIELDS", "write"]

HELD_FIELDS = HeldFields.of("id text mentions", "start end label")

_TOKEN = re.compile(r"[^\W_]+|\S")
_ODD = re.compile(r"[\t\r\n]")


def write(documents: Iterable[Document], path: Path, losses: Losses | None = None) -> int:
    """Write CoNLL (gzip for .gz).

    Of mentions that overlap the longest stays, of equally long ones the first. Sentences are those
    that the documents carry; a document that carries none is one.
    """
    count = 0
    counted = Losses() if losses is None else losses
    with replacing(path) as stream:
        for document in documents:
            lines = "".join(f"{line}\n" for line in _lines(document, counted))
            check_text(lines, f"The tokens of document '{document.id}'")
            stream.write(lines.encode("utf-8"))
            count += 1
    return count


def _lines(document: Document, losses: Losses) -> Iterator[str]:
    yield f"# newdoc id = {_ODD.sub(' ', document.id).strip()}"
    yield f"# text = {json.dumps(document.text, ensure_ascii=False)}"
    mentions = _flat(document, losses)
    starts = [mention.start for mention in mentions]
    sentence_starts = sorted({sentence.start for sentence in document.sentences or ()})
    before = None
    for start, end in _tokens(document.text, mentions):
        index = bisect_right(starts, start) - 1
        mention = mentions[index] if index >= 0 and start < mentions[index].end else None
        sentence = bisect_right(sentence_starts, start)
        if (
            before is not None
            and sentence != before
            # A blank line within a mention would make two of it.
            and (mention is None or start == mention.start)
        ):
            yield ""
        before = sentence
        tag = "O"
        if mention is not None:
            tag = f"{'B' if start == mention.start else 'I'}-{_ODD.sub(' ', mention.label)}"
        yield f"{document.text[start:end]}\t{start}\t{end}\t{tag}"
    yield ""


def _flat(document: Document, losses: Losses) -> list[Mention]:
    """The mentions that do not overlap, in the order of the text."""
    kept: list[Mention] = []
    starts: list[int] = []
    # The longest first: of nested mentions the whole is kept, as IOB2 holds one.
    ranked = sorted(document.mentions, key=lambda m: (m.start - m.end, m.start))
    for mention in ranked:
        words = document.text[mention.start : mention.end]
        if not words.strip() or words != words.strip() or not mention.label:
            losses.add("mentions that begin or end with a blank or have no label")
            continue
        place = bisect_right(starts, mention.start)
        if (place and kept[place - 1].end > mention.start) or (
            place < len(kept) and kept[place].start < mention.end
        ):
            losses.add("mentions nested in others or overlapping them")
            continue
        kept.insert(place, mention)
        starts.insert(place, mention.start)
        losses.add("labels with tabs or line ends", int(bool(_ODD.search(mention.label))))
    return kept


def _tokens(text: str, mentions: Sequence[Mention]) -> Iterator[tuple[int, int]]:
    """Spans of words and signs, cut where mentions begin and end."""
    cuts = sorted({place for mention in mentions for place in (mention.start, mention.end)})
    for match in _TOKEN.finditer(text):
        start = match.start()
        for cut in cuts[bisect_right(cuts, start) : bisect_right(cuts, match.end() - 1)]:
            yield start, cut
            start = cut
        yield start, match.end()
