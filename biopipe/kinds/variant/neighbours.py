"""Which reference SNP number a variant of the same document has, where the text says that the two
are one.
"""

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise

from biopipe.document import Document, Mention
from biopipe.document.labels import GENE, VARIANT
from biopipe.kinds.variant.gene_beside import VARIANT_NOUN, genes_beside
from biopipe.kinds.variant.words import normal_form
from biopipe.language.reference_snps import written_rs_number

__all__ = ["rs_numbers_beside"]

# What stands between two variants that are one: "the -1021T allele (rs1611115", "C677T of MTHFR
# (rs1801133", "rs763780, which causes a H161R".
_BRACKET = re.compile(
    rf"(?:(?: [\w-]+)? {VARIANT_NOUN})?(?: (?:in|of) (?:the )?[\w-]+(?: gene)?)? ?[(\[]"
    r"(?:\w+[ :] ?)?"
)
_NAMES = r"also (?:known|referred to) as|known as|i\.e\.,?|that is,?|corresponding to|at position"
_CAUSES = r"(?:which |that )?(?:(?:caus|encod)(?:es|ing)|result(?:s|ing) in|lead(?:s|ing) to)"
_SAID = re.compile(
    rf"(?: {VARIANT_NOUN})?[)\]]?,? ?[(\[]?(?:(?:{_NAMES}) (?:an? |the )?(?:dbSNP:? )?"
    rf"|{_CAUSES} (?:[a-z-]+ ){{0,5}})"
)
_IN_BRACKET = re.compile(r" ?[,;/:=] ?(?:dbSNP:? ?)?| or ")
_LISTED = re.compile(r" ?(?:[,;/+&]|,? (?:and|or|as well as)) ?(?:the )?")
_CLOSING = re.compile(r"[^()\[\]]{0,60}[)\]]")
_DIGIT = re.compile(r"\d")


def rs_numbers_beside(document: Document, residue_changes: Collection[str]) -> dict[str, str]:
    """The "rs" number of each normal form that the text says to be the same variant.

    It says so where one stands in brackets behind the other ("rs1799983 (894G>T)", "894G>T
    (p.Glu298Asp, rs1799983)"), or is what the other causes or is also called. Brackets behind a
    list of variants, with two numbers, or with another gene say nothing. The number then holds for
    the same change all over the document, unless that stands beside two genes.
    """
    variants = sorted((m for m in document.mentions if m.label == VARIANT), key=lambda m: m.start)
    surfaces = [document.text[mention.start : mention.end] for mention in variants]
    if not any(map(written_rs_number, surfaces)):
        return {}
    names = [_name(surface, residue_changes) for surface in surfaces]
    same = list(_same_variants(document, variants))
    numbers = _numbers_by_form([{names[i] for i in group} for group in same])
    joined = {i for group in same for i in group}
    apart = _forms_of_two_genes(document, residue_changes) | {
        name for i, name in enumerate(names) if i not in joined and not _DIGIT.search(name)
    }
    by_form = _with_alike(numbers, dict.fromkeys(names))
    return {form: number for form, number in by_form.items() if form not in apart}


def _name(surface: str, residue_changes: Collection[str]) -> str:
    """The number or the normal form of a variant; "" where it is not understood."""
    return written_rs_number(surface) or normal_form(surface, residue_changes=residue_changes) or ""


def _same_variants(document: Document, variants: Sequence[Mention]) -> Iterator[list[int]]:
    """Places in `variants` of those that one spot of the text says to be the same."""
    text = document.text
    genes = sorted((m.start, m.end) for m in document.mentions if m.label == GENE)
    own_genes = _genes_by_start(document)
    gaps = [text[one.end : other.start] for one, other in pairwise(variants)]
    for i, gap in enumerate(gaps):
        if _SAID.fullmatch(gap):
            yield [i, i + 1]
        elif _BRACKET.fullmatch(gap) and not (i and _LISTED.fullmatch(gaps[i - 1])):
            last = i + 1
            while last < len(gaps) and _IN_BRACKET.fullmatch(gaps[last]):
                last += 1
            closing = _CLOSING.match(text, variants[last].end)
            # "IVS14+1G>A of DPYD (rs1": the gene between is that of the variant, if it is any.
            own = own_genes.get(variants[i].start)
            between = _names_within(text, genes, variants[i].end, variants[i + 1].start)
            if (
                closing
                and (own is None or between <= {own})
                and not _names_within(text, genes, variants[i + 1].start, closing.end())
            ):
                yield list(range(i, last + 1))


