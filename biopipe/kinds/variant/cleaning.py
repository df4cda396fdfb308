"""Variants as a text has them, before they are read: one sign for an arrow, one for a dash, and
without the sequence that they count in.
"""

import re

__all__ = ["clean"]

_ARROW = re.compile(r"\s*(?:[-=]+\s*>|>|--+)\s*|\s*[→⟶⇒]\s*")
_DASH = re.compile(r"[‐‑‒–—−]")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_SPACES = re.compile(r"\s+")
_PREFIX = re.compile(r"\b([cgmnpr])\. ")
_OFFSET = re.compile(r"(?<=\d) ?(\+) ?(?=\d)|(?<=\d) (-)(?=\d+ ?[ACGTacgt]>)")
_IN_BRACKETS = re.compile(r"\A([cgmnpr])\. ?(?:\(([^()_]+)\)|\[([^][;]+)\])\Z")
# The sequence that a place counts in ("NM_004333.4:c.", "chr7:"), which the normal form leaves out.
_REFERENCE = re.compile(r"\A[A-Z][\w.]*(?:\([\w-]+\))?: ?(?=[cgmnpr]\.)")
_CHROMOSOME = re.compile(r"\A(?:(?:GRCh|hg)\d\d[ :]+)?chr\w{1,2}: ?(?:g\.)?(?=\d)")
_MITOCHONDRIAL = re.compile(r"\Amt(?:DNA[ :]+|\. ?)?(?=\d)")
_SIGN_APART = re.compile(r"\A([-+]) (?=\d)")
_NTH_OF_INTRON = re.compile(r"(?<=\d|[IVX]) ?nt ?(?=\d+ ?\(?[ACGTacgt])")
_EDGES = " ,.;:'\"“”"


def clean(surface: str) -> str:
    """`surface` with one arrow (">"), one dash, no thousands commas and no outer punctuation."""
    text = _DASH.sub("-", surface.replace("Δ", "delta").replace("∆", "delta"))
    text = _SPACES.sub(" ", _ARROW.sub(">", _THOUSANDS.sub("", text))).strip(_EDGES)
    if text[:1] == "(" and text[-1:] == ")" and text.count("(") == 1:
        text = text[1:-1]
    text = _MITOCHONDRIAL.sub("m.", _IN_BRACKETS.sub(_without_brackets, text))
    if text.startswith("Codon"):
        text = f"codon{text[5:]}"
    text = _CHROMOSOME.sub("g.", _REFERENCE.sub("", _SIGN_APART.sub(r"\1", text)))
    if text.startswith("IVS"):
        text = _NTH_OF_INTRON.sub("+", text, count=1)
    return _OFFSET.sub(lambda sign: sign[1] or sign[2], _PREFIX.sub(r"\1.", text))


def _without_brackets(match: re.Match[str]) -> str:
    return f"{match[1]}.{match[2] or match[3]}"
