"""What a person may do."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """`ANYONE` is everybody who can write in an ops room; the others are given by the roster."""

    ANYONE = "anyone"
    OPERATOR = "operator"
    APPROVER = "approver"
