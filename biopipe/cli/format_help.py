"""Help of commands that read and write files, with the formats as their table has them."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from typer.core import TyperCommand

if TYPE_CHECKING:
    from biopipe.io.format_types import Format

__all__ = ["ConvertHelp", "RunHelp"]


class RunHelp(TyperCommand):
    """A command whose help ends with the formats of `biopipe.io.formats`, which are loaded when
    somebody asks for them.
    """

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the help."""
        # The table of formats imports every reader.
        from biopipe.io.formats import FORMATS

        kinds = "; ".join(_titles(FORMATS))
        self.epilog = f"Formats, as the ending or else the content tells: {kinds}. Also .gz."
        super().format_help(ctx, formatter)


class ConvertHelp(TyperCommand):
    """A command whose help ends with the names for --from and --to."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the help."""
        from biopipe.cli.convert import readable_formats
        from biopipe.cli.exports import written_names

        self.epilog = (
            f"Formats read: {', '.join(readable_formats())}.\n\n"
            f"Formats written: {', '.join(written_names())}."
        )
        super().format_help(ctx, formatter)


def _titles(formats: Mapping[str, "Format"]) -> Iterator[str]:
    """What each format with an ending is called, and its endings; PubMed and PMC are XML."""
    for format in formats.values():
        if format.endings:
            yield f"{format.title} ({', '.join(format.endings)})"
