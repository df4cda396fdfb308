"""The Dockerfile and the systemd unit of the page on the server: what they call is there."""

import json
import re
import shlex
import shutil
import subprocess
from configparser import ConfigParser
from pathlib import Path
from typing import Any

import pytest
import typer

from biopipe.cli import app

PROJECT = Path(__file__).parents[2]
PAGE = (PROJECT / "docs" / "serve.md").read_text(encoding="utf-8")
STOPPING_SECONDS = 30
"""What the page says the server takes at most for requests under way."""


def block(language: str) -> str:
    (code,) = re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    return code


def options(command: list[str]) -> dict[str, Any]:
    """The parameters of a command line as `biopipe` itself reads them; fails where it refuses."""
    program, name, *arguments = command
    assert Path(program).name == "biopipe"
    commands: Any = typer.main.get_command(app)
    return dict(commands.commands[name].make_context(name, arguments).params)


@pytest.fixture(scope="module")
def dockerfile() -> list[tuple[str, str]]:
    """Instructions with their arguments, in their order."""
    lines = [line for line in block("dockerfile").splitlines() if not line.startswith("#")]
    return [(name, rest) for name, _, rest in (line.partition(" ") for line in lines)]


@pytest.fixture(scope="module")
def unit() -> ConfigParser:
    parser = ConfigParser(interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(block("ini"))
    return parser


def test_commands_of_the_dockerfile_are_accepted(dockerfile: list[tuple[str, str]]) -> None:
    runs = [run for name, run in dockerfile if name == "RUN"]
    (annotate,) = (shlex.split(run) for run in runs if run.startswith("biopipe "))
    assert options(annotate)["text"]
    (command,) = (json.loads(rest) for name, rest in dockerfile if name == "CMD")
    served = options(command)
    assert served["host"] == "0.0.0.0"  # in a container 127.0.0.1 can be reached by nobody
    (exposed,) = (rest for name, rest in dockerfile if name == "EXPOSE")
    assert served["port"] == int(exposed)
    (health,) = (rest for name, rest in dockerfile if name == "HEALTHCHECK")
    assert f"http://127.0.0.1:{exposed}/health" in json.loads(health.removeprefix("CMD "))[-1]


def test_the_dockerfile_installs_what_there_is_and_serves_as_nobody_special(
    dockerfile: list[tuple[str, str]],
) -> None:
    assert {name for name, _ in dockerfile} <= {
        *("FROM", "COPY", "RUN", "USER", "EXPOSE", "HEALTHCHECK", "CMD")
    }
    assert len(block("dockerfile").splitlines()) <= 10
    (install,) = (rest for _, rest in dockerfile if "pip install" in rest)
    assert (PROJECT / re.findall(r"-c /src/(\S+)", install)[0]).is_file()
    setup = ConfigParser()
    setup.read(PROJECT / "setup.cfg", encoding="utf-8")
    (extras,) = re.findall(r"/src\[([\w,]+)\]", install)
    assert set(extras.split(",")) <= set(setup["options.extras_require"])
    names = [name for name, _ in dockerfile]
    (user,) = (rest for name, rest in dockerfile if name == "USER")
    assert ("RUN", f"useradd --create-home {user}") in dockerfile
    assert user != "root"
    assert dockerfile.index(("USER", user)) < names.index("CMD")


def test_the_command_of_the_unit_is_accepted(unit: ConfigParser) -> None:
    service = unit["Service"]
    served = options(shlex.split(service["ExecStart"]))
    assert (served["pipeline"], served["host"]) == (["default"], "127.0.0.1")
    assert service["Environment"] == f"BIOPIPE_CACHE=/var/cache/{service['CacheDirectory']}"
    assert int(service["TimeoutStopSec"]) > STOPPING_SECONDS


def test_systemd_takes_the_unit(unit: ConfigParser, tmp_path: Path) -> None:
    systemd = shutil.which("systemd-analyze")
    if systemd is None:
        pytest.skip("there is no systemd-analyze")
    program = shlex.split(unit["Service"]["ExecStart"])[0]
    path = tmp_path / "biopipe.service"
    path.write_text(block("ini").replace(program, "/bin/true"), encoding="utf-8")
    done = subprocess.run([systemd, "verify", path], capture_output=True, text=True)
    assert [line for line in done.stderr.splitlines() if path.name in line] == []


def test_a_command_that_is_not_accepted_is_seen() -> None:
    with pytest.raises(Exception, match="--prot"):
        options(["biopipe", "serve", "--prot", "80"])
