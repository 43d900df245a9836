"""What goes wrong with DynamoDB, and whether trying again helps.

A condition that does not hold is no error but an answer
(``connectors.dynamodb.store.WriteResult``).
"""

from typing import ClassVar


class DynamoDBError(Exception):
    """DynamoDB did not do what was asked; the message says what to do, in one line.

    Attributes:
        retryable: Whether the same call may succeed later.
    """

    retryable: ClassVar[bool] = False


class ThrottledError(DynamoDBError):
    """More was asked than the table takes at present."""

    retryable = True


class UnavailableError(DynamoDBError):
    """No answer, or a fault of the service. The write may have happened or not."""

    retryable = True


class ContendedError(DynamoDBError):
    """Others changed the item before each of our writes; a later try starts from theirs."""

    retryable = True


class TableMissingError(DynamoDBError):
    """There is no such table, or it has other keys."""


class RefusedError(DynamoDBError):
    """The request is not allowed or not valid; sent again it is refused again."""
