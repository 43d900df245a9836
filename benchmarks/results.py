"""Results of the benchmarks: kept as JSON, shown as a table.

Upstream: what ``benchmarks.run`` measured. Downstream: ``benchmarks/results/``, which
is committed, so that its history is the project's.
"""

import json
import os
import platform
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

FOLDER = Path(__file__).parent / "results"

Row = tuple[str, str, str]
"""What was measured, its value, what was asked for (or nothing)."""


def keep(name: str, figures: Mapping[str, object], rows: Sequence[Row]) -> None:
    """Write one benchmark's figures, and the page of all of them anew."""
    FOLDER.mkdir(exist_ok=True)
    content = {"measured": _now(), "machine": machine(), "figures": figures, "table": rows}
    path = FOLDER / f"{name}.json"
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    (FOLDER / "README.md").write_text(page(), encoding="utf-8")


def page() -> str:
    """All results kept, in Markdown."""
    parts = ["<!-- Made by `make bench`. -->\n# What the benchmarks measured\n"]
    for path in sorted(FOLDER.glob("*.json")):
        content = json.loads(path.read_text(encoding="utf-8"))
        parts.append(f"\n## {path.stem.replace('_', ' ').capitalize()}\n\n{_line(content)}\n\n")
        parts.append(table([tuple(row) for row in content["table"]]))
    return "".join(parts)


def table(rows: Sequence[Row]) -> str:
    """Rows as a Markdown table."""
    lines = ["| | measured | asked for |", "| --- | ---: | ---: |"]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)]) + "\n"


def machine() -> dict[str, str | int]:
    """What the figures depend on."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count() or 0,
        "python": platform.python_version(),
        "flink": version("apache-flink"),
    }


def _line(content: Mapping[str, Mapping[str, str]]) -> str:
    what = content["machine"]
    return (
        f"{content['measured']}, {what['cores']} cores of {what['processor']},"
        f" Python {what['python']}, Flink {what['flink']}."
    )


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
