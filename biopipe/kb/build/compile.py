"""Concepts to a knowledge base directory, in one pass and with the whole directory or nothing at
the end.
"""

import os
import shutil
import tempfile
from array import array
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from biopipe.errors import KnowledgeBaseError
from biopipe.kb.build.spool import Spool, write_table
from biopipe.kb.dense import NameEncoder
from biopipe.kb.hashing import file_sha256, name_hash, word_order_hash
from biopipe.kb.indexes import IndexedNames, Stage, write_dense, write_ngrams
from biopipe.kb.manifest import MANIFEST, Manifest, write_manifest
from biopipe.kb.prefixes import write_prefixes
from biopipe.kb.schema import INDEXED_KINDS, Concept
from biopipe.text.normalize import NORMALIZER_VERSION, normalize_name, word_order_key

__all__ = ["compile_kb"]

_STRINGS = pa.list_(pa.string())
_CONCEPTS = pa.schema(
    [
        ("id", pa.string()),
        ("name", pa.string()),
        ("types", _STRINGS),
        ("definition", pa.large_string()),
        ("parents", _STRINGS),
        ("replaced_by", pa.string()),
    ]
)
_NAMES = pa.schema(
    [
        ("text", pa.large_string()),
        ("concept", pa.uint32()),
        ("source", pa.dictionary(pa.int16(), pa.string())),
        ("kind", pa.dictionary(pa.int8(), pa.string())),
    ]
)
_EDGES = pa.schema([("head", pa.string()), ("tail", pa.string()), ("relation", pa.string())])
_PROGRESS_STEP = 1000


def compile_kb(
    concepts: Iterable[Concept],
    directory: Path,
    *,
    name: str,
    version: str,
    licence: str,
    sources: Mapping[str, str],
    encoder: NameEncoder | None = None,
    ngrams: bool = True,
    progress: Callable[[int], None] | None = None,
    stage: Stage | None = None,
) -> Path:
    """Build `directory` under a temporary name beside it, then rename; a build that fails leaves
    nothing.

    `sources` maps each source to its sha256 or version. Concepts with the same id become one. With
    `encoder` the names get vectors, with `ngrams` an index of their 3-grams. `progress` gets the
    number of concepts read so far, then `stage` gets ("n-grams" or "vectors", names done, of how
    many). An older knowledge base at `directory` is replaced, anything else is not.
    """
    directory = Path(directory)
    _refuse_other_folder(directory)
    try:
        directory.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(
            tempfile.mkdtemp(prefix=f".{directory.name}.", suffix=".building", dir=directory.parent)
        )
        try:
            build = _Build(temporary)
            with closing(build):
                build.add_all(concepts, progress)
            build.write_tables(name)
            about = build.write_indexes(encoder, ngrams, stage or _silent)
            build.write_manifest(
                about, name=name, version=version, licence=licence, sources=sources
            )
            _put_in_place(temporary, directory)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
    except OSError as error:
        raise KnowledgeBaseError(
            f"The knowledge base {directory} cannot be written ({error.strerror or error}); nothing was left there."
        ) from error
    return directory


def _silent(what: str, done: int, total: int) -> None:
    """The stage of a build that nobody watches."""


def _refuse_other_folder(directory: Path) -> None:
    if directory.exists() and not (directory / MANIFEST).is_file() and any(directory.iterdir()):
        raise KnowledgeBaseError(
            f"The folder {directory} holds something else; choose a new or an empty one."
        )


def _put_in_place(temporary: Path, directory: Path) -> None:
    temporary.chmod(0o755)
    if directory.exists():
        # A process that has the old one open keeps its files until it closes them.
        old = temporary.with_suffix(".old")
        os.replace(directory, old)
        os.replace(temporary, directory)
        shutil.rmtree(old)
    else:
        os.replace(temporary, directory)


