"""The configuration of a pipeline: read, checked, and what components share of it."""

import json
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from spacy.language import Language
from spacy.util import load_config
from thinc.api import Config, ConfigValidationError

from biopipe.errors import ConfigError, reason

__all__ = [
    "check_configuration",
    "check_factory",
    "factory_options",
    "read_cfg",
    "read_configuration",
    "reason_of",
    "with_shared_settings",
]

KEYS = ("components", "device", "kb", "lang", "spans_key")
# Those of them that go to every component that has such an option and does not set it itself.
SHARED_KEYS = ("device", "kb", "spans_key")


def check_configuration(
    config: Any, where: str, *, default: Collection[str]
) -> Mapping[str, Mapping[str, Any] | None]:
    """The components of a configuration, by default those of `default`; ConfigError where it has
    not the shape that `biopipe.build` takes. `where` says in errors where it comes from.
    """
    if not isinstance(config, Mapping):
        raise ConfigError(
            f"{where} holds {type(config).__name__}; it must be a mapping of {', '.join(KEYS)}."
        )
    if unknown := sorted(set(config) - set(KEYS)):
        raise ConfigError(f"Unknown key '{unknown[0]}' in {where}; there are: {', '.join(KEYS)}.")
    components = config.get("components", dict.fromkeys(default))
    if not isinstance(components, Mapping):
        raise ConfigError(f"'components' in {where} must map names to options, got {components!r}.")
    for name, options in components.items():
        if not isinstance(options, Mapping | None):
            raise ConfigError(
                f"The options of '{name}' in {where} must be a mapping, got {options!r}."
            )
    return components


def check_factory(
    nlp: Language,
    factory: str,
    settings: Mapping[str, Any],
    where: str,
    *,
    known: Collection[str],
) -> None:
    """ConfigError where there is no such factory, or one of `known` has no such option."""
    if not nlp.has_factory(factory):
        raise ConfigError(
            f"Unknown component '{factory}' in {where}; biopipe has: {', '.join(known)}; those "
            "of spaCy work too."
        )
    options = factory_options(factory)
    # Only of biopipe's own: those of others may take what is not in their default_config.
    unknown = sorted(set(settings) - set(options)) if factory in known else []
    if unknown:
        raise ConfigError(
            f"Unknown option '{unknown[0]}' of {factory} in {where}; it has: "
            f"{', '.join(sorted(options))}."
        )


def factory_options(factory: str) -> Mapping[str, Any]:
    """Options of a factory with their defaults; none where there is no such factory."""
    if not Language.has_factory(factory):
        return {}
    return Language.get_factory_meta(factory).default_config or {}


def with_shared_settings(
    factory: str,
    settings: Mapping[str, Any],
    config: Mapping[str, Any],
    over: Mapping[str, str],
) -> dict[str, Any]:
    """The settings of a component with what stands beside `components` in `config`; `over` goes
    over all, as far as the component has such options.
    """
    options = factory_options(factory)
    shared = {
        key: str(value) if isinstance(value, Path) else value
        for key, value in config.items()
        if key in SHARED_KEYS and key in options
    }
    # None in a component's settings means that it has no opinion, so that of the pipeline counts.
    own = {key: value for key, value in settings.items() if key not in shared or value is not None}
    given = {key: value for key, value in over.items() if key in options}
    return {**shared, **own, **given}


def read_configuration(path: Path) -> Any:
    """What a .json file holds.

    ConfigError where it cannot be read or is no JSON object.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"Cannot read the pipeline configuration {path} ({reason_of(error)})."
        ) from error


def read_cfg(path: Path) -> Config:
    """A .cfg file of spaCy's.

    ConfigError where it cannot be read or is none.
    """
    try:
        return load_config(path)
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"Cannot read the pipeline configuration {path} ({reason_of(error)})."
        ) from error


def reason_of(error: Exception) -> str:
    """One line of what spaCy tells in several, with the configuration left out."""
    if isinstance(error, ConfigValidationError) and error.errors:
        return "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors)
    return reason(error)
