"""What Glue runs: the load's script, and one zip of the modules it imports.

Upstream: the source tree, ``requirements/glue.txt``. Downstream: ``ops.deployment.artifacts``,
and Glue, which puts the zip on the module path as it is.
"""

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from ops.deployment.package import copy_modules, write_zip
from ops.deployment.runtime import PROJECT
from ops.deployment.wheels import unpack_wheels

LOAD_MODULE = "warehouse.glue_job"
SCRIPT, MODULES = "glue_job.py", "modules.zip"
SQL = PROJECT / "warehouse/sql"
PYTHON = "3.11"


@dataclass(frozen=True, slots=True)
class LoadPackage:
    """The two files of the load.

    Attributes:
        script: What Glue starts.
        modules: What it imports.
    """

    script: Path
    modules: Path


def build_load_package(folder: Path) -> LoadPackage:
    """Make both files in a folder: the same bytes from the same sources.

    Raises:
        UserError: A dependency cannot be had.
    """
    folder.mkdir(parents=True, exist_ok=True)
    package = LoadPackage(folder / SCRIPT, folder / MODULES)
    with tempfile.TemporaryDirectory(prefix="invoice-stream-load-") as name:
        content = Path(name, "content")
        unpack_wheels(PROJECT / "requirements/glue.txt", PYTHON, content)
        copy_modules(LOAD_MODULE, content)
        shutil.copytree(SQL, content / SQL.relative_to(PROJECT))
        write_zip(content, package.modules)
    source = PROJECT.joinpath(*LOAD_MODULE.split(".")).with_suffix(".py")
    shutil.copyfile(source, package.script)
    return package
