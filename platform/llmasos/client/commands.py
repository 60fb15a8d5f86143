"""The command line `llmasos`: chat, generate, ask, embed, search, models, login."""

from __future__ import annotations

import argparse
import getpass
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

from llmasos.client.blocking import Client
from llmasos.client.credentials import (
    DEFAULT_BASE_URL,
    Credentials,
    normalise_base_url,
    user_credentials_path,
    write_credentials,
)
from llmasos.client.errors import ConfigurationError, LLMasOSError
from llmasos.client.results import Message
from llmasos.client.streams import Stream
from llmasos.client.transport import DEFAULT_MAX_TOKENS, DEFAULT_TIMEOUT_SECONDS
from llmasos.client.version import VERSION

_EXIT_FAILED = 1
_EXIT_INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return the exit status: 0 good, 1 failed, 2 wrong usage, 130 interrupted."""
    options = _parser().parse_args(arguments)
    command: Callable[[argparse.Namespace], None] = options.command
    try:
        command(options)
    except LLMasOSError as error:
        print(f"llmasos: {error}", file=sys.stderr)
        return _EXIT_FAILED
    except (KeyboardInterrupt, EOFError):
        print(file=sys.stderr)
        return _EXIT_INTERRUPTED
    except BrokenPipeError:  # the reader of our output has gone, as with `| head`
        sys.stderr.close()
        return _EXIT_FAILED
    return 0


def _parser() -> argparse.ArgumentParser:
    server = argparse.ArgumentParser(add_help=False)
    server.add_argument("--base-url", help="the server's address (else LLMASOS_BASE_URL, else stored)")
    server.add_argument(
        "--timeout",
        type=float,
        default=DEFAULT_TIMEOUT_SECONDS,
        help="seconds to wait for an answer (default %(default)s)",
    )
    server.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    writing = argparse.ArgumentParser(add_help=False)
    writing.add_argument("--model", help="see `llmasos models`; default: the server's")
    writing.add_argument("--max-tokens", type=int, default=DEFAULT_MAX_TOKENS)
    writing.add_argument("--temperature", type=float)
    writing.add_argument("--top-p", type=float)
    writing.add_argument("--stop", action="append", help="end before this text; may be repeated")
    writing.add_argument("--seed", type=int)

    parser = argparse.ArgumentParser(
        prog="llmasos", description="Use the models and the knowledge of an LLMasOS server."
    )
    parser.add_argument("--version", action="version", version=f"llmasos {VERSION}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    chat = commands.add_parser(
        "chat", parents=[server, writing], help="talk to a model; without a message, a conversation"
    )
    chat.add_argument("message", nargs="?", help='one message, or "-" to read it from standard input')
    chat.add_argument("--system", help="what the model is told about its part")
    chat.set_defaults(command=_chat)

    generate = commands.add_parser("generate", parents=[server, writing], help="write text for a prompt")
    generate.add_argument("prompt", help='the prompt, or "-" to read it from standard input')
    generate.add_argument("--raw", action="store_true", help="continue the text exactly, without the chat form")
    generate.set_defaults(command=_generate)

    ask = commands.add_parser("ask", parents=[server], help="answer a question from the knowledge")
    ask.add_argument("question", help='the question, or "-" to read it from standard input')
    ask.add_argument("--collection", action="append", help="name or id; may be repeated")
    ask.set_defaults(command=_ask)

    embed = commands.add_parser("embed", parents=[server], help="turn texts into vectors")
    embed.add_argument("text", nargs="*", help="texts; none: one a line from standard input")
    embed.add_argument("--model")
    embed.set_defaults(command=_embed)

    search = commands.add_parser("search", parents=[server], help="find passages in the knowledge")
    search.add_argument("query")
    search.add_argument("--collection", action="append", help="name or id; may be repeated")
    search.add_argument("-k", type=int, default=5, help="how many passages (default %(default)s)")
    search.set_defaults(command=_search)

    models = commands.add_parser("models", parents=[server], help="list the models")
    models.set_defaults(command=_models)

    login = commands.add_parser("login", parents=[server], help="store a server and its key")
    login.add_argument("--key-stdin", action="store_true", help="read the key from standard input, for scripts")
    login.set_defaults(command=_login)
    return parser


def _client(options: argparse.Namespace) -> Client:
    return Client(base_url=options.base_url, timeout=options.timeout)


def _writing_options(options: argparse.Namespace) -> dict[str, Any]:
    return {
        "model": options.model,
        "max_tokens": options.max_tokens,
        "temperature": options.temperature,
        "top_p": options.top_p,
        "stop": options.stop,
        "seed": options.seed,
    }


def _chat(options: argparse.Namespace) -> None:
    turns = [Message("system", options.system)] if options.system else []
    with _client(options) as client:
        if options.message is not None:
            turns.append(Message("user", _text_or_stdin(options.message)))
            _answer(client, turns, options)
        else:
            _converse(client, turns, options)


def _converse(client: Client, turns: list[Message], options: argparse.Namespace) -> None:
    if options.json:
        raise ConfigurationError("--json needs the message on the command line.")
    print("Write a message; an empty line or Ctrl-D ends the conversation.", file=sys.stderr)
    while True:
        try:
            line = input("> ").strip()
        except EOFError:
            print(file=sys.stderr)
            return
        if not line:
            return
        turns.append(Message("user", line))
        turns.append(Message("assistant", _answer(client, turns, options)))


def _answer(client: Client, turns: list[Message], options: argparse.Namespace) -> str:
    with client.stream(turns, **_writing_options(options)) as stream:
        return _show(stream, options)


def _show(stream: Stream, options: argparse.Namespace) -> str:
    """Print pieces as they arrive, or the whole answer as one JSON object."""
    for piece in stream:
        if not options.json:
            print(piece, end="", flush=True)
    if options.json:
        _print_json(
            {
                "text": stream.text,
                "model": stream.model,
                "finish_reason": stream.finish_reason,
                "usage": asdict(stream.usage) if stream.usage else None,
            }
        )
    else:
        print(flush=True)
    return stream.text


def _generate(options: argparse.Namespace) -> None:
    prompt = _text_or_stdin(options.prompt)
    with _client(options) as client:
        if options.raw:
            text = client.generate_text(prompt, raw=True, **_writing_options(options))
            if options.json:
                _print_json({"text": text})
            else:
                print(text)
        else:
            with client.stream(prompt, **_writing_options(options)) as stream:
                _show(stream, options)


def _ask(options: argparse.Namespace) -> None:
    with _client(options) as client:
        answer = client.support.ask(_text_or_stdin(options.question), collection=options.collection)
    if options.json:
        _print_json(asdict(answer))
        return
    print(answer.text)
    for citation in answer.citations:
        place = " > ".join(part for part in (citation.title, citation.heading) if part)
        print(f"[{citation.n}] {place}" + (f"  {citation.url}" if citation.url else ""))


def _embed(options: argparse.Namespace) -> None:
    texts = options.text or [line.rstrip("\r\n") for line in sys.stdin]
    with _client(options) as client:
        result = client.embed(texts, model=options.model)
    if options.json:
        _print_json({"model": result.model, "dimensions": result.dimensions, "vectors": list(result)})
        return
    for vector in result:
        print(json.dumps(vector))


def _search(options: argparse.Namespace) -> None:
    with _client(options) as client:
        hits = client.search(options.query, collection=options.collection, k=options.k)
    if options.json:
        _print_json({"hits": [asdict(hit) for hit in hits]})
        return
    if not hits:
        print("Nothing found.", file=sys.stderr)
    for number, hit in enumerate(hits, start=1):
        heading = " > ".join((hit.title, *hit.heading_path))
        print(f"{number}. {heading}  ({hit.score:.3f})")
        if hit.url:
            print(f"   {hit.url}")
        print("   " + hit.text.strip().replace("\n", "\n   "))


def _models(options: argparse.Namespace) -> None:
    with _client(options) as client:
        models = client.models()
    if options.json:
        _print_json({"models": [asdict(model) for model in models]})
        return
    width = max((len(model.id) for model in models), default=0)
    for model in models:
        print(f"{model.id:<{width}}  {model.task}".rstrip())


def _login(options: argparse.Namespace) -> None:
    """Ask for server and key, prove that they work, and only then store them."""
    base_url = options.base_url
    if base_url is None and not options.key_stdin:
        base_url = input(f"Server [{DEFAULT_BASE_URL}]: ").strip()
    base_url = normalise_base_url(base_url or DEFAULT_BASE_URL)
    key = sys.stdin.readline() if options.key_stdin else getpass.getpass("API key: ")
    credentials = Credentials(base_url=base_url, api_key=key.strip())
    if not credentials.api_key:
        raise ConfigurationError("No key was given; nothing is stored.")
    with Client(base_url=base_url, api_key=credentials.api_key, timeout=options.timeout) as client:
        client.models()
    path = write_credentials(user_credentials_path(), credentials)
    if options.json:
        _print_json({"base_url": base_url, "path": str(path)})
    else:
        print(f"The key works. Stored in {path}.")


def _text_or_stdin(text: str) -> str:
    return sys.stdin.read() if text == "-" else text


def _print_json(body: object) -> None:
    print(json.dumps(body, ensure_ascii=False))
