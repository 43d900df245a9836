"""The one line a person reads of a stack trace is the one that says what is wrong."""

import pytest

from ops.stack_trace import root_cause_of

JAVA = """\
org.apache.flink.runtime.JobException: Recovery is suppressed
\tat org.apache.flink.Handler.handle(Handler.java:1)
Caused by: java.lang.IllegalStateException: outer
\tat org.apache.flink.A.b(A.java:2)
Caused by: java.net.ConnectException: Connection refused
\tat org.apache.flink.C.d(C.java:3)
\t... 12 more
"""

PYTHON = """\
java.lang.RuntimeException: Failed to close remote bundle
\tat org.apache.flink.E.f(E.java:1)
Caused by: java.lang.RuntimeException: Error received from SDK harness for instruction 4: \
Traceback (most recent call last):
  File "worker.py", line 1, in run
    response = task()
KeyError: 'x'

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "job.py", line 2, in map
    raise DynamoDBError("no such table")
connectors.dynamodb.errors.DynamoDBError: there is no table Customers

\tat org.apache.beam.G.h(G.java:4)
"""


@pytest.mark.parametrize(
    ("stacktrace", "cause"),
    [
        (JAVA, "java.net.ConnectException: Connection refused"),
        (PYTHON, "connectors.dynamodb.errors.DynamoDBError: there is no table Customers"),
        ("java.io.IOException: full\n\tat a.B.c(B.java)", "java.io.IOException: full"),
        ("java.io.IOException: full", "java.io.IOException: full"),
        ("", "unknown"),
    ],
)
def test_the_root_cause_is_one_line(stacktrace: str, cause: str) -> None:
    assert root_cause_of(stacktrace) == cause
