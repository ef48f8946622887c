"""Bodies of answers, read only as far as they may be long."""

from __future__ import annotations

import aiohttp

_PIECE = 65536


class TooLong(Exception):
    """The body has more bytes than were allowed."""


async def body(answer: aiohttp.ClientResponse, most: int) -> bytes:
    """The whole body, at most `most` bytes of it in memory. Raises TooLong."""
    content = bytearray()
    while piece := await answer.content.read(_PIECE):
        content += piece
        if len(content) > most:
            raise TooLong
    return bytes(content)
