"""Why something failed, in one line, from a stack trace of Java's with Python's in it.

Upstream: ``ops.flink_rest``, ``ops.minicluster_process``. Downstream: the terminal.
"""

_CAUSED_BY = "Caused by: "
_JAVA_FRAME = "\tat "
_TRACEBACK = "Traceback (most recent call last):"


def root_cause_of(stacktrace: str) -> str:
    """The innermost exception; where Python raised it, Python's last error line."""
    cause = stacktrace.rpartition(_CAUSED_BY)[2]
    head, traceback, body = cause.partition(_TRACEBACK)
    if traceback:
        errors = [line for line in _until_java(body) if not line.startswith(" ")]
        if errors:
            return errors[-1].strip()
    lines = [line.strip() for line in _until_java(head)]
    return lines[0] if lines else "unknown"


def _until_java(text: str) -> list[str]:
    """The lines that say something before Java's own frames begin."""
    lines = text.partition(_JAVA_FRAME)[0].splitlines()
    return [line for line in lines if line.strip()]
