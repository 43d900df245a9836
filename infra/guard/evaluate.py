"""Evaluates the project's Guard rules over every CloudFormation template.

Run as ``.venv-infra/bin/python infra/guard/evaluate.py``; exit status 1 when a rule
does not hold. The engine is AWS CloudFormation Guard itself (``guardpycfn`` binds it).

Guard does not look into ``Fn::If``. What stands in a list under a condition is put
into the list, both ways, before the rules are asked: they hold for every way a
template can be deployed.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias, cast

from cfnlint import decode
from guardpycfn import validate_with_guard

INFRA = Path(__file__).resolve().parents[1]
RULES = INFRA / "guard/invoice-stream.guard"
TEMPLATES = INFRA / "cloudformation"

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"


def main() -> int:
    """Evaluate, print what does not hold, and return the exit status."""
    rules = RULES.read_text(encoding="utf-8")
    findings = [
        f"{path.relative_to(INFRA.parent)}: {finding}"
        for path in sorted(TEMPLATES.glob("*.yaml"))
        for finding in evaluate(path, rules)
    ]
    sys.stderr.writelines(f"{finding}\n" for finding in findings)
    return 1 if findings else 0


def evaluate(path: Path, rules: str) -> list[str]:
    """What does not hold for the template, one line each."""
    template, problems = decode.decode(str(path))
    if problems:
        return [str(problem) for problem in problems]
    unfolded = {name: unfold(section) for name, section in template.items()}
    whole = _findings(unfolded, rules)
    return _findings_by_resource(unfolded, rules) if whole is None else whole


def _findings(template: dict[str, Json], rules: str) -> list[str] | None:
    """What does not hold, None when Guard has so much to say that its answer is cut short."""
    answer = validate_with_guard(json.dumps(template), rules)
    if not answer["success"]:
        return [str(answer["error"])]
    result = answer["result"]
    if isinstance(result, str):
        return None
    return [line for broken in result["not_compliant"] for line in _describe(broken["Rule"])]


def _findings_by_resource(template: dict[str, Json], rules: str) -> list[str]:
    """The same, each resource asked about by itself."""
    everything = cast("dict[str, Json]", template["Resources"])
    found: list[str] = []
    for logical_id, resource in everything.items():
        alone = _findings(template | {"Resources": {logical_id: resource}}, rules)
        if alone is None:
            alone = ["broken, and Guard's answer cannot be read"]
        found += [f"{logical_id}: {line}" for line in alone]
    return found


def unfold(value: Json) -> Json:
    """The value with every ``Fn::If`` in a list replaced by both of its outcomes."""
    if isinstance(value, dict):
        return {name: unfold(item) for name, item in value.items()}
    if isinstance(value, list):
        return [unfold(outcome) for item in value for outcome in _outcomes(item)]
    return value


def _outcomes(item: Json) -> Iterator[Json]:
    if isinstance(item, dict) and isinstance(choice := item.get("Fn::If"), list):
        for outcome in choice[1:]:
            yield from _outcomes(outcome)
    elif item != {"Ref": "AWS::NoValue"}:
        yield item


def _describe(rule: dict[str, Json]) -> Iterator[str]:
    """One line a clause that does not hold: the rule, the clause's message, where it looked."""
    for messages in _messages(rule["checks"]):
        custom = messages.get("custom_message") or ""
        yield f"{rule['name']}: {custom} {messages.get('error_message') or ''}".strip()[:600]


def _messages(value: Json) -> Iterator[dict[str, Json]]:
    if isinstance(value, list):
        for item in value:
            yield from _messages(item)
    elif isinstance(value, dict):
        found = value.get("messages")
        if isinstance(found, dict) and found.get("error_message"):
            yield found
        for name, item in value.items():
            if name != "messages":
                yield from _messages(item)


if __name__ == "__main__":
    sys.exit(main())
