"""What a failure of Azure means, and how little of it is shown."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from adapters.arm import Identity, credential
from adapters.arm_errors import failure, read_error, retry_after
from adapters.azure import read_cluster
from bot.errors import (
    AdapterError,
    Busy,
    Conflict,
    Denied,
    Invalid,
    Limited,
    Missing,
    Unavailable,
)
from bot.ports.azure import PowerState
from tests.adapters.armed import PERSON, wrapped
from tests.adapters.wire import PAGE


def flat(code: str, message: str) -> dict[str, Any]:
    return {"code": code, "details": None, "message": message, "subcode": ""}


@pytest.mark.parametrize("shape", [flat, wrapped])
@pytest.mark.parametrize(
    ("status", "code", "error"),
    [
        (400, "OperationNotAllowed", Busy),
        (409, "OperationNotAllowed", Busy),
        (409, "Conflict", Conflict),
        (412, "PreconditionFailed", Conflict),
        (401, "ExpiredAuthenticationToken", Denied),
        (403, "AuthorizationFailed", Denied),
        (404, "ResourceNotFound", Missing),
        (429, "TooManyRequests", Limited),
        (400, "BadRequest", Invalid),
        (500, "InternalServerError", Unavailable),
        (503, "ServerTimeout", Unavailable),
    ],
)
def test_an_error_is_known_by_its_code_in_either_shape(
    shape: Any, status: int, code: str, error: type[AdapterError]
) -> None:
    found = failure(status, json.dumps(shape(code, "no")), {})

    assert type(found) is error
    assert code in found.message


def test_a_missing_right_is_named_and_nobodys_id_is() -> None:
    said = (
        f"The client '{PERSON}' with object id '{PERSON}' does not have authorization to perform "
        "action 'Microsoft.ContainerService/managedClusters/stop/action' over scope '/x'"
    )
    found = failure(403, json.dumps(wrapped("AuthorizationFailed", said)), {})

    assert "Houston lacks the right Microsoft.ContainerService/managedClusters/stop/action" in str(
        found
    )
    assert PERSON not in str(found)


def test_ids_are_left_out_of_every_other_text() -> None:
    found = failure(404, json.dumps(wrapped("ResourceNotFound", f"{PERSON} was not found")), {})

    assert PERSON not in str(found)
    assert "was not found" in str(found)


def test_a_proxys_page_is_quoted_without_markup() -> None:
    found = failure(502, PAGE, {})

    assert isinstance(found, Unavailable)
    assert "502 Bad Gateway nginx" in found.message
    assert "<" not in found.message


@pytest.mark.parametrize("text", ["", "[]", "null", '{"error": "no"}', '{"error": {}}', "{"])
def test_a_body_that_is_no_error_has_no_code(text: str) -> None:
    assert read_error(text) == ("", text)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, 5),
        ({"Retry-After": "17"}, 17),
        ({"Retry-After": "soon"}, 5),
        (
            {
                "x-ms-ratelimit-microsoft.costmanagement-qpu-retry-after": "3",
                "x-ms-ratelimit-microsoft.costmanagement-entity-retry-after": "41",
                "x-ms-ratelimit-remaining-subscription-reads": "9000",
                "Retry-After": "5",
            },
            41,
        ),
    ],
)
def test_the_longest_wait_counts(headers: dict[str, str], seconds: int) -> None:
    assert retry_after(headers) == timedelta(seconds=seconds)


def test_a_cluster_is_read_whatever_azure_leaves_out() -> None:
    found = read_cluster(
        {
            "id": "/subscriptions/s/RESOURCEGROUPS/Rg/providers/x",
            "name": "a",
            "properties": {"powerState": {"code": "Hibernating"}, "privateFQDN": "a.private"},
        }
    )

    assert (found.group, found.host, found.power) == ("Rg", "a.private", PowerState.UNKNOWN)
    assert (found.provisioning, found.busy, found.pools) == ("unknown", True, ())


def test_an_incomplete_identity_names_the_settings() -> None:
    with pytest.raises(Denied, match="not complete") as caught:
        credential(Identity("client_secret", tenant_id="t", client_id="c"))

    assert "azure.client_id" in caught.value.hint
