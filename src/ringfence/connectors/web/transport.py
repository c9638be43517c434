"""A connection to exactly the address that was checked, as a transport of httpx2.

Its one rule: the address comes from `resolve.py`; the URL only gives the header `Host` and the name that the server's
certificate must carry. The time limit is one deadline for all of connecting, TLS, sending and reading, so that a
server that sends a byte now and then gains nothing; what is read from the socket is counted before anybody parses it.

Connections are not kept: what one call did is nothing to the next.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Final, final

import httpcore2
import httpx2

from ringfence.connectors.web.addresses import Address

_OVERHEAD: Final = 1 << 20  # headers, chunk sizes, trailers, TLS records are not in here


@cache
def public_tls() -> ssl.SSLContext:
    """The context for public servers: verified certificates, TLS 1.2 or newer; the environment has no say."""
    context = httpx2.create_ssl_context(trust_env=False)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


@cache
def no_tls() -> ssl.SSLContext:
    """For http: a context that trusts nobody, and is made faster than one that does."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


class OwnMachine(httpx2.ConnectError):
    """The other end is this machine, under an address that looks like any other."""


@final
class _Bounded(httpcore2.NetworkStream):
    """A stream with a deadline for everything and a limit for what is read."""

    def __init__(self, stream: httpcore2.NetworkStream, deadline: float, left: int) -> None:
        self._stream = stream
        self._deadline = deadline
        self._left = left

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        data = self._stream.read(max_bytes, self._time())
        self._left -= len(data)
        if self._left < 0:
            raise httpcore2.RemoteProtocolError("more was sent than is read")
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._time())

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        inner = self._stream.start_tls(ssl_context, server_hostname, self._time())
        return _Bounded(inner, self._deadline, self._left)

    def get_extra_info(self, info: str) -> object:
        return self._stream.get_extra_info(info)

    def _time(self) -> float:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise httpcore2.ReadTimeout("the time is over")
        return left


@final
class _Backend(httpcore2.NetworkBackend):
    """Connects to one address and port, whatever it is asked for."""

    def __init__(self, address: Address, port: int, connect_by: float, deadline: float, limit: int, own: bool) -> None:
        self._place = (address, port)
        self._own = own
        self._connect_by = connect_by
        self._deadline = deadline
        self._limit = limit

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        address, port = self._place
        left = self._connect_by - time.monotonic()
        if left <= 0:
            raise httpcore2.ConnectTimeout("the time is over")
        stream = httpcore2.SyncBackend().connect_tcp(str(address), port, timeout=left)
        if not self._own and stream.get_extra_info("client_addr")[0] == str(address):
            # The own public address leads past the firewall to whatever listens here. Nothing has been sent.
            stream.close()
            raise OwnMachine("the other end is this machine")
        return _Bounded(stream, self._deadline, self._limit + _OVERHEAD)


@final
class _Stream(httpx2.SyncByteStream):
    """The body as it comes, its errors as those of httpx2."""

    def __init__(self, stream: Iterable[bytes], connection: httpcore2.HTTPConnection) -> None:
        self._stream = stream
        self._connection = connection

    def __iter__(self) -> Iterator[bytes]:
        try:
            yield from self._stream
        except httpcore2.TimeoutException as problem:
            raise httpx2.ReadTimeout(str(problem)) from None
        except (httpcore2.ProtocolError, httpcore2.NetworkError) as problem:
            raise httpx2.RemoteProtocolError(str(problem)) from None

    def close(self) -> None:
        self._connection.close()


@final
class PinnedTransport(httpx2.BaseTransport):
    """One request over one connection to `address` and `port`.

    `connect_by` and `deadline` are times of time.monotonic(): until it is connected, and until all is read.
    `own`: the other end may be this machine. `limit` is how many bytes of a body are wanted; the socket is read a
    little further, for all that is no body.
    """

    def __init__(
        self,
        address: Address,
        port: int,
        *,
        connect_by: float,
        deadline: float,
        limit: int,
        tls: ssl.SSLContext | None,
        own: bool = False,
    ) -> None:
        self._backend = _Backend(address, port, connect_by, deadline, limit, own)
        self._tls = tls

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send the request and read the head of the answer. Raises httpx2.HTTPError."""
        url = request.url
        made = httpcore2.Request(
            request.method,
            httpcore2.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
            headers=request.headers.raw,
            content=b"",
        )
        tls = (public_tls() if self._tls is None else self._tls) if url.scheme == "https" else no_tls()
        connection = httpcore2.HTTPConnection(made.url.origin, tls, http1=True, network_backend=self._backend)
        try:
            response = connection.handle_request(made)
        except httpcore2.ConnectTimeout as problem:
            connection.close()
            raise httpx2.ConnectTimeout(str(problem)) from None
        except httpcore2.TimeoutException as problem:
            connection.close()
            raise httpx2.ReadTimeout(str(problem)) from None
        except (httpcore2.ConnectError, ssl.SSLError) as problem:
            connection.close()
            raise httpx2.ConnectError(str(problem)) from None
        except (httpcore2.ProtocolError, httpcore2.NetworkError) as problem:
            connection.close()
            raise httpx2.RemoteProtocolError(str(problem)) from None
        except BaseException:
            connection.close()
            raise
        assert isinstance(response.stream, Iterable)
        return httpx2.Response(response.status, headers=response.headers, stream=_Stream(response.stream, connection))
