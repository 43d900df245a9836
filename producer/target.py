"""Where to send: a stream (options, the settings file, AWS's own configuration) or the API.

Upstream: the command line, ``connectors.settings``. Downstream:
``connectors.kinesis_connection``, ``connectors.lines_api``.
"""

from collections.abc import Mapping

from connectors.kinesis_connection import StreamAddress
from connectors.lines_api_answers import ApiAddress
from connectors.record_sink import SinkError
from connectors.settings import SETTINGS_VARIABLE, Settings, SettingsError, load_settings
from producer.faults import Faults


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


def api_address(url: str, key: str | None, faults: Faults) -> ApiAddress:
    """The API these options mean.

    Raises:
        SinkError: They do not go together, or it is no address.
    """
    if not key:
        raise SinkError("--api wants --key too, or INVOICE_STREAM_API_KEY (see var/api.json)")
    if faults.corrupt:
        raise SinkError("the API refuses damaged lines: send --corrupt to the stream")
    return ApiAddress(url, key)


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
