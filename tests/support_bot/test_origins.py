from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from support_bot.sites import normal_origin


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("https://shop.example", "https://shop.example"),
        ("HTTPS://Shop.Example/", "https://shop.example"),
        ("shop.example", "https://shop.example"),
        ("https://shop.example:443", "https://shop.example"),
        ("http://localhost:8080", "http://localhost:8080"),
        ("https://müller.example", "https://xn--mller-kva.example"),
        ("http://[::1]:9000", "http://[::1]:9000"),
        ("self", "self"),
    ],
)
def test_an_origin_is_written_as_browsers_do(written: str, meant: str) -> None:
    assert normal_origin(written) == meant


@pytest.mark.parametrize(
    "written",
    [
        "https://shop.example/help",
        "javascript:alert(1)",
        "https://shop.example; script-src *",
        "https://*",
        "https://user@shop.example",
        "'unsafe-inline'",
        "https://",
        "https://shop.example:port",
    ],
)
def test_what_is_no_origin_is_refused(written: str) -> None:
    with pytest.raises(ValidationError):
        normal_origin(written)
