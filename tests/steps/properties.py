"""The parameters of requests as properties of CloudFormation's resource types, one function a translation."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

Params = Mapping[str, Any]
Properties = Callable[[Params], dict[str, Any]]


def only(*names: str, **renamed: str) -> Properties:
    """Parameters that are properties too: under the same name, or `Property="parameter"`."""
    pairs = {**{name: name for name in names}, **renamed}
    return lambda params: {new: params[old] for new, old in pairs.items() if old in params}


def both(*parts: Properties) -> Properties:
    return lambda params: {name: value for part in parts for name, value in part(params).items()}


def document(into: str, name: str) -> Properties:
    """JSON text, which CloudFormation takes as a document."""
    return lambda params: {into: json.loads(params[name])} if name in params else {}


def tags(name: str, key: str = "Key", value: str = "Value") -> Properties:
    """Tags from a list of pairs, or from a mapping, as CloudFormation's list."""

    def listed(params: Params) -> dict[str, Any]:
        given = params.get(name, [])
        pairs = given.items() if isinstance(given, Mapping) else [(each[key], each[value]) for each in given]
        return {"Tags": [{"Key": one, "Value": other} for one, other in pairs]}

    return listed


def tag_map(name: str) -> Properties:
    return lambda params: {"Tags": {each["Key"]: each["Value"] for each in params.get(name, [])}}


def bucket(params: Params) -> dict[str, Any]:
    made = only("BucketNamespace", BucketName="Bucket")(params)
    owned = {"OwnershipControls": {"Rules": [{"ObjectOwnership": params["ObjectOwnership"]}]}}
    return {**made, **owned, **tags("Tags")(params["CreateBucketConfiguration"])}


def encryption(params: Params) -> dict[str, Any]:
    rules = params["ServerSideEncryptionConfiguration"]["Rules"]
    old, new = "ApplyServerSideEncryptionByDefault", "ServerSideEncryptionByDefault"
    told = [{new if name == old else name: value for name, value in each.items()} for each in rules]
    return {"BucketEncryption": {"ServerSideEncryptionConfiguration": told}}


def lifecycle(params: Params) -> dict[str, Any]:
    return {"LifecycleConfiguration": {"Rules": [_rule(each) for each in params["LifecycleConfiguration"]["Rules"]]}}


def _rule(rule: Params) -> dict[str, Any]:
    kept = only("Status", "NoncurrentVersionExpiration", "AbortIncompleteMultipartUpload", Id="ID")(rule)
    chosen = {**rule["Filter"], **rule["Filter"].get("And", {})}
    sizes = {name: str(chosen[name]) for name in ("ObjectSizeGreaterThan", "ObjectSizeLessThan") if name in chosen}
    days = {"ExpirationInDays": rule["Expiration"]["Days"]} if "Expiration" in rule else {}
    return {**kept, **only("Prefix")(chosen), **sizes, **days}


def notifications(params: Params) -> dict[str, Any]:
    wish = params["NotificationConfiguration"]
    told = [
        _one_event(each, event) for each in wish.get("LambdaFunctionConfigurations", []) for event in each["Events"]
    ]
    bridge = {"EventBridgeConfiguration": {"EventBridgeEnabled": True}} if "EventBridgeConfiguration" in wish else {}
    return {"NotificationConfiguration": {"LambdaConfigurations": told, **bridge}}


def _one_event(configuration: Params, event: str) -> dict[str, Any]:
    rules = configuration["Filter"]["Key"]["FilterRules"]
    return {
        "Event": event,
        "Function": configuration["LambdaFunctionArn"],
        "Filter": {"S3Key": {"Rules": [{"Name": each["Name"], "Value": each["Value"]} for each in rules]}},
    }


def queue(params: Params) -> dict[str, Any]:
    """Numbers and booleans are text in SQS's attributes."""
    return {name: json.loads(value) for name, value in params.get("Attributes", {}).items()}


def workgroup(name: str, output: str) -> Properties:
    def properties(params: Params) -> dict[str, Any]:
        given = dict(params.get(name, {}))
        result = {"ResultConfiguration": given.pop(output)} if output in given else {}
        return {"WorkGroupConfiguration": {**given, **result}}

    return properties


def fixed(**values: Any) -> Properties:
    return lambda params: values


def targets(params: Params) -> dict[str, Any]:
    return {"Targets": params["Targets"]}


def ownership(params: Params) -> dict[str, Any]:
    return {"OwnershipControls": params["OwnershipControls"]}
