"""What a command raises becomes one line on stderr and an exit code; a traceback never.

Every command of ``invoice-stream`` ends here: 1 when the work was done and the
answer is no, 2 when it could not be done,
130 when Ctrl-C ended it before.
"""

import sys
import traceback
from datetime import UTC, datetime
from typing import Any, NoReturn

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,  # noqa: A004 - botocore's own, the base of what a network does
    HTTPClientError,
    NoCredentialsError,
)
from typer import Abort, Exit, TyperException
from typer.core import TyperGroup

from connectors.dynamodb.errors import DynamoDBError
from connectors.lake import LakeError
from connectors.settings import SettingsError
from invoices.stored_items import UnreadableDocumentError
from ops.errors import FailedError, InterruptedByUserError, SaidError, UserError
from ops.flink_rest import FlinkRestError
from ops.interrupt import EXIT_INTERRUPTED
from ops.workspace import Workspace

EXIT_FAILED, EXIT_CANNOT = 1, 2

NAME = "invoice-stream"

CANNOT = (
    UserError,
    SettingsError,
    LakeError,
    DynamoDBError,
    UnreadableDocumentError,
    FlinkRestError,
    TimeoutError,
)
"""Errors whose message says what to do."""

LEFT_TO_TYPER = (Exit, Abort, TyperException)


class OneLineErrors(TyperGroup):
    """A group of commands whose errors are one line each."""

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401 - typer keeps its types to itself
        """Run the command."""
        try:
            return super().invoke(ctx)
        except LEFT_TO_TYPER:
            raise
        except FailedError as error:
            _end(str(error), EXIT_FAILED, error)
        except SaidError as error:
            raise Exit(EXIT_CANNOT) from error
        except (KeyboardInterrupt, InterruptedByUserError) as error:
            _end("interrupted", EXIT_INTERRUPTED, error)
        except CANNOT as error:
            _end(str(error), EXIT_CANNOT, error)
        except (BotoCoreError, ClientError) as error:
            _end(explain_aws(error), EXIT_CANNOT, error)
        except Exception as error:  # noqa: BLE001 - nothing may end as a traceback
            _end(_unforeseen(error, ctx.find_object(Workspace)), EXIT_FAILED, error)


def explain_aws(error: Exception) -> str:
    """One line for people: what a service refused, or why it could not be asked."""
    if isinstance(error, ClientError):
        details = error.response.get("Error", {})
        message = _one_line(details.get("Message") or "no message")
        hint = ": create it with `invoice-stream up`" if _is_missing(error) else ""
        return f"{error.operation_name} was refused ({details.get('Code')}): {message}{hint}"
    if isinstance(error, NoCredentialsError):
        return (
            "no AWS credentials: set AWS_PROFILE, or use the local services (`invoice-stream up`)"
        )
    if isinstance(error, ConnectionError | HTTPClientError):
        return f"{_one_line(str(error))}: is the service running? (`invoice-stream up`)"
    return _one_line(str(error))


def _is_missing(error: ClientError) -> bool:
    return error.response.get("Error", {}).get("Code") in {
        "ResourceNotFoundException",
        "NoSuchBucket",
    }


def _unforeseen(error: Exception, workspace: Workspace | None) -> str:
    path = (workspace or Workspace()).error_log
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as log:
        log.write(
            f"{datetime.now(UTC).isoformat()}\n{''.join(traceback.format_exception(error))}\n"
        )
    return f"unforeseen {type(error).__name__}: {_one_line(str(error))} (details in {path})"


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _end(message: str, code: int, error: BaseException) -> NoReturn:
    sys.stderr.write(f"{NAME}: {_one_line(message)}\n")
    raise Exit(code) from error
