"""A mail server of the tests' own: it speaks SMTP, wants a name and a password, and keeps what it is given."""

from __future__ import annotations

import asyncio
import base64
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage


@dataclass
class Delivered:
    """One message as it came: the envelope, and what was in it."""

    sender: str
    recipients: list[str]
    message: EmailMessage

    @property
    def text(self) -> str:
        return str(self.message.get_content())


@dataclass
class MailServer:
    username: str
    password: str
    port: int = 0
    delivered: list[Delivered] = field(default_factory=list)

    async def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Hold one conversation (RFC 5321, AUTH PLAIN)."""
        known, sender, recipients = False, "", list[str]()
        expected = base64.b64encode(f"\0{self.username}\0{self.password}".encode()).decode()

        def say(line: str) -> None:
            writer.write(f"{line}\r\n".encode())

        say("220 tests ESMTP")
        while line := (await reader.readline()).decode().strip():
            verb, _, rest = line.partition(" ")
            match verb.upper():
                case "EHLO":
                    say("250-tests")
                    say("250 AUTH PLAIN")
                case "AUTH":
                    known = rest == f"PLAIN {expected}"
                    say("235 welcome" if known else "535 who?")
                case "MAIL" | "RCPT" if not known:
                    say("530 authenticate first")
                case "MAIL":
                    sender = _address(rest)
                    say("250 ok")
                case "RCPT":
                    recipients.append(_address(rest))
                    say("250 ok")
                case "DATA":
                    say("354 go on")
                    content = (await reader.readuntil(b"\r\n.\r\n"))[:-3].replace(b"\r\n..", b"\r\n.")
                    message = message_from_bytes(content, policy=policy.default)
                    assert isinstance(message, EmailMessage)
                    self.delivered.append(Delivered(sender, recipients, message))
                    sender, recipients = "", []
                    say("250 taken")
                case "QUIT":
                    say("221 bye")
                    break
                case _:
                    say("250 ok")
        writer.close()


def _address(argument: str) -> str:
    return argument.partition("<")[2].partition(">")[0]


@contextmanager
def mail_server(*, username: str, password: str) -> Iterator[MailServer]:
    """Run a mail server on this machine, in a thread."""
    served, loop, ready = MailServer(username, password), asyncio.new_event_loop(), threading.Event()

    async def begin() -> None:
        server = await asyncio.start_server(served.converse, "127.0.0.1", 0)
        served.port = server.sockets[0].getsockname()[1]
        ready.set()

    def run() -> None:
        loop.run_until_complete(begin())
        loop.run_forever()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    ready.wait()
    try:
        yield served
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