def _genes_by_start(document: Document) -> dict[int, str]:
    text, mentions = document.text, document.mentions
    return {
        mentions[variant].start: text[mentions[gene].start : mentions[gene].end].lower()
        for variant, gene in genes_beside(text, mentions).items()
    }


def _names_within(
    text: str, spans: Sequence[tuple[int, int]], start: int, end: int
) -> frozenset[str]:
    """What `spans`, in order, that begin in a stretch of the text say, in lower case."""
    first, last = bisect_left(spans, (start, 0)), bisect_left(spans, (end, 0))
    return frozenset(text[s:e].lower() for s, e in spans[first:last])


def _numbers_by_form(groups: Iterable[set[str]]) -> dict[str, str]:
    """The number of each form; groups that share a name are one, and one of two numbers has none.

    A group with two places on one kind of sequence is a list, not one variant.
    """
    leaders: dict[str, str] = {}

    def leader(name: str) -> str:
        while leaders.setdefault(name, name) != name:
            leaders[name] = name = leaders[leaders[name]]
        return name

    for group in filter(_is_one, groups):
        first, *others = sorted(group - {""}) or [""]
        for name in others:
            leaders[leader(name)] = leader(first)
    numbers: dict[str, list[str]] = defaultdict(list)
    for name in filter(_is_number, leaders):
        numbers[leader(name)].append(name)
    return {
        form: of[0]
        for form in leaders
        if not _is_number(form) and len(of := numbers[leader(form)]) == 1
    }


def _is_one(group: set[str]) -> bool:
    places = {reading[:2] for name in group if (reading := _reading(name))}
    kinds = {kind for kind, _ in places}
    return len(places) == len(kinds) and sum(map(_is_number, group)) <= 1


def _with_alike(numbers: Mapping[str, str], forms: Iterable[str]) -> dict[str, str]:
    """`numbers`, and those of the other forms that change the same place to the same letters.

    "-1021C/T" is the variant of "-1021T"; V600K is not that of V600E.
    """
    by_place: dict[tuple[str, str], list[tuple[frozenset[str], str]]] = defaultdict(list)
    for form, number in numbers.items():
        if reading := _reading(form):
            by_place[reading[:2]].append((reading[2], number))
    with_alike = dict(numbers)
    for form in forms:
        if form not in numbers and (reading := _reading(form)):
            letters = reading[2]
            alike = {n for of, n in by_place[reading[:2]] if of <= letters or letters <= of}
            if len(alike) == 1:
                with_alike[form] = alike.pop()
    return with_alike


def _reading(form: str) -> tuple[str, str, frozenset[str]] | None:
    """Kind of sequence ("p" or "c"), place, and letters of a substitution or allele at a place."""
    kind, _, rest = form.partition("|")
    type_, *fields = rest.split("|")
    if type_ == "SUB" and len(fields) == 3 and fields[1]:
        place, letters = fields[1], fields[0] + fields[2].replace(",", "")
    elif type_ == "Allele" and len(fields) == 2:
        place, letters = fields[1], fields[0]
    else:
        return None
    return "p" if kind == "p" else "c", place, frozenset(letters)


def _is_number(name: str) -> bool:
    return name.startswith("rs")


def _forms_of_two_genes(document: Document, residue_changes: Collection[str]) -> set[str]:
    text, mentions = document.text, document.mentions
    genes: dict[str, set[str]] = defaultdict(set)
    beside = _genes_by_start(document)
    for mention in mentions:
        if mention.label == VARIANT and (gene := beside.get(mention.start)):
            genes[_name(text[mention.start : mention.end], residue_changes)].add(gene)
    return {name for name, of in genes.items() if len(of) > 1}
