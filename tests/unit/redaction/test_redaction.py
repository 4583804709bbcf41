"""The redactor: every form of a secret goes, whatever else stands there stays, and no cut lets one through."""

import base64
import hashlib
import json
import time
from itertools import pairwise
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.redaction import KNOWN, Redactor, Stream
from services.redaction.forms import forms_of, searchable
from services.redaction.shapes import SHAPES

SECRET = 'p/a+s s"w\\ö:0123456789'
TOKEN = "Zk3vRr0hJ2m9Qw8sXb71LtYcNn5uPd6e"

PEM = "-----BEGIN RSA " + "PRIVATE KEY-----\nMIIEow0123IBAAKCAQEA\nab+/cd==\n-----END RSA " + "PRIVATE KEY-----"
# One example of each shape. Put together here, so that no scanner takes this file for a leak.
EXAMPLES = [
    ("private key", PEM),
    ("password in URL", "hunter2%21x"),
    ("authorization", "dXNlcjpwYXNzd29yZA=="),
    ("bearer token", "abcdefgh12345678ABC"),
    ("assigned secret", "a1b2c3d4e5f6g7h8"),
    ("session", "Zk3vRr0hJ2m9Qw8sXb71"),
    ("sign-in code", "Zk3vRr0hJ2m9Qw8sXb71L"),
    ("run token", "wfr_" + "0192b7a4-7c1e-7d3a-9d5f-2f6a1c0b4e11.2-aider." + "A1" * 21),
    ("AWS key", "AKIA" + "IOSFODNN7EXAMPLE"),
    ("GitHub token", "ghp_" + "a1B2" * 9),
    ("GitHub token", "github_pat_" + "a1B2c3" * 10),
    ("GitLab token", "glpat-" + "a1B2c3d4" * 3),
    ("model provider's key", "sk-proj-" + "a1B2c3d4" * 5),
    ("model provider's key", "gsk_" + "a1B2c3d4" * 6),
    ("Google key", "AIza" + "a1B2c3d" * 5),
    ("Google token", "ya29." + "a1B2c3d" * 5),
    ("Slack token", "xoxb-" + "123456789012-abcdefGHIJ"),
    ("Slack hook", "hooks.slack.com/services/" + "T00000000/B00000000/a1b2c3d4e5f6"),
    ("Stripe key", "sk_live_" + "a1B2c3d4" * 3),
    ("npm token", "npm_" + "a1B2c3d4e" * 4),
    ("PyPI token", "pypi-AgE" + "a1B2c3d4e" * 8),
    ("SendGrid key", "SG." + "a1B2c3d4e5f6g7h8i9j0k1" + "." + "a1B2c3d4e5f6g7h8i9j0k1" * 2),
    ("tracker's key", "lin_api_" + "a1B2c3d4" * 5),
    ("JSON Web Token", "eyJhbGciOiJIUzI1NiJ9." + "eyJzdWIiOiIxMjM0NSJ9." + "a1B2c3d4-_" * 4),
]
AROUND = {
    "password in URL": "fetching https://bob:{}@git.example/x.git now",
    "authorization": "authorization: Basic {}\r\n",
    "bearer token": "got Bearer {} from it",
    "assigned secret": 'export MY_API_KEY="{}" && run',
    "session": "cookie: wfhub_session_8002={}; other=1",
    "sign-in code": "see http://127.0.0.1:8002/login?code={} to sign in",
}


def knowing(*secrets: str) -> Redactor:
    redactor = Redactor()
    for secret in secrets:
        redactor.learn("THE_SECRET", secret)
    return redactor


def around(name: str, secret: str) -> str:
    return AROUND.get(name, "it is {} here").format(secret)


def test_there_is_an_example_of_every_shape() -> None:
    assert {shape.name for shape in SHAPES} == {name for name, _ in EXAMPLES}


@pytest.mark.parametrize(("name", "secret"), EXAMPLES)
def test_a_known_format_goes_and_what_stands_around_it_stays(name: str, secret: str) -> None:
    text = around(name, secret)
    clean = Redactor()(text)
    before, _, after = AROUND.get(name, "it is {} here").partition("{}")
    assert clean == f"{before}[redacted:{name}]{after}"
    in_json = json.dumps({"a": text, "b": [text]})
    assert json.loads(Redactor()(in_json)) == {"a": clean, "b": [clean]}
    assert Redactor()(clean) == clean


@pytest.mark.parametrize(
    "form",
    [
        SECRET,
        quote(SECRET, safe=""),
        quote(SECRET),
        json.dumps(SECRET)[1:-1],
        json.dumps(json.dumps(SECRET))[3:-3],
        json.dumps(SECRET, ensure_ascii=False)[1:-1],
        SECRET.encode().hex(),
        SECRET.replace('"', "&quot;"),
    ],
)
def test_a_known_secret_goes_in_every_form(form: str) -> None:
    assert knowing(SECRET)(f"<{form}>") == "<[redacted:THE_SECRET]>"


@given(before=st.binary(max_size=9), after=st.binary(max_size=9))
def test_a_known_secret_goes_out_of_base64_wherever_it_stands_in_it(before: bytes, after: bytes) -> None:
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        text = encode(before + TOKEN.encode() + after).decode()
        assert "[redacted:THE_SECRET]" in knowing(TOKEN)(text)


WHOLE = "\n".join(around(name, secret) for name, secret in EXAMPLES) + f"\nand {TOKEN}, {TOKEN[:10]} and {SECRET}.\n"


@settings(max_examples=150, deadline=None)
@given(cuts=st.lists(st.integers(0, len(WHOLE)), max_size=12))
def test_no_cut_lets_a_secret_through(cuts: list[int]) -> None:
    redactor = knowing(TOKEN, SECRET)
    stream, places = Stream(redactor), [0, *sorted(cuts), len(WHOLE)]
    out = "".join(stream.feed(WHOLE[a:b]) for a, b in pairwise(places)) + stream.end()
    assert out == redactor(WHOLE)


