"""Names a gene may have, from the words of a mention."""

import pytest

from biopipe.document import Document
from biopipe.kinds.context import DocumentContext
from biopipe.kinds.gene.names import gene_names, gene_species, species_of_gene, unlikely_species


@pytest.mark.parametrize(
    ("surface", "name"),
    [
        ("human TP53 gene", "TP53"),
        ("BRCA1 mRNA", "BRCA1"),
        ("PALB2 mutations", "PALB2"),
        ("germline MLH1 variants", "MLH1"),
        ("FTO polymorphisms", "FTO"),
        ("plasma IL-8 levels", "IL-8"),
        ("DQB1", "HLA-DQB1"),
        ("HLA-B27", "HLA-B"),
        ("HLA B51 antigen", "HLA-B"),
        ("HLA-A24", "HLA-A"),
        ("HLA-Cw6", "HLA-C"),
        ("HLA-Cw", "HLA-C"),
        ("HLA-DR4", "HLA-DRB1"),
        ("HLA-DRw52", "HLA-DRB3"),
        ("HLA-DQ8", "HLA-DQB1"),
        ("HLADP4", "HLA-DPB1"),
        ("the mouse p53 protein", "p53"),
        ("IL-1β", "IL1B"),
        ("IL-1 beta", "IL1B"),
        ("TGF-beta3", "TGFB3"),
        ("NF-kappaB", "NFKB"),
        ("TNFa", "TNF-alpha"),
        ("Epo-R", "EpoR"),
        ("hPER2", "PER2"),
        ("mTLR4", "TLR4"),
        ("APOE4", "APOE"),
        ("apoE ε3", "APOE"),
        ("apolipoprotein E epsilon 2", "APOE"),
        ("mTORC1", "mTOR"),
        ("mTOR complex 2", "mTOR"),
        ("p-AKT1", "AKT1"),
        ("phospho-ERK2", "ERK2"),
        ("VEGF receptor 2", "VEGFR2"),
        ("GH receptor", "GHR"),
        ("TGF-betaRII", "TGFBR2"),
        ("cytochrome P450 2D6", "CYP2D6"),
        ("cytochrome P-450 (CYP)1A1", "CYP1A1"),
        ("CYP17", "CYP17A1"),
        ("factor VIII", "coagulation factor VIII"),
        ("factor B", "complement factor B"),
        ("thymidylate synthase", "thymidylate synthetase"),
        ("cyclooxygenase (COX)-2", "COX-2"),
        ("cyclooxygenase (COX)-2", "cyclooxygenase-2"),
        ("hepatocyte nuclear factor-6", "HNF6"),
        ("matrix metalloproteinase 9", "MMP9"),
        ("NRG-1 beta", "NRG-1"),
        ("FLNBv4", "FLNB"),
        ("FOXO3a", "FOXO3"),
        ("b-catenin", "beta-catenin"),
        ("tumor necrosis factor-a", "tumor necrosis factor-alpha"),
        ("PKCalpha", "PRKCA"),
        ("IFNbeta", "IFNB1"),
        ("sFlt-1", "Flt-1"),
        ("pAkt", "Akt"),
        ("IL-1 receptor antagonist", "interleukin 1 receptor antagonist"),
        ("forkhead box protein O1", "forkhead box O1"),
    ],
)
def test_names(surface: str, name: str) -> None:
    assert name in gene_names(surface)


@pytest.mark.parametrize("surface", ["insulin receptor", "gene", "protein", "", "hormone"])
def test_words_that_say_which_are_kept(surface: str) -> None:
    assert {"insulin", "receptor", ""}.isdisjoint(gene_names(surface))


def test_families_get_no_name_from_their_initials() -> None:
    assert "AR" not in gene_names("adrenergic receptors")
    assert "CK" not in gene_names("inflammatory cytokines")


@pytest.mark.parametrize("surface", ["pT1b", "ypT3N1", "cN0", "α2", "beta-1", "γ"])
def test_stages_and_bare_letters_have_no_names(surface: str) -> None:
    assert gene_names(surface) == ()


def test_a_mention_has_few_names_and_none_twice() -> None:
    names = gene_names("the human phospho-interleukin (IL)-1 receptor alpha protein isoforms")
    assert len(names) == len(set(names)) <= 12


