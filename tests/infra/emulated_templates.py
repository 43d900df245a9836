"""The templates as far as the emulator can follow them, and what is left out for it."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from invoices.json_schema import Json
from ops.deployment.templates import Template, read_template, resources

UNKNOWN_TYPES = frozenset(
    {
        "AWS::Budgets::Budget",
        "AWS::EC2::FlowLog",
        "AWS::EC2::SecurityGroupIngress",
        "AWS::Glue::SecurityConfiguration",
        "AWS::Redshift::Cluster",
        "AWS::Redshift::ClusterParameterGroup",
        "AWS::Redshift::ClusterSubnetGroup",
        "AWS::RedshiftServerless::Namespace",
        "AWS::RedshiftServerless::Workgroup",
        "AWS::WAFv2::LoggingConfiguration",
        "AWS::WAFv2::WebACLAssociation",
        "Custom::RedshiftServerlessUsageLimit",
    }
)
"""Resource types that the emulator refuses."""


def write_emulated(source: Path, target: Path) -> dict[str, list[str]]:
    """Write the templates without what the emulator refuses.

    Returns:
        Logical ids of the resources left out, by template.
    """
    left_out: dict[str, list[str]] = {}
    templates = {path.name: read_template(path) for path in sorted(source.glob("*.yaml"))}
    for name, template in templates.items():
        left_out[name] = [n for n, r in resources(template).items() if _is_refused(r)]
        templates[name] = _without(template, left_out[name])
    empty = [name for name, template in templates.items() if not template["Resources"]]
    nested = [
        logical_id
        for logical_id, resource in resources(templates["root.yaml"]).items()
        if any(str(resource["Properties"]["TemplateURL"]).find(f"/{name}") > 0 for name in empty)
    ]
    templates["root.yaml"] = _without(templates["root.yaml"], nested)
    target.mkdir(parents=True, exist_ok=True)
    for name, template in templates.items():
        (target / name).write_text(json.dumps(template, default=str), encoding="utf-8")
    return {name: ids for name, ids in left_out.items() if ids}


def _is_refused(resource: Mapping[str, Any]) -> bool:
    """Whether the emulator knows no such type, or no alarm on an expression of metrics."""
    return resource["Type"] in UNKNOWN_TYPES or (
        resource["Type"] == "AWS::CloudWatch::Alarm" and "Metrics" in resource["Properties"]
    )


def _without(template: Template, logical_ids: Sequence[str]) -> Template:
    """The template without these resources and without what refers to them."""
    kept = {n: r for n, r in template["Resources"].items() if n not in logical_ids}
    cleaned: Template = {
        section: _drop_references(content, frozenset(logical_ids))
        for section, content in (template | {"Resources": kept}).items()
    }
    outputs = cleaned.get("Outputs", {})
    return cleaned | {"Outputs": {n: o for n, o in outputs.items() if "Value" in o}}


def _drop_references(value: Json, logical_ids: frozenset[str]) -> Json:
    if isinstance(value, dict):
        return {
            name: _drop_references(item, logical_ids)
            for name, item in value.items()
            if not _refers(item, logical_ids)
        }
    if isinstance(value, list):
        return [_drop_references(i, logical_ids) for i in value if not _refers(i, logical_ids)]
    return value


def _refers(value: Json, logical_ids: frozenset[str]) -> bool:
    if not isinstance(value, dict) or len(value) != 1:
        return False
    attribute = value.get("Fn::GetAtt")
    target = attribute[0] if isinstance(attribute, list) else value.get("Ref")
    return target in logical_ids
