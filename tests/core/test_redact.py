"""What looks like a secret does not leave, and what only speaks of one does."""

from __future__ import annotations

import pytest

from bot.redact import Redactor

SECRET = "hunter2hunter2"


@pytest.mark.parametrize(
    "text",
    [
        f"mongodb://rocketchat:{SECRET}@mongodb-0:27017/rocketchat",
        f"redis://:{SECRET}@redis:6379",
        f"Authorization: Bearer {SECRET}",
        f"authorization: Basic {SECRET}",
        f"password={SECRET}",
        f"MONGO_PASSWORD={SECRET} starting",
        f'{{"password": "{SECRET}", "user": "a"}}',
        f"'apiKey': '{SECRET}'",
        f"client_secret={SECRET}&grant_type=x",
        f"access_token: {SECRET}",
        f"- name: SMTP_PASSWORD\n  value: {SECRET}\n- name: B\n  value: c",
        f'- name: "MONGO_URL"\n      value: "{SECRET}"',
        f'{{"name": "ROOT_TOKEN", "value": "{SECRET}"}}',
        f"-----BEGIN RSA PRIVATE KEY-----\n{SECRET}\n-----END RSA PRIVATE KEY-----",
        f"-----BEGIN PRIVATE KEY-----\n{SECRET}",
        "ghp_" + SECRET * 3,
        "glsa_" + SECRET * 2,
        f"eyJhbGciOiJIUzI1NiJ9.{SECRET}{SECRET}.sig",
    ],
)
def test_a_secret_is_taken_out(text: str) -> None:
    said = Redactor().clean(text)

    assert SECRET not in said
    assert "[redacted]" in said


@pytest.mark.parametrize(
    "text",
    [
        'secret "rocketchat-mongodb-external" not found',
        "couldn't find key mongo-uri in Secret rocketchat/rocketchat-mongodb-external",
        "secretKeyRef:\n  name: rocketchat-mongodb-external\n  key: mongo-uri",
        "https://k8.example.org:443/path@2",
        "- name: LOG_LEVEL\n  value: debug",
        "passwordSecretRef:\n  name: mongodb-admin-password",
        "the token is refused",
    ],
)
def test_what_speaks_of_a_secret_stays(text: str) -> None:
    assert Redactor().clean(text) == text


def test_a_neighbour_of_a_hidden_value_stays() -> None:
    text = "- name: SMTP_PASSWORD\n  value: x1y2z3\n- name: B\n  value: c"

    assert (
        Redactor().clean(text)
        == "- name: SMTP_PASSWORD\n  value: [redacted]\n- name: B\n  value: c"
    )