class _Build:
    """Tables and hashes of a build in progress; rows go to spool files, hashes and ids stay in
    memory.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._concepts = Spool(directory / "concepts.spool", _CONCEPTS)
        self._names = Spool(directory / "names.spool", _NAMES)
        self._edges = Spool(directory / "edges.spool", _EDGES)
        self._rows: dict[str, int] = {}
        self._again: dict[int, list[Concept]] = {}
        self._retired = False  # the concept before this one
        self._indexed = IndexedNames(directory / "forms.spool")
        self._order_hashes, self._order_names = array("Q"), array("I")
        self._counts: dict[str, int] = {}
        self._types: dict[str, int] = {}

    def add_all(self, concepts: Iterable[Concept], progress: Callable[[int], None] | None) -> None:
        for count, concept in enumerate(concepts, start=1):
            self._add(concept)
            if progress and count % _PROGRESS_STEP == 0:
                progress(count)
        if progress:
            progress(len(self._rows))

    def close(self) -> None:
        """No more concepts come."""
        self._indexed.close()

    def _add(self, concept: Concept) -> None:
        row = self._rows.setdefault(concept.id, len(self._rows))
        if row == len(self._concepts):
            self._concepts.append(_concept_row(concept))
        # Further names of the concept just added, as another vocabulary has them, leave nothing to
        # merge.
        elif row + 1 < len(self._concepts) or self._retired or _says_more(concept):
            self._again.setdefault(row, []).append(concept)
        self._retired = bool(concept.replaced_by)
        if not concept.replaced_by:
            self._add_names(concept, row)
        for parent in concept.parents:
            self._edges.append((concept.id, parent, "is-a"))

    def _add_names(self, concept: Concept, row: int) -> None:
        kinds = concept.synonym_kinds or ("exact",) * len(concept.synonyms)
        names = {_storable(text): kind for text, kind in zip(concept.synonyms, kinds, strict=True)}
        names = {_storable(concept.name): "name"} | {
            text: kind for text, kind in names.items() if text != concept.name
        }
        for text, kind in names.items():
            if kind in INDEXED_KINDS:
                self._index(text, len(self._names))
            self._names.append((text, row, concept.source, kind))

    def _index(self, text: str, name_row: int) -> None:
        normalized = normalize_name(text)
        if not normalized:
            return
        self._indexed.add(normalized, name_row)
        if key := word_order_key(text, normalized):
            self._order_hashes.append(word_order_hash(key))
            self._order_names.append(name_row)

    def write_tables(self, name: str) -> None:
        """Write concepts, names, edges and the hashes of names and ids."""
        if not len(self._indexed):
            raise KnowledgeBaseError(
                f"The sources of '{name}' hold no concept with a name; there is nothing to build of them."
            )
        concepts = self._merged_concepts()
        active = concepts.filter(pc.equal(concepts["replaced_by"], ""))
        self._counts = {
            "concepts": active.num_rows,
            "replaced": concepts.num_rows - active.num_rows,
            "names": self._write_names(),
            "edges": write_table(self._edges.table(), self._directory / "edges.arrow"),
        }
        self._types = _type_counts(active)
        write_table(concepts, self._directory / "concepts.arrow")
        id_hashes = np.fromiter((name_hash(id_) for id_ in self._rows), np.uint64, len(self._rows))
        _save_index(self._directory, "ids", id_hashes, np.arange(len(self._rows), dtype=np.uint32))

    def write_indexes(
        self, encoder: NameEncoder | None, ngrams: bool, stage: Stage
    ) -> dict[str, Any]:
        """Write what finds names in texts and names that are only similar; returns the manifest's
        word on vectors.
        """
        with self._indexed.spool.open(encoding="utf-8", newline="\n") as forms:
            write_prefixes(self._directory, map(str.rstrip, forms))
        if ngrams:
            write_ngrams(self._directory, self._indexed, partial(stage, "n-grams"))
        self._indexed.remove()
        return (
            write_dense(self._directory, self._indexed, encoder, partial(stage, "vectors"))
            if encoder
            else {}
        )

    def write_manifest(
        self,
        encoder: dict[str, Any],
        *,
        name: str,
        version: str,
        licence: str,
        sources: Mapping[str, str],
    ) -> None:
        """Write the manifest, which names all other files."""
        paths = sorted(path for path in self._directory.rglob("*") if path.is_file())
        files = {path.relative_to(self._directory).as_posix(): _about(path) for path in paths}
        manifest = Manifest(
            name,
            version,
            licence,
            dict(sources),
            NORMALIZER_VERSION,
            self._counts,
            self._types,
            files,
        )
        write_manifest(self._directory, replace(manifest, encoder=encoder))

    def _merged_concepts(self) -> pa.Table:
        table = self._concepts.table()
        if not self._again:
            return table
        rows = sorted(self._again)
        first = table.take(rows).to_pylist()
        merged = [
            _concept_row(_merge(Concept(**old), self._again[row]))
            for row, old in zip(rows, first, strict=True)
        ]
        values = zip(*merged, strict=True)
        columns = [
            pa.array(each, field.type) for each, field in zip(values, _CONCEPTS, strict=True)
        ]
        where = np.arange(table.num_rows)
        where[rows] = table.num_rows + np.arange(len(rows))
        return pa.concat_tables([table, pa.table(columns, schema=_CONCEPTS)]).take(where)

    def _write_names(self) -> int:
        """Names sorted by concept, so that those of one concept lie together, and the index of
        their hashes.
        """
        table = self._names.table()
        order_rows = np.frombuffer(self._order_names, np.uint32)
        if self._again:
            order = np.argsort(table["concept"].to_numpy(), kind="stable")
            table = table.take(order)
            moved = np.empty(len(order), np.uint32)
            moved[order] = np.arange(len(order), dtype=np.uint32)
            order_rows = moved[order_rows]
            self._indexed.move(moved)
        _save_index(
            self._directory,
            "exact",
            np.concatenate([self._indexed.hashes, np.frombuffer(self._order_hashes, np.uint64)]),
            np.concatenate([self._indexed.rows, order_rows]),
        )
        return write_table(table, self._directory / "names.arrow")


def _concept_row(concept: Concept) -> tuple[str, str, list[str], str, list[str], str]:
    types, parents = [_storable(type_) for type_ in concept.types], list(concept.parents)
    return (
        concept.id,
        _storable(concept.name),
        types,
        _storable(concept.definition),
        parents,
        concept.replaced_by,
    )


def _says_more(concept: Concept) -> bool:
    return bool(concept.types or concept.definition or concept.parents or concept.replaced_by)


def _merge(concept: Concept, others: Iterable[Concept]) -> Concept:
    """One concept of several with the same id; the first that says something has the word, lists
    are joined.
    """
    every = [concept, *others]
    leading = next((each for each in every if not each.replaced_by), concept)
    return replace(
        leading,
        types=tuple(dict.fromkeys(type_ for each in every for type_ in each.types)),
        definition=next((each.definition for each in every if each.definition), ""),
        parents=tuple(dict.fromkeys(parent for each in every for parent in each.parents)),
    )


def _storable(text: str) -> str:
    # Arrow strings are UTF-8 and cannot hold lone surrogates.
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def _save_index(
    directory: Path, name: str, hashes: npt.NDArray[np.uint64], rows: npt.NDArray[np.uint32]
) -> None:
    order = np.argsort(hashes, kind="stable")
    np.save(directory / f"{name}.npy", hashes[order])
    np.save(directory / f"{name}_rows.npy", rows[order])


def _type_counts(concepts: pa.Table) -> dict[str, int]:
    counts = pc.value_counts(pc.list_flatten(concepts["types"].combine_chunks())).to_pylist()
    return {
        each["values"]: each["counts"]
        for each in sorted(counts, key=lambda each: str(each["values"]))
    }


def _about(path: Path) -> dict[str, str | int]:
    return {"sha256": file_sha256(path), "bytes": path.stat().st_size}
