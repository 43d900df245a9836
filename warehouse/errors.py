"""Why a step did not happen; each message is one line that names the thing."""

from connectors.lake import LakeError
from connectors.warehouse_port import WarehouseError


class QualityError(Exception):
    """What was read is not what it must be; nothing was changed."""


class LakeFileError(Exception):
    """A file of the lake cannot be loaded; nothing was changed."""


class ParameterError(Exception):
    """The job cannot start; every parameter missing or wrong is named at once."""


class TooLittleHistoryError(Exception):
    """There is too little to learn from; nothing was changed."""


FAILURES = (
    LakeError,
    LakeFileError,
    ParameterError,
    QualityError,
    TooLittleHistoryError,
    WarehouseError,
)
"""What a person can understand from one line."""

ANSWERS_NO = (QualityError, TooLittleHistoryError)
"""Those after which the work was done, and the answer is no."""
