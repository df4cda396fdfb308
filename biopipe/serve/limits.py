"""What a server takes on: sizes, times, and how many requests at once."""

from dataclasses import dataclass, fields

from biopipe.errors import ConfigError

__all__ = ["ServerLimits"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerLimits:
    """Limits of a server; a request beyond one is refused with a status that says which.

    `body_bytes` of one request (413), `texts` of one request (413), `text_characters` of one text
    (that text's error), `seconds` from the first byte of a request to its answer (408 while the body
    is read, 504 after), `requests` under way (429), `stop_seconds` that requests under way get once
    the server is told to stop. ConfigError for a limit below 1.
    """

    body_bytes: int = 8_000_000
    texts: int = 1_000
    text_characters: int = 200_000
    seconds: float = 60.0
    requests: int = 64
    stop_seconds: int = 30

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if not value >= 1:
                raise ConfigError(
                    f"The limit {field.name} of a server is {value}; give a number from 1 on."
                )
