"""Logs: an event name and values; JSON in a container, readable on a terminal; never a secret."""

from __future__ import annotations

import logging
import sys

import structlog

from bot.configured import secrets
from bot.redact import Redactor
from bot.settings import Settings


def set_up(settings: Settings, *, level: int = logging.INFO) -> None:
    """Configure logging once for the process, to standard error.

    Args:
        level: the least that is logged; higher where a person reads the output.
    """
    redactor = Redactor(secrets(settings))
    terminal = sys.stderr.isatty()
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(name)s: %(message)s")
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            redactor.processor,
            structlog.dev.ConsoleRenderer()
            if terminal
            else structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )


def quiet() -> None:
    """Log only what is broken: for a terminal that belongs to a person, without a configuration."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
