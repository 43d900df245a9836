"""Managed Flink's runtimes, and all in which they differ for the package.

Downstream: everything that builds, checks or runs the package. What differs in the job
itself is ``connectors.flink_tables.KinesisDialect``; in the jar, the profiles of
``connectors/pom.xml``.
"""

from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
REQUIREMENTS = PROJECT / "requirements/flink-app.txt"
"""Hash-pinned: what the package brings beside what the runtime does, the same for all."""

DEFAULT_RUNTIME = "FLINK-1_20"

PLATFORMS = ("manylinux2014_x86_64", "manylinux_2_17_x86_64")
"""Managed Flink runs on x86-64 and a glibc of 2.26 or later; wheels of 2.17 run everywhere."""

MAX_GLIBC = (2, 17)

CLASS_FILE_OF_JAVA_1 = 44
"""Class files of Java N have the major version N + 44."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Runtime:
    """One of Managed Flink's runtimes.

    Attributes:
        name: As CloudFormation and the API call it.
        flink: Flink's minor version.
        python: Version of Python that runs the job.
        java: Version of Java that runs the jar.
        target: Folder of ``connectors/`` in which Maven builds the jar for it.
        profile: Maven's profile that builds it, None for the default one.
    """

    name: str
    flink: str
    python: tuple[int, int]
    java: int
    target: str = "target"
    profile: str | None = None

    @property
    def jar(self) -> Path:
        """The uber jar, where Maven puts it."""
        return PROJECT / "connectors" / self.target / "invoice-stream-flink.jar"

    @property
    def make_jar(self) -> str:
        """The command that builds it."""
        return "make jars" if self.profile is None else f"make jars RUNTIME={self.name}"

    @property
    def python_text(self) -> str:
        """``3.11``."""
        return ".".join(map(str, self.python))

    @property
    def max_class_file(self) -> int:
        """Highest major version of a class file its Java loads."""
        return self.java + CLASS_FILE_OF_JAVA_1


RUNTIMES = {
    runtime.name: runtime
    for runtime in (
        Runtime(name="FLINK-1_20", flink="1.20", python=(3, 11), java=11),
        Runtime(
            name="FLINK-2_2",
            flink="2.2",
            python=(3, 12),
            java=17,
            target="target-flink-2",
            profile="flink-2",
        ),
        Runtime(
            name="FLINK-2_3",
            flink="2.3",
            python=(3, 12),
            java=17,
            target="target-flink-2",
            profile="flink-2",
        ),
    )
}
