"""Genes and variants of notes as a predictor. Case reports, which the clinical tagger learned from,
count them among tests; oncologists and geneticists ask for them by their own names.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from biopipe.clinical.measurements.tests import load_tests
from biopipe.document import Document, Mention, Predictor, PredictorInfo
from biopipe.document.labels import GENE, VARIANT
from biopipe.kinds.gene.nouns import is_named_as_gene
from biopipe.kinds.variant.gene_beside import genes_beside
from biopipe.kinds.variant.written_forms import CERTAIN_FORM
from biopipe.text.sentences import sentences_of
from biopipe.text.span_index import SpanIndex

__all__ = ["GeneticMentions"]

_TAKEN_FOR = frozenset({"Test", "Value", "Dosage", "Frequency", "Duration", "Date", "Procedure"})
# "c.1504C>T", "V617F", "rs4244285": no value of a test is written so.
_NOTATION = re.compile(CERTAIN_FORM)
_EVENT = (
    r"(?:mutation|mutant|mutated|variant|amplif|re-?arrange|translocat|fusion|delet|duplicat"
    r"|inversion|methylat|hypermethylat|copy[- ]number|wild[- ]?type|truncat|frameshift|splice"
    r"|heterozyg|homozyg|hemizyg|haploinsufficien|carrier|ITD\b|TKD\b)"
)
# "KRAS wild-type", "HER2 gene amplification", "CDH1: heterozygous".
_BEHIND = re.compile(
    r"(?:[ -](?:gene|exon|intron|\d+|germline|somatic|pathogenic|is|was|by)){0,3}"
    rf"[- :]{{1,2}}\(?(?:{_EVENT}|loss\b)",
    re.IGNORECASE,
)
# "a germline mutation in CDH1", "deletion of the ELN".
_BEFORE = re.compile(rf"\b{_EVENT}\w*(?: \w+)? (?:in|of) (?:the )?\Z", re.IGNORECASE)
_REACH = 40


class GeneticMentions(Predictor):
    """Of what several recognisers found in a note, a gene or a variant stays, and the test, value,
    amount, time or procedure that another one took it for goes, where the words beside it are
    those of genetics: a variant at a gene, a variant that is written as only variants are, a gene with what
    happened to it ("HER2 amplified", "mutation in CDH1", "the SCN1A gene"), and the other genes of
    its sentence that are no usual test ("EGFR L858R positive, ALK negative").

    A gene without such words is what the laboratory measured or stained ("CRP 12 mg/L", "positive
    for CD20"), and all mentions stay. It belongs before the merge, which knows no such reasons.
    """

    def __init__(self) -> None:
        self._tests = frozenset(load_tests())

    @property
    def info(self) -> PredictorInfo:
        """Needs mentions, and gives fewer of them."""
        return PredictorInfo(
            name="genetics", needs=frozenset({"mentions"}), gives=frozenset({"mentions"})
        )

    def predict(self, documents: Sequence[Document]) -> list[Document]:
        """The documents without the mentions that stand in the place of a gene or a variant."""
        return [replace(d, mentions=self._without_rivals(d)) for d in documents]

    def _without_rivals(self, document: Document) -> tuple[Mention, ...]:
        genetic = SpanIndex(self._genetic(document))
        return tuple(
            mention
            for mention in document.mentions
            if mention.label not in _TAKEN_FOR or not genetic.touching(mention.start, mention.end)
        )

    def _genetic(self, document: Document) -> list[Mention]:
        """The genes and variants that are no tests."""
        sure = SpanIndex(_told_as_genetic(document.text, document.mentions))
        genetic = [
            sentence
            for sentence in sentences_of(document)
            if sure.touching(sentence.start, sentence.end)
        ]
        genes = SpanIndex([mention for mention in document.mentions if mention.label == GENE])
        found = dict.fromkeys(sure.touching(0, len(document.text)))
        for sentence in genetic:
            for gene in genes.touching(sentence.start, sentence.end):
                if document.text[gene.start : gene.end].casefold() not in self._tests:
                    found[gene] = None
        return list(found)


def _told_as_genetic(text: str, mentions: Sequence[Mention]) -> list[Mention]:
    """The genes and variants that the words beside them show to be such."""
    beside = genes_beside(text, mentions)
    sure = {*beside, *beside.values()}
    return [
        mention
        for place, mention in enumerate(mentions)
        if place in sure
        or (mention.label == GENE and _is_told_of_as_gene(text, mention.start, mention.end))
        or (mention.label == VARIANT and _NOTATION.match(text, mention.start))
    ]


def _is_told_of_as_gene(text: str, start: int, end: int) -> bool:
    return (
        is_named_as_gene(text, start, end)
        or _BEHIND.match(text, end) is not None
        or _BEFORE.search(text, max(0, start - _REACH), start) is not None
    )
