"""Recall lost on BioRED's development set when names, case or typography change: `biopipe evaluate
robustness`.

    python benchmarks/robustness.py [--kb default]

Names that replace others are those of the knowledge base for the labels it has concepts of, the
gold's own for the others.
"""

import json

from record import options, record
from typer.testing import CliRunner

from biopipe.cli import app


def main() -> None:
    parser = options(__doc__)
    parser.add_argument("--kb", default="default")
    parser.add_argument("--pipeline", default="default")
    parser.add_argument("--worst", type=int, default=10)
    arguments = parser.parse_args()
    gold = arguments.data / "corpora" / "biored" / "dev.pubtator"
    if not gold.is_file():
        raise SystemExit(
            f"There is no {gold}; give the folder of the corpora with --data or $BIOPIPE_DATA."
        )
    words = [
        "evaluate",
        "robustness",
        "--gold",
        gold,
        "--kb",
        arguments.kb,
        "--pipeline",
        arguments.pipeline,
    ]
    result = CliRunner().invoke(app, [*map(str, words), "--worst", str(arguments.worst), "--json"])
    if result.exit_code:
        raise SystemExit(result.output)
    record("robustness", json.loads(result.stdout), arguments.results)


if __name__ == "__main__":
    main()
