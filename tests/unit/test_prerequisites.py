"""The script that looks for Python, the JDK, Maven and make, with programs that only pretend."""

import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "scripts/prerequisites"

PYTHON = "echo /opt/python3.11"
PYTHON_3_12 = "exit 1"
JAVAC_17 = "echo javac 17.0.15"
JAVA_17 = "echo 'openjdk version \"17.0.15\" 2025-04-15' >&2"
JAVAC_21 = "echo javac 21.0.1"
JAVA_21 = "echo 'openjdk version \"21.0.1\" 2023-10-17' >&2"
NOTHING = "exit 0"
ROOT = "echo 0"
USER = "echo 1000"

COMPLETE = {
    "python3.11": PYTHON,
    "javac": JAVAC_17,
    "java": JAVA_17,
    "mvn": NOTHING,
    "make": NOTHING,
}


@dataclass
class Machine:
    """A folder that is the whole PATH."""

    path: Path
    environment: dict[str, str] = field(default_factory=dict)

    def has(self, programs: dict[str, str]) -> None:
        self.path.mkdir(exist_ok=True)
        for name, body in programs.items():
            program = self.path / name
            program.write_text(f"#!/bin/sh\n{body}\n")
            program.chmod(0o755)

    def check(self) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            ["/bin/sh", str(SCRIPT)],
            env={"PATH": str(self.path), **self.environment},
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )


@pytest.fixture
def machine(tmp_path: Path) -> Callable[..., Machine]:
    """Makes a machine on which these programs are, COMPLETE's among them unless left out."""

    def make(*, without: tuple[str, ...] = (), **programs: str) -> Machine:
        made = Machine(tmp_path / "bin")
        made.has({name: body for name, body in COMPLETE.items() if name not in without})
        made.has(programs)
        return made

    return make


MakeMachine = Callable[..., Machine]


def test_a_complete_machine_needs_nothing(machine: MakeMachine) -> None:
    result = machine().check()
    assert (result.returncode, result.stdout, result.stderr) == (0, "/opt/python3.11\n", "")


def test_python3_will_do_when_it_is_3_11(machine: MakeMachine) -> None:
    result = machine(without=("python3.11",), python3="echo /usr/bin/python3").check()
    assert (result.returncode, result.stdout) == (0, "/usr/bin/python3\n")


def test_pyenvs_python_is_found(machine: MakeMachine, tmp_path: Path) -> None:
    made = machine(without=("python3.11",), python3=PYTHON_3_12)
    folder = Machine(tmp_path / "pyenv/versions/3.11.7/bin")
    folder.path.mkdir(parents=True)
    folder.has({"python": "echo /pyenv/python"})
    made.environment["PYENV_ROOT"] = str(tmp_path / "pyenv")
    assert made.check().stdout == "/pyenv/python\n"


def test_a_jdk_that_java_home_names_will_do(machine: MakeMachine, tmp_path: Path) -> None:
    made = machine(javac=JAVAC_21, java=JAVA_21)
    jdk = Machine(tmp_path / "jdk/bin")
    jdk.path.mkdir(parents=True)
    jdk.has({"javac": JAVAC_17, "java": JAVA_17})
    made.environment["JAVA_HOME"] = str(tmp_path / "jdk")
    assert made.check().returncode == 0


@pytest.mark.parametrize(
    ("without", "packages"),
    [
        (("python3.11",), "python3.11 python3.11-venv"),
        (("javac",), "openjdk-17-jdk-headless"),
        (("java",), "openjdk-17-jdk-headless"),
        (("mvn",), "maven"),
        (("make",), "make"),
        (tuple(COMPLETE), "python3.11 python3.11-venv openjdk-17-jdk-headless maven make"),
    ],
)
def test_a_user_on_debian_is_told_the_command(
    machine: MakeMachine, without: tuple[str, ...], packages: str
) -> None:
    result = machine(without=without, id=USER, **{"apt-get": NOTHING}).check()
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.count("\n") == 1
    assert result.stderr.endswith(
        f"; install with: sudo apt-get update && sudo apt-get install -y {packages}\n"
    )


def test_a_wrong_java_is_a_missing_jdk(machine: MakeMachine) -> None:
    result = machine(java=JAVA_21, id=USER, **{"apt-get": NOTHING}).check()
    assert result.returncode == 2
    assert result.stderr.startswith("prerequisites: missing: a JDK 17; install with: sudo apt-get")


@pytest.mark.parametrize(
    ("manager", "advice"),
    [
        ("dnf", "install with: sudo dnf install -y java-17-openjdk-devel maven"),
        ("brew", "install with: brew install openjdk@17 maven"),
        (
            "unknown",
            "install with your system's packages (Python 3.11 also with: pyenv install 3.11)",
        ),
    ],
)
def test_other_systems_are_told_theirs(machine: MakeMachine, manager: str, advice: str) -> None:
    result = machine(without=("java", "mvn"), **{manager: NOTHING}).check()
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr == f"prerequisites: missing: a JDK 17, Maven; {advice}\n"


def test_root_on_debian_gets_what_is_missing(machine: MakeMachine, tmp_path: Path) -> None:
    log = tmp_path / "apt.log"
    made = machine(without=("mvn",), id=ROOT)
    made.has({"apt-get": installs(log, made.path / "mvn")})
    result = made.check()
    assert (result.returncode, result.stdout) == (0, "/opt/python3.11\n")
    assert log.read_text().splitlines() == [
        "noninteractive -qq update",
        "noninteractive -qq install -y --no-install-recommends maven",
    ]


def test_a_package_that_apt_does_not_have_is_named(machine: MakeMachine) -> None:
    result = machine(without=("mvn",), id=ROOT, **{"apt-get": "exit 100"}).check()
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.splitlines()[-1] == (
        "prerequisites: missing: Maven; apt-get could not install maven; Debian 12 has them"
    )


def test_another_java_that_stays_first_is_said(machine: MakeMachine) -> None:
    result = machine(java=JAVA_21, id=ROOT, **{"apt-get": NOTHING}).check()
    assert result.returncode == 2
    assert "set JAVA_HOME to the JDK 17" in result.stderr


def installs(log: Path, program: Path) -> str:
    """An apt-get that writes down how it was called and puts the program there."""
    return (
        f'echo "$DEBIAN_FRONTEND $*" >> {log}\n'
        f'case $* in *install*) printf "#!/bin/sh\\n" > {program}; /bin/chmod +x {program} ;; esac'
    )
