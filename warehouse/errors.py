"""Why a load did not happen; each message is one line that names the thing."""


class QualityError(Exception):
    """What was read is not what it must be; nothing was changed."""


class LakeFileError(Exception):
    """A file of the lake cannot be loaded; nothing was changed."""
