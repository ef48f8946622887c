"""The one client of a Kubernetes API: kubernetes-asyncio for configuration and authentication,
plain JSON for the rest, because its models take milliseconds a pod and refuse what servers legally
send."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp

from adapters.http import no_answer
from adapters.kubernetes_lean import library
from adapters.kubernetes_read import METADATA_LIST, SYSTEM, Expired, refusal
from bot.errors import ConfigError, Unavailable, UnknownOutcome
from bot.jsontext import loads

_PAGE = 250
_CONNECT = 5
_READ = 20
_REFRESH = timedelta(minutes=1)
_JSON = "application/json"
MERGE = "application/merge-patch+json"
STRATEGIC = "application/strategic-merge-patch+json"
_PROXY = "A proxy may stand there"


class KubernetesClient:
    """One cluster. Made by `connect`, inside the running loop; shared by the ports' adapters."""

    def __init__(self, api: Any, refresh: asyncio.Task[None] | None = None) -> None:
        self._api = api
        self._refresh = refresh

    @classmethod
    async def connect(
        cls, *, kubeconfig: Path | None = None, context: str | None = None
    ) -> KubernetesClient:
        """From a kubeconfig and one of its contexts, or from inside a pod.

        Raises ConfigError when there is no usable configuration.
        """
        client, config = library()
        configuration = client.Configuration()
        refresh: asyncio.Task[None] | None = None
        try:
            if kubeconfig is None:
                config.load_incluster_config(client_configuration=configuration)
            else:
                loader = await config.load_kube_config(
                    str(kubeconfig),
                    context=context,
                    client_configuration=configuration,
                    persist_config=False,
                )
                refresh = asyncio.create_task(
                    config.refresh_token(loader, configuration, interval=_REFRESH.total_seconds()),
                    name="kubernetes token",
                )
        except (config.ConfigException, OSError) as error:
            raise ConfigError(
                f"kubernetes: {str(error)[:160]}",
                "Set kubernetes.kubeconfig and kubernetes.context, or run inside a cluster",
            ) from None
        api = client.ApiClient(configuration)
        api.user_agent, api.deserialize = "houston", _decoded
        return cls(api, refresh)

    async def close(self) -> None:
        """Close the connections."""
        if self._refresh is not None:
            self._refresh.cancel()
            await asyncio.gather(self._refresh, return_exceptions=True)
        await self._api.close()

    async def get(
        self, path: str, *, accept: str = _JSON, query: Mapping[str, str] | None = None
    ) -> Any:
        """One object. Raises the errors of `refusal`."""
        return await self._call("GET", path, accept=accept, query=query)

    async def each(
        self, path: str, query: Mapping[str, str] | None = None, *, metadata: bool = False
    ) -> AsyncIterator[Any]:
        """Every item of a list, one page in memory at a time.

        When the pages expire on the way, it goes on behind the last item from the newest state.

        Args:
            metadata: ask for the items' metadata only.
        """
        accept = METADATA_LIST if metadata else _JSON
        token = ""
        while True:
            asked = {**(query or {}), "limit": str(_PAGE), "continue": token}
            try:
                page = await self._call("GET", path, query=asked, accept=accept)
            except Expired as expired:
                if not expired.token or expired.token == token:
                    raise
                token = expired.token
                continue
            for item in page.get("items") or ():
                yield item
            token = (page.get("metadata") or {}).get("continue") or ""
            if not token:
                return

    async def post(
        self, path: str, body: Mapping[str, Any], query: Mapping[str, str] | None = None
    ) -> Any:
        """Create something; never sent twice. Raises UnknownOutcome when no answer came."""
        return await self._call("POST", path, body=body, query=query)

    async def ask(self, path: str, body: Mapping[str, Any]) -> Any:
        """A question that has to be posted and changes nothing."""
        return await self._call("POST", path, body=body, asks=True)

    async def patch(self, path: str, body: Mapping[str, Any], kind: str = MERGE) -> Any:
        """Change something. Raises UnknownOutcome when no answer came."""
        return await self._call("PATCH", path, body=body, content=kind)

    async def delete(self, path: str, uid: str, **options: str) -> None:
        """Delete exactly the object with this uid. Raises UnknownOutcome when no answer came."""
        body = {
            "apiVersion": "v1",
            "kind": "DeleteOptions",
            "preconditions": {"uid": uid},
            **options,
        }
        await self._call("DELETE", path, body=body)

    async def text(self, path: str, query: Mapping[str, str], limit: int) -> str:
        """A text, read until `limit` bytes."""
        answer = await self._sent("GET", path, query=query, accept="text/plain, */*", raw=True)
        try:
            if answer.status != 200:
                body = (await answer.content.read(4096)).decode("utf-8", "replace")
                raise refusal(answer.status, body, answer.headers.get("Retry-After", ""))
            found = bytearray()
            while len(found) < limit and (chunk := await answer.content.read(limit - len(found))):
                found += chunk
            return found.decode("utf-8", "replace")
        except (aiohttp.ClientError, TimeoutError) as error:
            raise _unreachable(error) from error
        finally:
            answer.close()

    async def _call(self, method: str, path: str, *, asks: bool = False, **asked: Any) -> Any:
        answer = await self._sent(method, path, asks=asks, **asked)
        if isinstance(answer, Mapping):
            return answer
        # The library gives a page for people as its text.
        if method == "GET" or asks:
            raise Unavailable(SYSTEM, "the answer is no JSON object", _PROXY)
        raise UnknownOutcome(SYSTEM, "the answer to the change is no JSON object")

    async def _sent(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
        accept: str = _JSON,
        content: str = _JSON,
        raw: bool = False,
        asks: bool = False,
    ) -> Any:
        client, _ = library()
        try:
            return await self._api.call_api(
                path,
                method,
                query_params=[(key, value) for key, value in (query or {}).items() if value],
                header_params={"Accept": accept, "Content-Type": content},
                body=body,
                response_types_map=dict.fromkeys((200, 201, 202), "object"),
                auth_settings=["BearerToken"],
                _preload_content=not raw,
                _return_http_data_only=True,
                _request_timeout=(_CONNECT, _READ),
            )
        except client.ApiException as error:
            headers: Mapping[str, str] = error.headers or {}
            wait = headers.get("Retry-After", "")
            raise refusal(error.status or 0, str(error.body or error.reason or ""), wait) from error
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            if method == "GET" or asks or isinstance(error, aiohttp.ClientConnectorError):
                raise _unreachable(error) from error
            raise UnknownOutcome(SYSTEM, f"{no_answer(error)} after the change was sent") from error
        except ValueError as error:
            raise Unavailable(SYSTEM, "the answer is no JSON", _PROXY) from error


def _decoded(answer: Any, kind: object) -> Any:
    """What an answer says, in place of what the library would make of it; its text for a page."""
    del kind
    try:
        return loads(answer.data)
    except ValueError:
        return answer.data


def _unreachable(error: BaseException) -> Unavailable:
    return Unavailable(
        SYSTEM,
        f"the API server is not reachable: {no_answer(error)}",
        "Is the cluster running?",
    )


def namespaced(group_version: str, namespace: str | None, plural: str) -> str:
    """The path of a kind's list, in one namespace or in all for None."""
    root = f"/apis/{group_version}" if "/" in group_version else f"/api/{group_version}"
    return f"{root}/namespaces/{namespace}/{plural}" if namespace else f"{root}/{plural}"


def selector(wanted: Mapping[str, str]) -> str:
    """A label or field selector that all of these fit."""
    return ",".join(f"{key}={value}" for key, value in sorted(wanted.items()) if value)
