"""Which stream to send to: options first, then the settings file, then AWS's own configuration.

Upstream: the command line, ``connectors.settings``. Downstream:
``connectors.kinesis_connection``.
"""

from collections.abc import Mapping

from connectors.kinesis_connection import StreamAddress
from connectors.settings import SETTINGS_VARIABLE, Settings, SettingsError, load_settings


def stream_address(
    stream: str | None,
    region: str | None,
    endpoint_url: str | None,
    environment: Mapping[str, str],
) -> StreamAddress:
    """The address that these options mean; what is None comes from the settings.

    The settings' keys go to the settings' endpoint only: with another one, AWS's
    credential chain is used. Without a settings file ``stream`` is enough, and
    region and endpoint are AWS's own (``AWS_REGION``, ``AWS_ENDPOINT_URL``).

    Raises:
        SettingsError: There is neither a stream nor a settings file, or the file is wrong.
    """
    settings = _settings_unless(stream, environment)
    if settings is None:
        return StreamAddress(stream or "", region, endpoint_url)
    same_place = endpoint_url in {None, settings.endpoint_url}
    return StreamAddress(
        stream or settings.stream,
        region or settings.region,
        endpoint_url or settings.endpoint_url,
        settings.access_key_id if same_place else None,
        settings.secret_access_key if same_place else None,
    )


def _settings_unless(stream: str | None, environment: Mapping[str, str]) -> Settings | None:
    """The settings; None when a stream is named and nobody wrote settings."""
    try:
        return load_settings(environment)
    except SettingsError as error:
        missing = isinstance(error.__cause__, FileNotFoundError)
        if missing and stream is not None and SETTINGS_VARIABLE not in environment:
            return None
        hint = ", or a stream with --stream" if missing else ""
        raise SettingsError(f"{error}{hint}") from error
