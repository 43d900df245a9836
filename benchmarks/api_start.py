"""How long the API's functions take to start, with and without compiled modules.

Upstream: ``benchmarks.api_latency``. Downstream: the package, in the emulator's Python.
"""

import statistics
import subprocess
import zipfile
from pathlib import Path

from api.local_identity import ISSUER, LOCAL_CLIENT_ID
from api.package import HISTORY_HANDLER, INGESTION_HANDLER
from ops.emulator import EXECUTABLE

REPEATS = 5


def start_milliseconds(zip_path: Path, folder: Path, *, compiled: bool) -> dict[str, float]:
    """Milliseconds to import each function from the package, in a process of its own."""
    with zipfile.ZipFile(zip_path) as archive:
        names = archive.namelist()
        wanted = [name for name in names if compiled or not name.endswith(".pyc")]
        archive.extractall(folder, wanted)
    return {
        handler.split(".")[1]: statistics.median(
            _start_time(handler, folder) for _ in range(REPEATS)
        )
        for handler in (INGESTION_HANDLER, HISTORY_HANDLER)
    }


def _start_time(handler: str, folder: Path) -> float:
    """As Lambda does it: nothing can be written beside the modules."""
    code = (
        "import sys, time; start = time.perf_counter(); sys.path.insert(0, sys.argv[1]);"
        f"import {handler.rpartition('.')[0]}; print((time.perf_counter() - start) * 1000)"
    )
    variables = {
        "AWS_REGION": "eu-west-1",
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
        "POWERTOOLS_TRACE_DISABLED": "true",
        "PYTHONDONTWRITEBYTECODE": "1",
        "STREAM": "invoice-lines",
        "CUSTOMERS_TABLE": "Customers",
        "INVOICES_TABLE": "Invoices",
        "CURSOR_KEY": "k" * 32,
        "TOKEN_ISSUER": ISSUER,
        "TOKEN_CLIENT_IDS": LOCAL_CLIENT_ID,
        "TOKEN_KEYS": '{"keys": []}',
    }
    python = EXECUTABLE.parent / "python"
    done = subprocess.run(
        [python, "-c", code, folder], env=variables, capture_output=True, text=True, check=True
    )
    return float(done.stdout)
