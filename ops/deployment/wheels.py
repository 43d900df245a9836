"""A package's dependencies: wheels for the runtime's Python and platform, unpacked.

Upstream: a requirements file, every hash of it checked by pip. Downstream:
``ops.deployment.package``, ``load_package``. Nothing is installed when an application or a
load starts, so it is all brought along.
"""

import re
import shutil
import subprocess
import sys
from pathlib import Path

from ops.deployment.runtime import MAX_GLIBC, PLATFORMS, Runtime
from ops.errors import UserError

LEFT_OUT = ("bin", "INSTALLER", "REQUESTED", "RECORD", "direct_url.json", "__pycache__")
"""What pip adds to a wheel: scripts with this machine's paths, and notes on the installation."""

_MANYLINUX = re.compile(r"manylinux_(\d+)_(\d+)_x86_64")
_OLD_NAMES = {
    "manylinux1_x86_64": (2, 5),
    "manylinux2010_x86_64": (2, 12),
    "manylinux2014_x86_64": (2, 17),
}


def unpack_wheels(requirements: Path, python: str, folder: Path) -> None:
    """Put dependencies into a folder.

    Args:
        requirements: Which; hash-pinned and complete.
        python: Version of Python they are for (``3.11``).
        folder: Where to; must not exist yet.

    Raises:
        UserError: A wheel cannot be had; the message is pip's.
    """
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet", "install"]
    command += ["--target", str(folder), "--no-deps", "--no-compile", "--require-hashes"]
    command += ["--only-binary", ":all:", "--implementation", "cp"]
    command += ["--python-version", python]
    for platform in PLATFORMS:
        command += ["--platform", platform]
    command += ["--requirement", str(requirements)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        reason = " ".join(done.stderr.split())[-500:] or f"pip ended with {done.returncode}"
        raise UserError(f"the package's dependencies cannot be fetched: {reason}")
    _remove_traces(folder)


def _remove_traces(folder: Path) -> None:
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.name in LEFT_OUT and (path.name != "bin" or path.parent == folder):
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def tag_problem(tag: str, runtime: Runtime) -> str | None:
    """Why a wheel with this tag (``cp311-cp311-manylinux2014_x86_64``) does not fit, or None."""
    interpreter, abi, platform = tag.split("-", 2)
    if not _fits_python(interpreter, abi, runtime):
        return f"is for {interpreter} ({abi}), the runtime has Python {runtime.python_text}"
    if platform == "any":
        return None
    glibc = _glibc(platform)
    if glibc is None:
        return f"is for {platform}, the runtime for manylinux on x86_64"
    if glibc > MAX_GLIBC:
        return f"needs glibc {glibc[0]}.{glibc[1]}, above {MAX_GLIBC[0]}.{MAX_GLIBC[1]}"
    return None


def _fits_python(interpreter: str, abi: str, runtime: Runtime) -> bool:
    major, minor = runtime.python
    if interpreter in {"py3", f"py{major}{minor}"}:
        return abi == "none"
    if interpreter == f"cp{major}{minor}":
        return abi in {interpreter, "abi3", "none"}
    stable = re.fullmatch(rf"cp{major}(\d+)", interpreter)
    return abi == "abi3" and stable is not None and int(stable[1]) <= minor


def _glibc(platform: str) -> tuple[int, int] | None:
    if platform in _OLD_NAMES:
        return _OLD_NAMES[platform]
    found = _MANYLINUX.fullmatch(platform)
    return (int(found[1]), int(found[2])) if found else None
