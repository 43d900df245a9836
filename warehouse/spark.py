"""Spark on a laptop: what Glue brings by itself, as values.

Upstream: ``warehouse.cli``. Downstream: ``warehouse.load``. On Glue, or under ``spark-submit``,
the session is there already or made from what those were told; nothing of this file is used.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from pyspark.sql import SparkSession

from connectors.settings import ServiceAddress

JARS = Path(__file__).parent / "target/jars"
"""What reads S3, put there by ``make install`` from ``warehouse/pom.xml``."""

APP = "invoice-stream warehouse"
S3A = "org.apache.hadoop.fs.s3a.S3AFileSystem"


def laptop(address: ServiceAddress, memory: str = "1g") -> dict[str, str]:
    """Configuration of a small Spark that reaches these services.

    Args:
        address: Of S3.
        memory: Heap of the one JVM.
    """
    local = {
        "spark.master": "local[2]",
        "spark.driver.memory": memory,
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.shuffle.partitions": "4",
        "spark.driver.extraClassPath": ":".join(str(path) for path in sorted(JARS.glob("*.jar"))),
        "spark.hadoop.fs.s3.impl": S3A,
        "spark.hadoop.fs.s3a.endpoint.region": address.region,
        "spark.hadoop.mapreduce.fileoutputcommitter.algorithm.version": "2",
        "spark.hadoop.mapreduce.fileoutputcommitter.marksuccessfuljobs": "false",
    }
    return {**local, **_endpoint(address)}


def starter(configuration: Mapping[str, str]) -> Callable[[], SparkSession]:
    """Starts Spark with this configuration, or returns the session there is."""

    def start() -> SparkSession:
        builder = SparkSession.builder.appName(APP)
        for key, value in configuration.items():
            builder = builder.config(key, value)
        return builder.getOrCreate()

    return start


def _endpoint(address: ServiceAddress) -> dict[str, str]:
    """Where S3 is and who asks; left to AWS's own rules where the address does not say."""
    values = {
        "spark.hadoop.fs.s3a.access.key": address.access_key_id,
        "spark.hadoop.fs.s3a.secret.key": address.secret_access_key,
        "spark.hadoop.fs.s3a.endpoint": address.endpoint_url,
    }
    given = {key: value for key, value in values.items() if value is not None}
    if address.endpoint_url is not None:
        secure = urlsplit(address.endpoint_url).scheme == "https"
        given["spark.hadoop.fs.s3a.path.style.access"] = "true"
        given["spark.hadoop.fs.s3a.connection.ssl.enabled"] = str(secure).lower()
    return given
