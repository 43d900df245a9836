"""Staged Parquet files and the manifest that names them, as Redshift's COPY takes it.

Upstream: ``warehouse.staging`` writes them. Downstream: ``connectors.redshift`` hands the
manifest's URI to COPY, ``connectors.postgresql`` reads the files it names. A manifest lists
each file with its length, so that neither a file that is not there yet nor one too many is
loaded by accident.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

_Json: TypeAlias = "dict[str, _Json] | list[_Json] | str | int | bool | None"


@dataclass(frozen=True, slots=True)
class StagedFile:
    """One file to load.

    Attributes:
        url: ``s3://bucket/key``.
        length: Bytes; COPY of Parquet refuses a manifest without it.
    """

    url: str
    length: int


def manifest_text(files: Iterable[StagedFile]) -> str:
    """The manifest; every file is mandatory.

    https://docs.aws.amazon.com/redshift/latest/dg/loading-data-files-using-manifest.html
    """
    entries: list[_Json] = [
        {"url": file.url, "mandatory": True, "meta": {"content_length": file.length}}
        for file in files
    ]
    return json.dumps({"entries": entries}, indent=1) + "\n"


def read_manifest(text: str) -> list[StagedFile]:
    """The files a manifest names.

    Raises:
        ValueError: It is not a manifest of ours.
    """
    try:
        entries = json.loads(text)["entries"]
        return [StagedFile(entry["url"], entry["meta"]["content_length"]) for entry in entries]
    except (KeyError, TypeError) as error:
        raise ValueError(f"not a manifest: {error!r} is missing or wrong") from error
