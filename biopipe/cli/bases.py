"""`--kb [LABEL=]DIR`, the option by which commands take knowledge bases."""

import re
from collections.abc import Sequence

from biopipe.errors import ConfigError

__all__ = ["named_bases"]


def named_bases(kb: Sequence[str]) -> str | dict[str, str]:
    """One DIR for all mention labels, or a DIR for each label."""
    labelled = [re.fullmatch(r"([A-Za-z]\w*)=(.+)", option) for option in kb]
    if len(kb) == 1 and labelled[0] is None:
        return kb[0]
    bases = {match[1]: match[2] for match in labelled if match is not None}
    # Two of one label, or a plain folder among labelled ones.
    if len(bases) < len(kb):
        raise ConfigError(
            f"--kb {' '.join(kb)} does not say which knowledge base serves what; give one DIR for "
            "all labels "
            "or one LABEL=DIR for each label."
        )
    return bases
