"""Cell lines as a kind of entity."""

from biopipe.document.labels import CELL_LINE
from biopipe.kinds.cell_line.names import cell_line_names
from biopipe.kinds.kind import EntityKind, NameForm

__all__ = ["CELL_LINE_KIND"]

CELL_LINE_KIND = EntityKind(
    (CELL_LINE,), other_names=cell_line_names, name_form=NameForm(codes=True)
)
