"""What the batch job is told: the same names on Glue, by ``spark-submit`` and on a laptop.

Upstream: ``--lake s3://...`` and its like. Downstream: ``warehouse.places``. On Glue the
arguments are read by Glue's own ``getResolvedOptions``, which knows what else Glue puts there.
"""

import argparse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date

from connectors.settings import Settings
from warehouse.errors import ParameterError

OWN_PREFIX = "--"


@dataclass(frozen=True, slots=True, kw_only=True)
class JobParameters:
    """Parameters of the batch job; what has no default must be given.

    Attributes:
        lake: URI of the lake.
        warehouse: Address of the warehouse, as ``connectors.warehouse_address`` takes it.
        region: AWS region.
        staging: URI of the folder for staged files; ``staging`` in the lake by default.
        backfill_from: First day of arrival to load again, ``YYYY-MM-DD``; with ``backfill_to``.
        backfill_to: Last day of arrival to load again.
        endpoint_url: One address for all services, or None for AWS's own.
        access_key_id: For local services only.
        secret_access_key: For local services only.
    """

    lake: str
    warehouse: str
    region: str
    staging: str | None = None
    backfill_from: str | None = None
    backfill_to: str | None = None
    endpoint_url: str | None = None
    access_key_id: str | None = None
    secret_access_key: str | None = None

    @classmethod
    def of(cls, settings: Settings) -> "JobParameters":
        """Those of the local services, or of whatever the settings name."""
        return cls(
            lake=settings.lake,
            warehouse=settings.warehouse,
            region=settings.region,
            endpoint_url=settings.endpoint_url,
            access_key_id=settings.access_key_id,
            secret_access_key=settings.secret_access_key,
        )

    @property
    def days(self) -> tuple[date, date] | None:
        """Days to load again, or None to load what is new.

        Raises:
            ParameterError: Only one is given, or one is no date.
        """
        if self.backfill_from is None and self.backfill_to is None:
            return None
        if self.backfill_from is None or self.backfill_to is None:
            raise ParameterError("backfill_from and backfill_to go together")
        try:
            return date.fromisoformat(self.backfill_from), date.fromisoformat(self.backfill_to)
        except ValueError as error:
            raise ParameterError(f"a day is written YYYY-MM-DD: {error}") from error


Resolver = Callable[[Sequence[str], list[str]], Mapping[str, str]]


def read_parameters(arguments: Sequence[str], resolve: Resolver | None = None) -> JobParameters:
    """Parameters from the command line.

    Args:
        arguments: With the program's name first, as in ``sys.argv``.
        resolve: Takes arguments and wanted names; Glue's own where there is one.

    Raises:
        ParameterError: One that must be given is not.
    """
    known = {field.name for field in fields(JobParameters)}
    given = [name for name in _names(arguments) if name in known]
    missing = [name for name in ("lake", "warehouse", "region") if name not in given]
    if missing:
        raise ParameterError(f"missing {', '.join(OWN_PREFIX + name for name in missing)}")
    values = (resolve or resolver())(arguments, given)
    return JobParameters(**{name: values[name] for name in given})


def resolver() -> Resolver:
    """Glue's, where the job runs on Glue; else one that reads the same form."""
    try:
        from awsglue.utils import getResolvedOptions  # noqa: PLC0415 - there is none elsewhere
    except ModuleNotFoundError:
        return resolve_options
    found: Resolver = getResolvedOptions
    return found


def resolve_options(arguments: Sequence[str], names: list[str]) -> dict[str, str]:
    """Values of ``--name value`` or ``--name=value``; whatever else stands there is passed over."""
    parser = argparse.ArgumentParser(allow_abbrev=False)
    for name in names:
        parser.add_argument(OWN_PREFIX + name, required=True)
    found, _ = parser.parse_known_args(list(arguments[1:]))
    return {name: getattr(found, name) for name in names}


def _names(arguments: Sequence[str]) -> list[str]:
    return [
        argument.removeprefix(OWN_PREFIX).partition("=")[0]
        for argument in arguments[1:]
        if argument.startswith(OWN_PREFIX)
    ]
