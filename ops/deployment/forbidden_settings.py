"""Finds settings in Python code that Managed Flink decides itself.

Read from the source, nothing is run: what hides from that (a key put together at run
time) Flink itself refuses at the rehearsal.

Downstream: ``ops.deployment.package_checks``.
"""

import ast
import re
from collections.abc import Iterator

from ops.deployment.managed_flink import ALLOWED_SETTINGS, FORBIDDEN_CALLS, SETTING_NAMESPACES

_SETTING = re.compile(rf"(?:{'|'.join(map(re.escape, SETTING_NAMESPACES))})[a-z0-9.-]*")
_SQL_SET = re.compile(r"^\s*SET\s+'([^']+)'", re.IGNORECASE | re.MULTILINE)


def forbidden_settings(source: str) -> Iterator[tuple[int, str]]:
    """Line and name of each setting, or method, that the service forbids.

    Args:
        source: A module's text. Only one that has to do with Flink is looked into.

    Raises:
        SyntaxError: It is not Python.
    """
    if "flink" not in source:
        return
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            for key in _settings_in(node.value):
                yield node.lineno, key
        elif isinstance(node, ast.Attribute) and node.attr in FORBIDDEN_CALLS:
            yield node.lineno, f"{node.attr}()"


def _settings_in(text: str) -> Iterator[str]:
    keys = [text] if _SETTING.fullmatch(text) else _SQL_SET.findall(text)
    return (key for key in keys if key not in ALLOWED_SETTINGS)
