"""Every notation is found as a whole, and has its normal form."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biopipe.document import Mention
from biopipe.kinds.variant.concepts import rs_number
from biopipe.kinds.variant.patterns import label_variant_forms
from biopipe.kinds.variant.words import normal_form

NOTATIONS = {
    "p.Leu76Profs*14": "p|FS|L|76|P|14",
    "p.(Leu76Profs*14)": "p|FS|L|76|P|14",
    "p.Leu76ProfsTer14": "p|FS|L|76|P|14",
    "p.L76fsX14": "p|FS|L|76||14",
    "L76fs*14": "p|FS|L|76||14",
    "Leu76fs": "p|FS|L|76||",
    "p.(Ile88Thr)": "p|SUB|I|88|T",
    "p. Ile88Thr": "p|SUB|I|88|T",
    "p.I88=": "p|SUB|I|88|I",
    "p.Trp91*": "p|SUB|W|91|X",
    "W910stop": "p|SUB|W|910|X",
    "p.Ter452Glnext*17": "p|SUB|X|452|Q",
    "p.Gly70_Val73del": "p|DEL|70_73|",
    "G70_V73del": "p|DEL|70_73|",
    "delG701-V730": "p|DEL|701_730|",
    "p.G70_V73delGSTV": "p|DEL|70_73|GSTV",
    "G70_V73delGSTV": "p|DEL|70_73|GSTV",
    "ΔVal370": "p|DEL|370|V",
    "delVal370": "p|DEL|370|V",
    "p.Met1?": "p|SUB|M|1|?",
    "ΔV370": "p|DEL|370|V",
    "p.Ala67_Glu68delinsAsp": "p|INDEL|67_68|D",
    "A67_E68delinsD": "p|INDEL|67_68|D",
    "p.Met766_Ala767insAlaIle": "p|INS|766_767|AI",
    "p.Ser310_Phe313dup": "p|DUP|310_313||",
    "Ile88Thr": "p|SUB|I|88|T",
    "Ile 88 Thr": "p|SUB|I|88|T",
    "Ile(88)Thr": "p|SUB|I|88|T",
    "Ile88→Thr": "p|SUB|I|88|T",
    "Ile88 to Thr": "p|SUB|I|88|T",
    "88Ile/Thr": "p|SUB|I|88|T",
    "G13C/D/R": "p|SUB|G|13|C,D,R",
    "p.G13C/D/R": "p|SUB|G|13|C,D,R",
    "c.92C>T": "c|SUB|C|92|T",
    "c. 92C>T": "c|SUB|C|92|T",
    "c.92C->T": "c|SUB|C|92|T",
    "c.92 C → T": "c|SUB|C|92|T",
    "c.92C>T/G": "c|SUB|C|92|T,G",
    "c.-17+5C>T": "c|SUB|C|-17+5|T",
    "c.*64C>T": "c|SUB|C|*64|T",
    "c.705_706del": "c|DEL|705_706|",
    "c.705_706delAG": "c|DEL|705_706|AG",
    "c.705_706delAGinsTC": "c|INDEL|705_706|TC",
    "c.705_706delinsTC": "c|INDEL|705_706|TC",
    "c.705_706insTC": "c|INS|705_706|TC",
    "c.705dup": "c|DUP|705||",
    "c.705_709inv": "c|INV|705_709|",
    "c.(120+1_121-1)_(300+1_301-1)del": "c|DEL|(120+1_121-1)_(300+1_301-1)|",
    "c.705AG[4]": "c|DUP|705|AG|4",
    "NM_001126.3:c.92C>T": "c|SUB|C|92|T",
    "NM_001126.3(ADSS2):c.92C>T": "c|SUB|C|92|T",
    "NP_001117.2:p.Ile88Thr": "p|SUB|I|88|T",
    "NC_000012.12:g.25245350C>T": "g|SUB|C|25245350|T",
    "chr12:g.25245350C>T": "g|SUB|C|25245350|T",
    "chr12:25245350C>T": "g|SUB|C|25245350|T",
    "chr12:25,245,350C>T": "g|SUB|C|25245350|T",
    "12-25245350-C-T": "g|SUB|C|25245350|T",
    "n.92C>T": "n|SUB|C|92|T",
    "r.92c>u": "r|SUB|C|92|U",
    "r.(92c>u)": "r|SUB|C|92|U",
    "mt.8344A>G": "m|SUB|A|8344|G",
    "m.8344A>G": "m|SUB|A|8344|G",
    "617delT": "c|DEL|617|T",
    "617 delT": "c|DEL|617|T",
    "617_618delTA": "c|DEL|617_618|TA",
    "4153insG": "c|INS|4153|G",
    "del617T": "c|DEL|617|T",
    "92C>T": "c|SUB|C|92|T",
    "920 C>T": "c|SUB|C|920|T",
    "920 C > T": "c|SUB|C|920|T",
    "920 C/T": "c|SUB|C|920|T",
    "920C>T/A": "c|SUB|C|920|T,A",
    "-592 C/A": "c|SUB|C|-592|A",
    "−592C>A": "c|SUB|C|-592|A",
    "C-592A": "c|SUB|C|-592|A",
    "920+1G>C": "c|SUB|G|920+1|C",
    "3849+10kbC>T": "c|SUB|C|3849+10kb|T",
    "IVS7-1G>C": "c|SUB|G|IVS7-1|C",
    "IVS7 - 1 G>C": "c|SUB|G|IVS7-1|C",
    "IVS-IV-5 G>C": "c|SUB|G|IVS4-5|C",
    "IVS7-1(G>C)": "c|SUB|G|IVS7-1|C",
    "IVS2nt1G>C": "c|SUB|G|IVS2+1|C",
    "exon20ins": "c|INS|EXON20|",
    "ex19del": "c|DEL|EXON19|",
}
RS_NUMBERS = ("rs9939609", "RS9939609", "rs 9939609", "rs#9939609", "rs-9939609", "rs9,939,609")


def _found(text: str) -> list[str]:
    return [text[m.start : m.end] for m in label_variant_forms(text, [], source="t")]


@pytest.mark.parametrize(("written", "form"), NOTATIONS.items())
def test_every_notation_is_found_and_has_its_normal_form(written: str, form: str) -> None:
    for text in (f"Carriers of {written} were few.", f"({written})", f"{written}, {written}."):
        assert set(_found(text)) == {written}
    assert normal_form(written) == form


@pytest.mark.parametrize("written", RS_NUMBERS)
def test_rs_numbers_in_every_spelling(written: str) -> None:
    assert _found(f"Carriers of {written}, and others.") == [written]
    candidate = rs_number(written)
    assert candidate is not None
    assert candidate.concept_id == "dbSNP:rs9939609"


@pytest.mark.parametrize(
    "text",
    [
        "genotypes -592 C/C and 88Ile/Ile",
        "Fig. 12A/C and Figure 31A/G",
        "45M/F were treated, 120 A and 12 C",
        "the yeast strains S288C and A364A",
        "residues Ser 12 Thr 15 Tyr 18",
        "dup at 12p, del of 17",
        "1-2 C>T, X>Y, 10>9, p.o. 5 mg, c.f. 12",
        "RS-25, RS 12 and rs0123, rs#12",
        "chr 1:2,345,647 and 12,345",
    ],
)
def test_what_reads_like_a_variant_but_is_none(text: str) -> None:
    assert _found(text) == []


def test_a_short_number_behind_its_sign() -> None:
    assert _found("Carriers of rs#334 and rs 334.") == ["rs#334"]


@pytest.mark.parametrize(
    ("text", "gene", "variant"),
    [
        ("the CCR5Δ32 allele", "CCR5", "Δ32"),
        ("the CCR5-Δ32 allele", "CCR5", "Δ32"),
        ("the CCR5-delta32 allele", "CCR5", "delta32"),
        ("the CASR delta 120 allele", "CASR", "delta 120"),
    ],
)
def test_deletions_by_their_size_behind_a_gene(text: str, gene: str, variant: str) -> None:
    start = text.index(gene)
    mentions = [Mention(start, start + len(gene), "Gene", 0.9)]
    found = [text[m.start : m.end] for m in label_variant_forms(text, mentions, source="t")]
    assert found == [gene, variant]


def test_greek_isoforms_are_no_deletions() -> None:
    text = "PKC delta 1 and PKC-delta2"
    mentions = [Mention(0, 3, "Gene", 0.9), Mention(16, 19, "Gene", 0.9)]
    assert label_variant_forms(text, mentions, source="t") == mentions


@pytest.mark.parametrize(
    ("surface", "members"),
    [
        ("88C>T, 920 C>T", ["88C>T", "920 C>T"]),
        ("c.88C>T (p.Ile88Thr)", ["c.88C>T", "p.Ile88Thr"]),
        ("Ile88Thr and Gly93Ala", ["Ile88Thr", "Gly93Ala"]),
        ("Ile88Thr mutant of Gly93Ala", ["Ile88Thr mutant of Gly93Ala"]),
        ("mutant Ile88Thr, Gly93Ala", ["mutant Ile88Thr, Gly93Ala"]),
    ],
)
def test_lists_taken_for_one_variant_are_parted(surface: str, members: list[str]) -> None:
    text = f"We saw {surface}."
    mention = Mention(7, 7 + len(surface), "Variant", 0.97, sources=("s",))
    found = label_variant_forms(text, [mention], source="t")
    assert [text[m.start : m.end] for m in found] == members
    assert all(m.score >= 0.95 for m in found)


@given(st.text("ACGTVacdelinsfpr.*>-+/_()0123456789 ", max_size=40))
def test_any_text_is_read(text: str) -> None:
    spans = [(m.start, m.end) for m in label_variant_forms(text, [], source="t")]
    assert spans == sorted(set(spans))
    assert all(0 <= start < end <= len(text) for start, end in spans)
