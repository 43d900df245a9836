"""Counting what writing did and cost.

Upstream: the writers. Downstream: the job's metrics, the benchmark.
"""

from dataclasses import dataclass

from connectors.dynamodb.store import WriteResult


@dataclass(slots=True)
class Tally:
    """Counts of one piece of work, on one thread.

    Attributes:
        writes: Items written.
        refused: Writes whose condition did not hold.
        units: Write units of both, as DynamoDB bills them.
        merges: Invoices that had to be read before they could be written.
        reads: Invoices and months of customers read.
    """

    writes: int = 0
    refused: int = 0
    units: float = 0.0
    merges: int = 0
    reads: int = 0

    def count(self, result: WriteResult) -> bool:
        """Count an answer; returns whether the write was applied."""
        self.writes += result.applied
        self.refused += not result.applied
        self.units += result.units
        return result.applied

    def __add__(self, other: "Tally") -> "Tally":
        """Counts of both."""
        return Tally(
            self.writes + other.writes,
            self.refused + other.refused,
            self.units + other.units,
            self.merges + other.merges,
            self.reads + other.reads,
        )
