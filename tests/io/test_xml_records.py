import io
from pathlib import Path
from xml.etree.ElementTree import fromstring

import pytest

from biopipe.io.streams import BrokenFile
from biopipe.io.xml_records import inline_text, root_tag, xml_records


def records(content: str, *tags: str) -> list[str]:
    stream = io.BytesIO(content.encode())
    return [inline_text(element) for element in xml_records(stream, frozenset(tags))]


def test_the_outermost_elements_of_the_names_asked_for() -> None:
    assert records("<s><a>1<b>2</b></a><c>no</c><b>3</b></s>", "a", "b") == ["12", "3"]


def test_namespaces_do_not_matter() -> None:
    assert records('<s xmlns="urn:x"><a>1</a></s>', "a") == ["1"]


def test_entities_of_a_dtd_elsewhere_are_known_by_name() -> None:
    assert records('<!DOCTYPE s SYSTEM "x.dtd"><s><a>&alpha;&nbsp;b</a></s>', "a") == ["α\xa0b"]


def test_an_external_entity_is_never_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("secret")
    doctype = f'<!DOCTYPE s [<!ENTITY e SYSTEM "{secret.as_uri()}">]>'
    found = []
    with pytest.raises(BrokenFile, match="undefined entity"):
        found += records(f"{doctype}<s><a>&e;</a></s>", "a")
    assert found == []


def test_entities_that_expand_without_end_are_stopped() -> None:
    levels = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    bomb = f'<!DOCTYPE s [<!ENTITY e0 "{"x" * 100}">{levels}]><s><a>&e11;</a></s>'
    with pytest.raises(BrokenFile, match="amplification"):
        records(bomb, "a")


def test_records_before_a_break_come_first() -> None:
    elements = xml_records(io.BytesIO(b"<s><a>1</a><a>2</a><a>3</s>"), frozenset("a"))
    assert [next(elements).text, next(elements).text] == ["1", "2"]
    with pytest.raises(BrokenFile, match="damaged or cut off here"):
        next(elements)


@pytest.mark.parametrize("content", ["", "prose", "<s><a>1</a>"])
def test_what_is_not_whole_xml_is_broken(content: str) -> None:
    with pytest.raises(BrokenFile):
        records(content, "a")


@pytest.mark.parametrize(
    ("xml", "text"),
    [
        (
            "<p> CO<sub>2</sub>\n and\t <i>E. <b>coli</b></i> 10<sup>-3</sup> </p>",
            "CO2 and E. coli 10-3",
        ),
        ("<p>thin\u2009space and\u00a0no-break</p>", "thin\u2009space and\u00a0no-break"),
        (
            "<p>cells<sup><xref ref-type='bibr'>1</xref>,<xref ref-type='bibr'>2</xref></sup> grew</p>",
            "cells grew",
        ),
        ("<p>cells<xref ref-type='bibr'><sup>1</sup></xref> grew</p>", "cells grew"),
        (
            "<p>cells [<xref ref-type='bibr'>1</xref>] in <xref ref-type='fig'>Fig. 1</xref></p>",
            "cells [1] in Fig. 1",
        ),
        ("<p>a<break/>b</p>", "a b"),
        (
            "<p>x <math><mi>p</mi><mo>=</mo><mn>1</mn><annotation>p=1</annotation></math>!</p>",
            "x p=1!",
        ),
        ("<p>x <tex-math>\\documentclass</tex-math>y</p>", "x y"),
    ],
)
def test_inline_markup_is_flattened(xml: str, text: str) -> None:
    assert inline_text(fromstring(xml)) == text


def test_root_tag(tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    path.write_text(
        '\ufeff<?xml version="1.0"?>\n<!-- x --><!DOCTYPE a:b SYSTEM "y"><a:b xmlns:a="u"><c'
    )
    assert root_tag(path) == "b"


@pytest.mark.parametrize("content", [b"", b"prose", b"\x1f\x8b", b"\x1f\x8b\x08\x00garbage" * 9])
def test_a_file_without_a_root(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.xml"
    path.write_bytes(content)
    with pytest.raises(BrokenFile):
        root_tag(path)
