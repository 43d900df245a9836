"""What a deployment puts into the artifact bucket, each under a key of its own content.

A key is never written twice with other bytes: the stack that names it gets exactly that, a
rollback finds what was there before, and what is there already is not sent again.

Upstream: packages, templates, the API's description. Downstream: ``ops.deployment.deploy``.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from ops.deployment.load_package import LoadPackage

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

TEMPLATES_FOLDER, FLINK_FOLDER, API_FOLDER, LOAD_FOLDER = "templates", "flink", "api", "load"
DEPLOYMENT_ID = "ApiDeployment00000000"
"""Logical id in ``api.yaml`` whose zeros become the hash of the API's description."""

DIGITS = 12


@dataclass(frozen=True, slots=True)
class Artifact:
    """Something in the bucket.

    Attributes:
        key: Its key.
        modified: When it was put there.
    """

    key: str
    modified: datetime


class ArtifactBucket:
    """The artifact bucket of an environment."""

    def __init__(self, client: "S3Client", bucket: str, region: str) -> None:
        self._client = client
        self._bucket = bucket
        self._region = region

    def put_package(self, package: Path) -> str:
        """Put the job's package there; returns its key."""
        return self._put_file(f"{FLINK_FOLDER}/{package.stem}-{digest(package)}.zip", package)

    def packages(self) -> list[Artifact]:
        """The job's packages there, the newest first."""
        pages = self._client.get_paginator("list_objects_v2").paginate(
            Bucket=self._bucket, Prefix=f"{FLINK_FOLDER}/"
        )
        found = [
            Artifact(each["Key"], each["LastModified"])
            for page in pages
            for each in page.get("Contents", [])
        ]
        return sorted(found, key=lambda artifact: artifact.modified, reverse=True)

    def put_api(self, functions: Path, description: Path) -> tuple[str, str]:
        """Put the API's functions and description there; returns their keys."""
        return (
            self._put_file(f"{API_FOLDER}/functions-{digest(functions)}.zip", functions),
            self._put_file(f"{API_FOLDER}/openapi-{digest(description)}.json", description),
        )

    def put_load(self, package: LoadPackage) -> str:
        """Put the warehouse's load there; returns the prefix of its keys, slash included."""
        prefix = f"{LOAD_FOLDER}/{digest(package.script, package.modules)}/"
        for path in (package.script, package.modules):
            self._put_file(f"{prefix}{path.name}", path)
        return prefix

    def put_templates(self, templates: Mapping[str, str]) -> str:
        """Put templates there, by file name; returns the https address of their folder."""
        whole = "".join(f"{name}\n{text}\n" for name, text in sorted(templates.items()))
        folder = f"{TEMPLATES_FOLDER}/{hashlib.sha256(whole.encode()).hexdigest()[:DIGITS]}"
        for name, text in templates.items():
            self._put(f"{folder}/{name}", text.encode())
        return f"https://s3.{self._region}.amazonaws.com/{self._bucket}/{folder}"

    def _put_file(self, key: str, path: Path) -> str:
        if not self._is_there(key):
            self._client.upload_file(str(path), self._bucket, key)
        return key

    def _put(self, key: str, content: bytes) -> None:
        if not self._is_there(key):
            self._client.put_object(Bucket=self._bucket, Key=key, Body=content)

    def _is_there(self, key: str) -> bool:
        try:
            self._client.head_object(Bucket=self._bucket, Key=key)
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") in {"404", "NoSuchKey", "NotFound"}:
                return False
            raise
        return True


def read_templates(folder: Path, description_key: str) -> dict[str, str]:
    """Templates by file name; the API's deployment is named after its description's key."""
    number = hashlib.sha256(description_key.encode()).hexdigest()[:8]
    renamed = DEPLOYMENT_ID.replace("00000000", number)
    return {
        path.name: path.read_text(encoding="utf-8").replace(DEPLOYMENT_ID, renamed)
        for path in sorted(folder.glob("*.yaml"))
    }


def digest(*paths: Path) -> str:
    """Hash of files' content, short but enough to tell two versions apart."""
    found = hashlib.sha256()
    for path in paths:
        with path.open("rb") as file:
            found.update(hashlib.file_digest(file, "sha256").digest())
    return found.hexdigest()[:DIGITS]
