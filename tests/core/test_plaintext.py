"""What should not stand in git: found by file, line and key, and never repeated."""

from __future__ import annotations

import pytest

from bot.plaintext import Kind, search
from bot.ports.git import File

MARKS = ("REPLACE_WITH_", "CHANGE_ME")


def found(text: str, path: str = "a.yaml") -> list[tuple[Kind, int, str]]:
    places = search([File(path, "c", text.encode())], MARKS)
    return [(place.kind, place.line, place.what) for place in places]


@pytest.mark.parametrize(
    "line",
    [
        "tenantId: REPLACE_WITH_TENANT_ID",
        "password: CHANGE_ME_SOON",
        '  - password: "CHANGE_ME"  # later',
        'password = "CHANGE_ME"',
    ],
)
def test_a_value_nobody_has_filled_in_is_named_by_its_key(line: str) -> None:
    ((kind, number, what),) = found(f"# CHANGE_ME is fine in a comment\n{line}\n")

    assert (kind, number) == (Kind.PLACEHOLDER, 2)
    assert what in {"tenantId", "password"}


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("password: hunter2hunter2", "password"),
        ("  adminPassword: 'hunter2hunter2'", "adminPassword"),
        ("- GITHUB_TOKEN=hunter2hunter2", "GITHUB_TOKEN"),
        ('"client_secret": "hunter2hunter2",', "client_secret"),
        ("uri: mongodb://admin:hunter2@host/db", "mongodb://"),
        ("url: https://user:hunter2@example.org", "https://"),
    ],
)
def test_a_credential_is_named_and_not_repeated(line: str, what: str) -> None:
    assert found(line) == [(Kind.CREDENTIAL, 1, what)]
    (place,) = search([File("a.yaml", "c", line.encode())], MARKS)
    assert "hunter2" not in str(place)


@pytest.mark.parametrize(
    "line",
    [
        "password: ${GRAFANA_PASSWORD}",
        "password: {{ .Values.password }}",
        "password: <your password>",
        "password = var.admin_password",
        "passwordSecretRef:",
        "existingSecretToken: true",
        "secretName: rocketchat-tls",
        "bearer_token_file: /var/run/secrets/token",
        "uri: mongodb://mongodb-0.mongodb-svc:27017/db",
        "uri: mongodb://admin:${PASSWORD}@host/db",
        "# password: hunter2hunter2",
        "host: chat.example  # password: hunter2hunter2",
    ],
)
def test_what_only_looks_like_one_is_left_alone(line: str) -> None:
    assert found(line) == []


def test_files_that_are_no_text_are_not_read() -> None:
    assert found("password: hunter2hunter2", "logo.png") == []
