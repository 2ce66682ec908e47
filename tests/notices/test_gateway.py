"""A message leaves through apprise, to real servers: its key goes with it, and nothing else leaves."""

import logging
import time
import urllib.parse

import pytest

from libs.notify.gateway import ADDRESSES, Gateway, Message, NotSent
from tests.notices.gateways import mail_server, webhook

KEY = "0190c0de-0000-5000-8000-00000000000a.1b2c3d4e5f60"
MESSAGE = Message("13900000001", "【即将到期】LX1", "城管：工单LX1即将到期。", KEY)


def test_a_message_goes_to_the_address_with_its_key_in_a_header() -> None:
    with webhook() as gateway:
        Gateway("sms", gateway.url, 5).send(MESSAGE)
        ((path, key, body),) = gateway.got
    assert (path, key) == ("/to/13900000001", KEY)
    assert (body["title"], body["message"]) == (MESSAGE.title, MESSAGE.body)


def test_a_mail_carries_the_key_in_a_header_and_one_message_id() -> None:
    with mail_server() as box:
        Gateway("mail", box.url, 5).send(
            Message("zhiban@chengguan.example", "【督办】", "请答复。", KEY)
        )
        ((to, mail),) = box.mails
    assert to == ["zhiban@chengguan.example"]
    assert mail["Idempotency-Key"] == KEY
    assert len(mail.get_all("Message-ID", [])) == 1


def test_a_protocol_without_headers_has_the_key_in_the_text_unless_the_template_has_it() -> None:
    with webhook() as gateway:
        bare = f"gotify://127.0.0.1:{gateway.port}/{{address}}"
        Gateway("webhook", bare, 5).send(MESSAGE)
        assert KEY in gateway.got[0][2]["message"]
        Gateway("webhook", f"gotify://127.0.0.1:{gateway.port}/{{key}}/{{address}}", 5).send(MESSAGE)
        assert KEY not in gateway.got[1][2]["message"]
        assert KEY in gateway.got[1][0]


@pytest.mark.parametrize(("status", "why"), [(500, "answered 500"), (403, "answered 403")])
def test_a_refusal_is_told_by_its_status(status: int, why: str) -> None:
    with webhook() as gateway:
        gateway.answers = [status]
        with pytest.raises(NotSent, match=why):
            Gateway("sms", gateway.url, 5).send(MESSAGE)


def test_a_gateway_cannot_send_us_elsewhere() -> None:
    with webhook() as gateway:
        gateway.answers = [302]
        with pytest.raises(NotSent, match="answered 302"):
            Gateway("sms", gateway.url, 5).send(MESSAGE)
        assert [path for path, _, _ in gateway.got] == ["/to/13900000001"]


def test_a_gateway_that_is_not_there_or_does_not_answer_is_told_as_such() -> None:
    with pytest.raises(NotSent, match="no connection"):
        Gateway("sms", "json://127.0.0.1:9/{address}", 5).send(MESSAGE)
    with webhook() as gateway:
        gateway.hangs.set()
        began = time.monotonic()
        with pytest.raises(NotSent, match="no answer in time"):
            Gateway("sms", gateway.url, 0.3).send(MESSAGE)
        assert time.monotonic() - began < 3


def test_neither_an_error_nor_a_log_line_holds_an_address_or_the_gateways_password(
    capfd: pytest.CaptureFixture[str],
) -> None:
    logged: list[str] = []
    ear = logging.Handler(logging.DEBUG)
    ear.emit = lambda record: logged.append(record.getMessage())  # type: ignore[method-assign]
    logging.getLogger().addHandler(ear)
    with pytest.raises(ValueError, match="NOTIFY_SMS") as no_address:
        Gateway("sms", "json://user:secret@127.0.0.1/", 5)
    with pytest.raises(ValueError, match="NOTIFY_SMS") as no_such:
        Gateway("sms", "nonsense://user:secret@127.0.0.1/{address}", 5)
    with pytest.raises(NotSent) as not_sent:
        Gateway("mail", "mailto://u:secret@127.0.0.1:9/?to={address}&from=a@b.cn", 1).send(
            Message("zhang@b.cn", "t", "b", KEY)
        )
    logging.getLogger("urllib3").warning("this line is heard")
    logging.getLogger().removeHandler(ear)
    assert logged[-1] == "this line is heard"
    said = "".join(map(str, (no_address.value, no_such.value, not_sent.value)))
    said += "".join(logged) + "".join(capfd.readouterr())
    for secret in ("secret", "zhang", "127.0.0.1"):
        assert secret not in said


@pytest.mark.parametrize(
    ("channel", "address"),
    [
        ("sms", "+8613900000001"),
        ("mail", "zhi.ban+1@cheng-guan.gov.cn"),
        ("wecom", "zhang_san@corp"),
        ("webhook", "duty-desk_1"),
    ],
)
def test_a_usual_address_is_taken(channel: str, address: str) -> None:
    assert ADDRESSES[channel].fullmatch(address)


HOSTILE = [
    "json://evil.example/",
    "a/../../admin",
    "1@evil.example:80",
    "x?to=evil",
    "x&smtp=evil.example",
    "x%2F..",
    "x\r\nBcc: all@city.example",
    "a@b.cn,c@d.cn",
    "a@b.cn\n",
    "{key}",
    "",
    "1" * 300,
]


@pytest.mark.parametrize("channel", ADDRESSES)
@pytest.mark.parametrize("address", HOSTILE)
def test_an_address_is_no_place_for_a_url_or_a_second_address(channel: str, address: str) -> None:
    assert not ADDRESSES[channel].fullmatch(address)


def test_what_stands_in_an_address_stays_in_its_place() -> None:
    """Even if a pattern let it through."""
    with webhook() as gateway:
        Gateway("webhook", gateway.url, 5).send(Message("a/../b?c=d#e", "t", "b", KEY))
        assert urllib.parse.unquote(gateway.got[0][0]) == "/to/a/../b?c=d#e"
        assert gateway.got[0][0].count("?") == 0
