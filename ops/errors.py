"""The one kind of error people see: a line that says what is wrong and the way out."""


class UserError(Exception):
    """Something the person at the terminal can put right; the message is one line.

    ``ops.cli`` prints it to stderr and exits with code 2.
    """


class FailedError(Exception):
    """The command did its work and the answer is no; the message is one line, exit code 1."""
