"""Where entries are forwarded to, named by addresses.

    syslog+tcp://host:601         RFC 5424 in the frames of RFC 6587 (octet counting)
    syslog+tls://host:6514        the same over TLS (RFC 5425); ?ca=FILE, ?cert=FILE&key=FILE for own certificates
    syslog+udp://host:514         one datagram an entry (RFC 5426)
    https://host/path             lines of JSON, posted; with the user of the address, or the token of the settings

HTTP acknowledges with its status. Syslog has no acknowledgement: over TCP and TLS a batch has a connection of its own,
whose end the server answers by closing its side, which it does when it has read everything; if it dies before, the
system answers with a reset and the batch is sent again. Over UDP nobody can know what arrived.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit

import httpx

from llmasos.audit.canonical import written_time
from llmasos.audit.interchange.tables import entry_json
from llmasos.audit.reading import Placed

_SECONDS = 10.0
# Facility 13 of RFC 5424 is "log audit".
_FACILITY = 13
_SEVERITIES: Mapping[str, int] = {"success": 6, "denied": 5, "failure": 4}
_LARGEST_SEQUENCE_ID = 2**31 - 1
_PORTS = {"syslog+tcp": 601, "syslog+tls": 6514, "syslog+udp": 514}


class DestinationError(Exception):
    """Entries were not taken. The message is for operators and holds no credentials."""


@dataclass(frozen=True, slots=True)
class Destination:
    """One place, as the settings name it. ``token`` is sent to HTTP collectors as a bearer token."""

    address: str
    token: str = ""

    @property
    def name(self) -> str:
        """The address without user, password and options: what the state and the log show."""
        parts = urlsplit(self.address)
        port = f":{parts.port}" if parts.port else ""
        return f"{parts.scheme}://{parts.hostname or ''}{port}{parts.path}"[:255]

    def send(self, entries: Sequence[Placed]) -> None:
        """Hand entries over, in order.

        Raises:
            DestinationError: it is not sure that all arrived, so they must be sent again.
        """
        try:
            self._sender(entries)
        except (OSError, httpx.HTTPError) as error:
            raise DestinationError(f"{type(error).__name__}: {error}".removesuffix(": ")) from error

    def _sender(self, entries: Sequence[Placed]) -> None:
        parts = urlsplit(self.address)
        if parts.scheme in {"http", "https"}:
            self._post(entries)
        elif parts.scheme == "syslog+udp":
            (family, *_, place), *_ = socket.getaddrinfo(*self._place(), type=socket.SOCK_DGRAM)
            with socket.socket(family, socket.SOCK_DGRAM) as out:
                for entry in entries:
                    out.sendto(syslog_message(entry), place)
        elif parts.scheme in _PORTS:
            self._stream(entries, tls=parts.scheme == "syslog+tls")
        else:
            raise DestinationError(f"{parts.scheme} is none of syslog+tcp, syslog+tls, syslog+udp and https.")

    def _place(self) -> tuple[str, int]:
        parts = urlsplit(self.address)
        return parts.hostname or "localhost", parts.port or _PORTS[parts.scheme]

    def _stream(self, entries: Sequence[Placed], *, tls: bool) -> None:
        host, port = self._place()
        messages = map(syslog_message, entries)
        frames = b"".join(b"%d %b" % (len(message), message) for message in messages)
        with socket.create_connection((host, port), timeout=_SECONDS) as plain:
            if tls:
                with self._context().wrap_socket(plain, server_hostname=host) as sealed:
                    sealed.sendall(frames)
                    _close_tls(sealed)
            else:
                plain.sendall(frames)
                plain.shutdown(socket.SHUT_WR)
                _await_end(plain)

    def _context(self) -> ssl.SSLContext:
        options = {name: values[-1] for name, values in parse_qs(urlsplit(self.address).query).items()}
        context = ssl.create_default_context(cafile=options.get("ca"))
        if "cert" in options:
            context.load_cert_chain(options["cert"], options.get("key"))
        return context

    def _post(self, entries: Sequence[Placed]) -> None:
        parts = urlsplit(self.address)
        auth = (unquote(parts.username), unquote(parts.password or "")) if parts.username else None
        host = parts.netloc.rpartition("@")[2]
        first, last = entries[0], entries[-1]
        headers = {
            "Content-Type": "application/x-ndjson",
            # The same entries have the same key, so that a collector can drop what it has.
            "Idempotency-Key": f"{first.entry.organisation_id}-{first.seq}-{last.seq}",
            **({"Authorization": f"Bearer {self.token}"} if self.token and auth is None else {}),
        }
        lines = "".join(f"{entry_json(entry)}\n" for entry in entries)
        address = parts._replace(netloc=host).geturl()
        answer = httpx.post(
            address, content=lines.encode(), headers=headers, auth=auth, timeout=_SECONDS, follow_redirects=False
        )
        if not answer.is_success:
            raise DestinationError(f"the collector answered {answer.status_code}")


def syslog_message(placed: Placed) -> bytes:
    """Return an entry as in RFC 5424: the action as message id, the entry as JSON."""
    entry = placed.entry
    priority = _FACILITY * 8 + _SEVERITIES.get(entry.outcome, 6)
    number = (placed.seq - 1) % _LARGEST_SEQUENCE_ID + 1
    about = f'[meta sequenceId="{number}"][origin software="llmasos"]'
    host = socket.gethostname()[:255] or "-"
    head = f"<{priority}>1 {written_time(entry.recorded_at)} {host} llmasos - {entry.action[:32]} {about} "
    return head.encode("ascii", "replace") + entry_json(placed).encode()


def _await_end(connection: socket.socket) -> None:
    while connection.recv(4_096):
        pass


def _close_tls(connection: ssl.SSLSocket) -> None:
    try:
        _await_end(connection.unwrap())
    except ssl.SSLError as error:
        # A server may close the connection without saying so in TLS first; a reset is another error.
        if not isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError):
            raise
