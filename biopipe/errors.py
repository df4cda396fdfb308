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
    "reason",
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


def reason(error: Exception) -> str:
    """What an exception of reading a file says in words, for a message that names the file: a
    KeyError says which field is missing, an OSError what the system says of it.
    """
    if isinstance(error, KeyError):
        return f"it has no {error}"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return " ".join(str(error).split())
