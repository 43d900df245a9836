"""Stand-in until the writer is here."""

import json

from pyflink.datastream import MapFunction

from flink_job.config import JobConfig


class WriteDocuments(MapFunction):
    def __init__(self, config: JobConfig) -> None:
        self._config = config

    def map(self, value: bytes) -> int:
        return len(json.loads(value))
