"""Every error biopipe raises on purpose: one sentence saying what was wrong, the value, and what to
do.
"""

__all__ = [
    "BiopipeError",
    "ConfigError",
    "DeviceError",
    "ExtraMissing",
    "InputError",
    "KnowledgeBaseError",
    "ModelError",
    "OutputError",
    "ParityError",
]


class BiopipeError(Exception):
    """Base of all errors raised by biopipe; the command line prints it as one sentence and exits
    1.
    """


class InputError(BiopipeError):
    """A document or an input file cannot be read or is not what it should be."""


class OutputError(BiopipeError):
    """An output folder or file cannot be written or belongs to something else."""


class ModelError(BiopipeError):
    """A model directory is missing, altered, of a newer format, or does not fit its use."""


class ParityError(ModelError):
    """An exported graph does not answer as its checkpoint does."""


class KnowledgeBaseError(BiopipeError):
    """A knowledge base directory is missing, altered, of a newer format, or does not fit its
    use.
    """


class ConfigError(BiopipeError):
    """An option or a pipeline configuration is not valid."""


class DeviceError(BiopipeError):
    """The asked-for device is not there."""


class ExtraMissing(BiopipeError):
    """An optional dependency is not installed; the message names the pip extra."""
