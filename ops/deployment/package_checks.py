"""What is wrong with a package, before Managed Flink says so (or starts and restarts for ever).

Upstream: ``invoice-stream package verify``, ``deploy``. Each check is a function from the
package to findings, a line each.
"""

import io
import re
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path, PurePosixPath

from ops.deployment.forbidden_settings import forbidden_settings
from ops.deployment.managed_flink import (
    ENTRY_SCRIPT,
    MAX_ZIP_BYTES,
    PATH_OPTIONS,
    RUN_OPTIONS,
    RUN_OPTIONS_GROUP,
)
from ops.deployment.package_contents import PackageContents, open_package
from ops.deployment.runtime import RUNTIMES, Runtime
from ops.deployment.runtime_python import import_problem
from ops.deployment.wheels import tag_problem
from ops.errors import UserError

Check = Callable[[PackageContents, Runtime], Iterator[str]]

SOURCE_FACTORIES = "META-INF/services/org.apache.flink.table.factories.Factory"
OPERATORS = "io/invoicestream/flink/"
FLINK_ITSELF = "org/apache/flink/streaming/api/environment/StreamExecutionEnvironment.class"
BROUGHT_BY_RUNTIME = re.compile(r"(apache[_-](flink|beam)|py4j|pemja)\b", re.IGNORECASE)
_EXTENSION = re.compile(r"\.(cpython-\d+|abi3)[^/]*\.so$")

SYMLINK_MODE = 0o120000
FILE_TYPE_MASK = 0o170000


def verify(path: Path, runtime: Runtime | None = None) -> list[str]:
    """What is wrong with a package, nothing when it may be deployed.

    Args:
        path: The zip.
        runtime: Whom for; by default the runtime it says it was made for.

    Raises:
        UserError: It cannot be read, or does not say what it was made for.
    """
    package = open_package(path)
    with package.archive:
        runtime = runtime or stated_runtime(package, path)
        findings = [finding for check in CHECKS for finding in check(package, runtime)]
    if path.stat().st_size > MAX_ZIP_BYTES:
        findings.append(f"it has {path.stat().st_size:,} bytes, more than {MAX_ZIP_BYTES:,}")
    return findings or _import_findings(path, runtime)


def stated_runtime(package: PackageContents, path: Path) -> Runtime:
    """The runtime a package was made for.

    Raises:
        UserError: It does not say, or names one that is not known.
    """
    manifest = package.manifest()
    if manifest is None:
        raise UserError(f"{path} has no package.json: say the runtime with --runtime")
    if manifest.runtime not in RUNTIMES:
        raise UserError(f"{path} is for {manifest.runtime}, not one of {', '.join(RUNTIMES)}")
    return RUNTIMES[manifest.runtime]


def _import_findings(path: Path, runtime: Runtime) -> list[str]:
    """The last check, on a package that is right otherwise: its code is run."""
    problem = import_problem(path, runtime)
    return [] if problem is None else [f"{ENTRY_SCRIPT} does not import: {problem}"]


def check_names(package: PackageContents, _runtime: Runtime) -> Iterator[str]:
    """Paths that unpack to one place each, within the folder they are unpacked in."""
    for entry in package.entries:
        path = PurePosixPath(entry.filename)
        if path.is_absolute() or ".." in path.parts or "\\" in entry.filename:
            yield f"{entry.filename} leads out of the zip"
        if (entry.external_attr >> 16) & FILE_TYPE_MASK == SYMLINK_MODE:
            yield f"{entry.filename} is a link"
    for name, count in Counter(package.names).items():
        if count > 1:
            yield f"{name} is in it {count} times"


def check_run_options(package: PackageContents, _runtime: Runtime) -> Iterator[str]:
    """Whatever the property group names is there."""
    for option in sorted(PATH_OPTIONS & RUN_OPTIONS.keys()):
        for wanted in RUN_OPTIONS[option].split(","):
            if not any(_is_at(name, wanted) for name in package.names):
                yield f"{wanted} is missing, which {RUN_OPTIONS_GROUP} names as {option}"


