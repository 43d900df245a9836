"""What goes wrong when the API is brought up; the message is one line that says what to do."""


class SetupError(Exception):
    """Something the person at the terminal can put right."""
