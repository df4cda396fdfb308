"""`biopipe train frames`: texts with gold by construction, from frames and names of knowledge bases."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from biopipe.cli.training import PubTatorOutput, Seed, log

__all__ = ["frames"]

Documents = Annotated[int, typer.Option(help="Documents to write.")]
NameBase = Annotated[
    list[str] | None,
    typer.Option("--kb", help="Knowledge base to take names from; may be repeated."),
]
CountedTexts = Annotated[
    list[Path] | None,
    typer.Option(
        "--texts",
        help="Texts in which names are counted: frequent ones come more often; may be repeated.",
    ),
]
FrameFolder = Annotated[
    Path | None,
    typer.Option("--frames", help="Folder of your own frames (.txt) in the place of biopipe's."),
]
SlotLabels = Annotated[
    Path | None,
    typer.Option(
        "--labels",
        help="Table of slots and the labels of their mentions, tab between; a value's slot is "
        "marked as well (dose, Dosage).",
    ),
]
LeftOut = Annotated[
    list[Path] | None,
    typer.Option(
        "--leave-out", help="File of names, one a line, that are never used; may be repeated."
    ),
]
Frequent = Annotated[
    float, typer.Option(help="Share of names that are frequent ones; the rest is any name.")
]
NoiseShares = Annotated[
    list[str] | None,
    typer.Option(
        "--noise", metavar="CHANGE=SHARE", help="Share of the frames that a change is made to."
    ),
]


def frames(
    output: PubTatorOutput,
    documents: Documents = 5000,
    kb: NameBase = None,
    texts: CountedTexts = None,
    frames: FrameFolder = None,
    labels: SlotLabels = None,
    leave_out: LeftOut = None,
    frequent: Frequent = 0.6,
    noise: NoiseShares = None,
    seed: Seed = 0,
) -> None:
    """Write notes, titles, lists, tables, captions and sentences filled with names, for a tagger.

    Example: biopipe train frames -o frames.pubtator --documents 5000 --noise typo=0.1
    """
    from biopipe.io import read
    from biopipe.kb.default import DEFAULT, open_base
    from biopipe.train.frames.documents import write_frame_documents
    from biopipe.train.frames.sources import open_frame_texts

    frame_texts = open_frame_texts(
        [open_base(name) for name in kb or (DEFAULT,)],
        [document for path in texts or () for document in read(path)],
        folder=frames,
        labels=labels,
        left_out=leave_out or (),
        frequent=frequent,
        noise=_noise_shares(noise or ()),
        seed=seed,
    )
    count = write_frame_documents(frame_texts, output, documents, seed=seed, log=log)
    typer.echo(f"{output}: {count} documents")


def _noise_shares(options: Sequence[str]) -> dict[str, float]:
    """By change the share; a usage error for what is not CHANGE=SHARE."""
    shares = {}
    for option in options:
        change, _, share = option.rpartition("=")
        try:
            shares[change] = float(share)
        except ValueError:
            raise typer.BadParameter(
                f"'{option}' is not CHANGE=SHARE, such as typo=0.1", param_hint="--noise"
            ) from None
    return shares