def _is_at(name: str, wanted: str) -> bool:
    return name.startswith(wanted) if wanted.endswith("/") else name == wanted


def check_jars(package: PackageContents, runtime: Runtime) -> Iterator[str]:
    """One jar, the one that is named, with our operators, for the runtime's Java."""
    jars = [name for name in package.names if name.lower().endswith(".jar")]
    extra = [name for name in jars if name != RUN_OPTIONS["jarfile"]]
    if extra:
        yield f"there must be one jar, {RUN_OPTIONS['jarfile']}; also found: {', '.join(extra)}"
    if RUN_OPTIONS["jarfile"] in jars:
        yield from _jar_findings(package, runtime)


def _jar_findings(package: PackageContents, runtime: Runtime) -> Iterator[str]:
    name = RUN_OPTIONS["jarfile"]
    try:
        jar = zipfile.ZipFile(io.BytesIO(package.archive.read(name)))
    except zipfile.BadZipFile:
        yield f"{name} is not a jar"
        return
    names = set(jar.namelist())
    if FLINK_ITSELF in names:
        yield f"{name} has Flink itself in it, which the runtime brings"
    if SOURCE_FACTORIES not in names:
        yield f"{name} has no table connectors ({SOURCE_FACTORIES} is missing)"
    ours = sorted(n for n in names if n.startswith(OPERATORS) and n.endswith(".class"))
    if not ours:
        yield f"{name} has no operators ({OPERATORS} is empty)"
    elif (version := _class_version(jar.read(ours[0]))) > runtime.max_class_file:
        yield f"{name} has classes of version {version}, too new for Java {runtime.java}"


def _class_version(code: bytes) -> int:
    return int.from_bytes(code[6:8], "big")


def check_no_flink(package: PackageContents, _runtime: Runtime) -> Iterator[str]:
    """What the runtime brings is not brought again: two of them do not agree."""
    folders = {part for name in package.names for part in PurePosixPath(name).parts[:-1]}
    for folder in sorted(folders):
        if BROUGHT_BY_RUNTIME.match(folder) or folder == "pyflink":
            yield f"{folder} is in it, which the runtime brings"


def check_wheels(package: PackageContents, runtime: Runtime) -> Iterator[str]:
    """Wheels for this Python and platform."""
    by_distribution: dict[str, list[str]] = {}
    for distribution, tag in package.wheel_tags():
        by_distribution.setdefault(distribution, []).append(tag)
    for distribution, tags in by_distribution.items():
        problems = [tag_problem(tag, runtime) for tag in tags]
        if None not in problems:
            yield f"{distribution} {problems[0]}"


def check_extensions(package: PackageContents, runtime: Runtime) -> Iterator[str]:
    """Compiled modules for this Python, whatever their wheels say."""
    fitting = {f"cpython-{runtime.python[0]}{runtime.python[1]}", "abi3"}
    for name in package.names:
        found = _EXTENSION.search(name)
        if found and found[1] not in fitting:
            yield f"{name} is for {found[1]}, the runtime has Python {runtime.python_text}"
        if name.endswith((".dll", ".dylib", ".pyd")):
            yield f"{name} is not for Linux"


def check_settings(package: PackageContents, _runtime: Runtime) -> Iterator[str]:
    """No setting in code that the service decides."""
    for name in package.modules():
        try:
            for line, setting in forbidden_settings(package.text(name)):
                yield f"{name}:{line} sets {setting}, which Managed Flink forbids"
        except (SyntaxError, UnicodeDecodeError) as error:
            yield f"{name} is not Python: {error}"


CHECKS: Sequence[Check] = (
    check_names,
    check_run_options,
    check_jars,
    check_no_flink,
    check_wheels,
    check_extensions,
    check_settings,
)
