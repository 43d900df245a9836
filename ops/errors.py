"""The kinds of error a command ends with; ``ops.one_line_errors`` turns them into exit codes."""


class UserError(Exception):
    """Something the person at the terminal can put right; the message is one line, exit code 2."""


class FailedError(Exception):
    """The command did its work and the answer is no; the message is one line, exit code 1."""


class SaidError(Exception):
    """A command that this one called has said on stderr what is wrong; exit code 2."""


class InterruptedByUserError(Exception):
    """Ctrl-C ended the command before its work was done; exit code 130."""
