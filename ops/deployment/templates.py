"""CloudFormation templates as data: the short forms of its functions read as the long ones.

Downstream: the cost estimate, the tests of the templates.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

Template = dict[str, Any]
"""A template's own structure, which is not ours to type."""

_NOT_PREFIXED = frozenset({"Ref", "Condition"})


class _Loader(yaml.SafeLoader):
    """Knows ``!Ref``, ``!Sub`` and their like."""


def _function(loader: _Loader, name: str, node: yaml.Node) -> dict[str, Any]:
    value: Any
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    elif isinstance(node, yaml.MappingNode):
        value = loader.construct_mapping(node, deep=True)
    if name == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {name if name in _NOT_PREFIXED else f"Fn::{name}": value}


_Loader.add_multi_constructor("!", _function)


def read_template(path: Path) -> Template:
    """A template from its file."""
    template: Template = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506 - a safe loader
    return template


def resources(template: Template, *types: str) -> Mapping[str, Any]:
    """Resources of these types by logical id; of every type when none is named."""
    return {
        logical_id: resource
        for logical_id, resource in template["Resources"].items()
        if not types or resource["Type"] in types
    }


def parameter_defaults(template: Template) -> dict[str, str]:
    """Defaults of a template's parameters, where they have one."""
    return {
        name: str(parameter["Default"])
        for name, parameter in template.get("Parameters", {}).items()
        if "Default" in parameter
    }
