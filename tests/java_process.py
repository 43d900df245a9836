"""A class of the Java tests in a JVM of its own, asked by messages.

Downstream: ``connectors/src/test/java``, where each class says what it answers.
"""

import json
import struct
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from connectors.flink_tables import contract_json
from ops.minicluster import JAR

_TARGET = JAR.parent


class JavaProcess:
    """Sends messages to a JVM and reads JSON answers."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._requests = process.stdin
        self._answers = process.stdout

    def send(self, message: bytes) -> None:
        self._requests.write(struct.pack(">i", len(message)) + message)

    def answer(self) -> list[object]:
        self._requests.flush()
        (size,) = struct.unpack(">i", self._answers.read(4))
        answer: list[object] = json.loads(self._answers.read(size))
        return answer


@contextmanager
def java_process(class_name: str, folder: Path) -> Iterator[JavaProcess]:
    """Start the class with the contract; its file and the JVM's log are put into the folder."""
    contract = folder / "contract.json"
    contract.write_text(contract_json(), encoding="utf-8")
    libraries = (_TARGET / "test-class-path.txt").read_text(encoding="utf-8")
    class_path = f"{_TARGET / 'test-classes'}:{_TARGET / 'classes'}:{libraries}"
    command = ["java", "-Xmx256m", "-XX:+UseSerialGC", "-cp", class_path]
    with (
        (folder / "java.log").open("wb") as log,
        subprocess.Popen(
            [*command, f"io.invoicestream.flink.{class_name}", str(contract)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
        ) as process,
    ):
        yield JavaProcess(process)
