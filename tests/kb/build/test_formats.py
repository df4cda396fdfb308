"""The catalogue of formats."""

import inspect
from importlib import import_module

import pytest

from biopipe.errors import ConfigError
from biopipe.kb.build.formats import TERMINOLOGY_FORMATS, terminology_format


@pytest.mark.parametrize("name", TERMINOLOGY_FORMATS)
def test_each_format_has_a_reader_with_its_filters(name: str) -> None:
    format_ = TERMINOLOGY_FORMATS[name]
    parameters = inspect.signature(
        import_module(f"biopipe.kb.build.sources.{format_.module}").read
    ).parameters
    path, *options = parameters.values()
    assert path.name == "path"
    assert format_.filters <= {
        option.name for option in options if option.kind is option.KEYWORD_ONLY
    }
    assert format_.title


def test_an_unknown_format_lists_near_ones_first() -> None:
    with pytest.raises(
        ConfigError, match=r"Unknown format 'taxonmy'; give one of: taxonomy, tsv, .*, default\."
    ):
        terminology_format("taxonmy")