def test_character_by_character_it_is_the_same_and_stays_live() -> None:
    redactor = knowing(TOKEN, SECRET)
    stream = Stream(redactor)
    assert "".join(map(stream.feed, WHOLE)) + stream.end() == redactor(WHOLE)
    live = Stream(redactor)
    assert live.feed("tests/test_money.py ....F..") == "tests/test_money.py ....F.."
    assert live.feed("12 passed, 1 failed\n") == "12 passed, 1 failed\n"
    assert [live.feed("half-a-w"), live.feed("ord done."), live.end()] == ["", "half-a-word done.", ""]


def test_a_key_cut_off_in_the_middle_goes_too() -> None:
    begun = EXAMPLES[0][1][:60]
    assert Redactor()(f"it says {begun}") == "it says [redacted:private key]"
    stream = Stream(Redactor())
    assert stream.feed(begun[:20]) + stream.feed(begun[20:]) + stream.end() == "[redacted:private key]"


@pytest.mark.parametrize(
    "innocent",
    [
        "867fa38bf8c1a0a5e9d36a3b0b0e0b9a7b5f0c11 Count a service that was just killed as gone",
        "https://example.org:8443/a?b=c@d",
        "postgresql://wfhub@db:5432/wfhub",
        "the task-list of a risk-free desk-top-publishing-department2",
        "API_TOKEN = settings.token.get_secret_value()",
        "MAX_TOKENS=8192 and WFHUB_TOKEN_SHA256=" + "0af3" * 16,
        "-----BEGIN CERTIFICATE-----\nMIIB0123\n-----END CERTIFICATE-----",
        "Bearer authentication is described in the guide",
        "def test_refunds_are_limited(): assert refund(10_000) == 'over the limit'",
    ],
)
def test_what_is_no_secret_stays(innocent: str) -> None:
    assert knowing(TOKEN)(innocent) is innocent
    stream = Stream(knowing(TOKEN))
    assert stream.feed(innocent) + stream.end() == innocent


def test_a_weak_password_hides_no_ordinary_words() -> None:
    assert not searchable("postgres") and forms_of("postgres") == set()
    redactor = knowing("postgres")
    assert redactor("postgres is well") == "postgres is well"
    assert redactor("postgresql://wfhub:postgres@db/x") == "postgresql://wfhub:[redacted:password in URL]@db/x"


def test_the_environment_is_learned_by_names_and_by_addresses() -> None:
    redactor = Redactor()
    redactor.learn_environment(
        {
            "WFHUB_TOKEN": TOKEN, "WFHUB_TOKEN_SHA256": "ab" * 32, "DATABASE_URL": "postgresql://me:s3cret%21pass@db/x",
            "WFHUB_SECRET_KEYS_BEFORE": "firstkey1234567890,secondkey1234567890", "PATH": "/usr/bin", "EMPTY_TOKEN": "",
        }
    )  # fmt: skip
    said = f"{TOKEN} {'ab' * 32} s3cret!pass firstkey1234567890 secondkey1234567890 /usr/bin"
    assert redactor(said) == (
        f"[redacted:WFHUB_TOKEN] {'ab' * 32} [redacted:password in DATABASE_URL] [redacted:WFHUB_SECRET_KEYS_BEFORE] "
        "[redacted:WFHUB_SECRET_KEYS_BEFORE] /usr/bin"
    )


def test_a_secret_is_known_while_somebody_holds_it() -> None:
    redactor = Redactor()
    with redactor.knowing("a", TOKEN):
        with redactor.knowing("a", TOKEN):
            pass
        assert TOKEN not in redactor(TOKEN)
    assert redactor(TOKEN) == TOKEN and redactor.forms == ()
    assert Redactor is type(KNOWN)


def test_a_secret_that_only_its_hash_is_known_of() -> None:
    redactor = Redactor()
    redactor.learn_hash("WFHUB_TOKEN", hashlib.sha256(TOKEN.encode()).hexdigest())
    assert redactor(f"WFHUB_TOKEN={TOKEN}\n") == "WFHUB_TOKEN=[redacted:WFHUB_TOKEN]\n"
    stream = Stream(redactor)
    assert "".join(map(stream.feed, f"x {TOKEN}!")) + stream.end() == "x [redacted:WFHUB_TOKEN]!"
    assert redactor(f"{TOKEN}x") == f"{TOKEN}x"


def test_json_values_and_bytes() -> None:
    redactor = knowing(TOKEN)
    assert redactor.value({TOKEN: [1, None, {"x": f"a {TOKEN}"}]}) == {
        "[redacted:THE_SECRET]": [1, None, {"x": "a [redacted:THE_SECRET]"}]
    }
    assert redactor.data(b"\xff" + TOKEN.encode() + b"\xfe") == b"\xff[redacted:THE_SECRET]\xfe"
    binary = bytes(range(256))
    assert redactor.data(binary) is binary


def test_it_is_quick() -> None:
    """Slow enough a bound for any machine; benchmarks/redaction.py measures."""
    redactor = knowing(*(f"{number}{TOKEN}" for number in range(8)))
    text = "def test_refunds(): assert refund(10_000) == limit  # the till's rule\n" * 15_000
    begun = time.perf_counter()
    assert redactor(text) is text
    assert time.perf_counter() - begun < 2


def test_words_about_a_secret_are_none() -> None:
    said = "Send Authorization: Bearer <WFHUB_TOKEN from .env>."
    assert Redactor()(said) == said
    assert "[redacted:authorization]" in Redactor()("Authorization: Bearer WFHUB_TOKEN_0815")