def test_species_of_the_document_come_first_and_human_without() -> None:
    mouse, human = "NCBITaxon:10090", "NCBITaxon:9606"
    assert gene_species(DocumentContext(Document("1", "Mice, like a mouse. Humans."))) == (
        mouse,
        human,
    )
    assert gene_species(DocumentContext(Document("2", "Cells."))) == (human,)


@pytest.mark.parametrize(
    ("text", "surface", "taxa"),
    [
        ("mouse Cftr", "mouse Cftr", ("NCBITaxon:10090",)),
        ("the rat Ins2 gene", "Ins2 gene", ("NCBITaxon:10116",)),
        ("human CFTR in mice", "CFTR", ("NCBITaxon:9606",)),
        ("human Cftr and mouse Cftr", "Cftr", ()),
        ("Cftr in mice", "Cftr", ()),
        ("", "", ()),
    ],
)
def test_the_species_of_a_mention(text: str, surface: str, taxa: tuple[str, ...]) -> None:
    assert species_of_gene(surface, DocumentContext(Document("1", text))) == taxa


@pytest.mark.parametrize(
    ("text", "unlikely"),
    [
        ("In yeast, RPC10 binds.", True),
        ("RPC10 of Saccharomyces cerevisiae binds.", True),
        ("In yeast and human cells, RPC10 binds.", False),
        ("In yeast, human RPC10 binds.", False),
        ("In mice, RPC10 binds.", False),
        ("RPC10 binds.", False),
    ],
)
def test_human_genes_are_unlikely_where_names_are_others(text: str, unlikely: bool) -> None:
    human = ("NCBITaxon:9606",) if unlikely else ()
    assert unlikely_species("RPC10", DocumentContext(Document("1", text))) == human


@pytest.mark.parametrize(
    ("text", "surface", "unlikely"),
    [
        ("Mice lacking it", "Ldlr", True),
        ("Mice lacking it", "LDLR", False),
        ("Mice lacking it", "Leptin", False),
        ("Mice and humans lacking it", "Ldlr", False),
    ],
)
def test_symbols_as_rodents_have_them_are_hardly_human(
    text: str, surface: str, unlikely: bool
) -> None:
    human = ("NCBITaxon:9606",) if unlikely else ()
    assert unlikely_species(surface, DocumentContext(Document("1", text))) == human


@pytest.mark.parametrize(
    ("text", "surface", "unlikely"),
    [
        ("In mice. Fasciola gigantica cathepsin L1 is theirs.", "cathepsin L1", True),
        ("In mice cathepsin L1 is theirs.", "cathepsin L1", False),
        # Where people are named, what stands behind the binomial may be theirs as well.
        ("Patients with Pichia pastoris PTS1R.", "PTS1R", False),
        ("Patients with Plasmodium falciparum have PfPLP1.", "PfPLP1", True),
        ("Patients with Plasmodium falciparum.", "Plasmodium falciparum perforin", True),
        ("Patients have it.", "PfPLP1", False),
        ("Mus musculus Il6 is theirs.", "Il6", False),
    ],
)
def test_genes_of_other_organisms_are_none_of_people_and_their_animals(
    text: str, surface: str, unlikely: bool
) -> None:
    found = unlikely_species(surface, DocumentContext(Document("1", text)))
    assert ("NCBITaxon:9606" in found) is unlikely


@pytest.mark.parametrize("family", ["Wnt", "TLRs", "MEK"])
def test_a_family_is_none_of_its_members(family: str) -> None:
    assert not {f"{family.removesuffix('s')}{end}" for end in "1A"} & set(gene_names(family))


@pytest.mark.parametrize("name", ["mTOR", "mTORC1", "mTORC2"])
def test_the_letter_of_mtor_is_no_species(name: str) -> None:
    assert name[1:] not in gene_names(name), "TORC1 is another gene, CRTC1"


@pytest.mark.parametrize(
    ("surface", "human"),
    [
        ("spike protein", False),
        ("Spike glycoprotein", False),
        ("nucleocapsid", False),
        ("CHMP5", True),
        ("membrane cofactor protein", True),
    ],
)
def test_proteins_of_viruses_are_hardly_human(surface: str, human: bool) -> None:
    context = DocumentContext(Document("1", "It was measured in serum."))
    assert (unlikely_species(surface, context) == ()) is human
