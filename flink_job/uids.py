"""Uids and names of the job's operators: what a savepoint finds its state by.

A uid never changes; a name is for people and may.
"""

from enum import Enum


class Operator(Enum):
    """An operator's uid and its name in Flink's user interface."""

    READ = ("read-records", "Read records")
    DECODE = ("decode-lines", "Decode lines")
    GROUP = ("group-invoices", "Drop duplicates, group by invoice")
    LINES = ("lake-lines", "Write lines/")
    INVOICES = ("lake-invoices", "Write invoices/")
    REJECTED = ("lake-rejected", "Write rejected/")
    BATCH = ("batch-revisions", "Batch revisions")
    DOCUMENTS = ("write-documents", "Write documents")

    @property
    def uid(self) -> str:
        """What state is found by."""
        uid: str = self.value[0]
        return uid

    @property
    def title(self) -> str:
        """What people see."""
        title: str = self.value[1]
        return title
