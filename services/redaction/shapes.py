"""What keys of well-known services look like. Each shape has a head: a text without it can't hold one.

The formats are those of detect-secrets 1.5 (its plugins for AWS, GitHub, GitLab, OpenAI, Slack, Stripe, npm, PyPI,
SendGrid, JSON Web Tokens and private keys) and of the services' own pages (Anthropic, Groq, Google, Hugging Face,
Linear, Atlassian, GitHub's fine-grained tokens). Nothing is guessed from randomness alone: a commit or a checksum is no
secret.
"""

import re
from dataclasses import dataclass

_W = r"[A-Za-z0-9_-]"
_RANDOM = r"(?=[^\s\"']{0,64}\d)(?=[^\s\"']{0,64}[A-Za-z])"  # letters and a digit: prose and code have no such words


@dataclass(frozen=True)
class Shape:
    """`pattern` is matched where a head stands and has one group, the secret itself. `apart`: its head begins a word.

    `body` is what may follow a head: a piece of text that ends in it may go on.
    """

    name: str
    heads: tuple[str, ...]
    pattern: re.Pattern[str]
    body: str
    apart: bool = False

    def begins_at(self, text: str, at: int) -> bool:
        """Whether the head that stands there may be one of ours."""
        return not (self.apart and at and (text[at - 1].isalnum() or text[at - 1] == "_"))


def _shape(name: str, heads: str, after: str, body: str = _W) -> Shape:
    """A key that begins with one of the heads, where no word goes on into it."""
    names = tuple(heads.split())
    either = "|".join(re.escape(head) for head in names)
    return Shape(name, names, re.compile(rf"((?:{either}){after})"), body, apart=True)


KEY_BEGIN = "-----BEGIN "
_PEM = re.compile(
    r"(-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----"
    r"(?:(?:[^-]|-(?!----)){0,16384}-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----"
    r"|(?:[A-Za-z0-9+/=\s:,-]|\\[nr]){0,16384}))"
)
_ASSIGNED = re.compile(
    r"(?:API_?KEY|ACCESS_KEY|PRIVATE_KEY|SECRET(?:_[A-Z]*KEY)?|PASSWORD|PASSWD|TOKEN|CREDENTIALS)"
    rf"\\?[\"']?[:=] ?\\?[\"']?{_RANDOM}([A-Za-z0-9+/=_.~!@#%^*-]{{12,512}})(?![(\[A-Za-z0-9])"
)

ASSIGNED = ("API_KEY", "APIKEY", "ACCESS_KEY", "PRIVATE_KEY", "SECRET", "PASSW", "TOKEN", "CREDENTIALS")

SHAPES: tuple[Shape, ...] = (
    Shape("private key", (KEY_BEGIN,), _PEM, r"[\s\S]"),
    Shape(
        "password in URL",
        ("://",),
        re.compile(r"://[^\s/?#@:\"'<>\\]{0,128}:([^\s/?#@\"'<>\\\[]{1,256})@"),
        r"[^\s/?#@\"'<>\\]",
    ),
    Shape(
        "authorization",
        ("uthorization",),
        re.compile(
            r"uthorization\\?[\"']?\s{0,3}[:=,]\s{0,3}\\?[\"']?(?:[Bb]earer|[Bb]asic|[Tt]oken)\s{1,3}(?!<)([^\s\"',;\\]{8,})"
        ),
        r"[^,;\r\n]",
    ),
    Shape(
        "bearer token",
        ("earer ",),
        re.compile(rf"earer {_RANDOM}([A-Za-z0-9._~+/=-]{{15,}}[A-Za-z0-9_~+/=-])"),
        r"[A-Za-z0-9._~+/=-]",
    ),
    Shape("assigned secret", ASSIGNED, _ASSIGNED, r"[^,;\r\n]"),
    Shape("session", ("wfhub_session_",), re.compile(r"wfhub_session_\d+=([A-Za-z0-9_-]{16,})"), r"[A-Za-z0-9_=-]"),
    Shape("sign-in code", ("login?code=",), re.compile(r"login\?code=([A-Za-z0-9_-]{16,})"), _W),
    _shape("run token", "wfr_", r"[A-Za-z0-9_-]{1,64}\.[a-z0-9_-]{1,64}\.[A-Za-z0-9_-]{40,}", r"[A-Za-z0-9_.-]"),
    _shape("AWS key", "AKIA ASIA ABIA ACCA", r"[0-9A-Z]{16}(?![0-9A-Za-z])", r"[0-9A-Z]"),
    _shape("GitHub token", "ghp_ gho_ ghu_ ghs_ ghr_", r"[A-Za-z0-9_]{36,255}"),
    _shape("GitHub token", "github_pat_", r"[A-Za-z0-9_]{50,255}"),
    _shape(
        "GitLab token",
        "glpat- gldt- glrt- glptt- glagent- gloas- glcbt- glft- glsoat-",
        r"[A-Za-z0-9_-]{20,}(?:\.[A-Za-z0-9_-]+)*",
        r"[A-Za-z0-9_.-]",
    ),
    _shape("model provider's key", "sk-", rf"(?=[^\s]{{0,64}}\d){_W}{{20,}}"),
    _shape("model provider's key", "gsk_ hf_ r8_ xai-", r"[A-Za-z0-9]{30,}"),
    _shape("Google key", "AIza", rf"{_W}{{35}}"),
    _shape("Google token", "ya29. GOCSPX-", r"[A-Za-z0-9_.-]{20,}[A-Za-z0-9_-]", r"[A-Za-z0-9_.-]"),
    _shape("Slack token", "xoxa- xoxb- xoxp- xoxo- xoxs- xoxr- xoxe- xapp-", r"[A-Za-z0-9-]{10,}"),
    _shape("Slack hook", "hooks.slack.com/services/", r"[A-Za-z0-9/_-]{20,}", r"[A-Za-z0-9/_-]"),
    _shape("Stripe key", "sk_live_ rk_live_ sk_test_ rk_test_ whsec_", r"[0-9A-Za-z]{20,}"),
    _shape("npm token", "npm_", r"[A-Za-z0-9]{36}"),
    _shape("PyPI token", "pypi-AgE", rf"{_W}{{50,}}"),
    _shape("SendGrid key", "SG.", r"[A-Za-z0-9_-]{16,32}\.[A-Za-z0-9_-]{30,64}", r"[A-Za-z0-9_.-]"),
    _shape("tracker's key", "lin_api_ lin_oauth_ ATATT3 ATCTT3", r"[A-Za-z0-9_=-]{30,}", r"[A-Za-z0-9_=-]"),
    _shape(
        "JSON Web Token",
        "eyJ",
        r"[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}",
        r"[A-Za-z0-9_.-]",
    ),
)

HEADS: tuple[tuple[str, int], ...] = tuple(
    (head, number) for number, shape in enumerate(SHAPES) for head in shape.heads
)


Span = tuple[int, int, re.Match[str], Shape]


# What several heads have in common: where it is missing they need not be looked for one by one.
_COMMON = ("gl", "xox", "gh", "k_", "lin_", "TT3")


def _grouped() -> tuple[tuple[str, tuple[tuple[str, int], ...]], ...]:
    """Each head once, under the first part that it holds; the empty one is in every text."""
    groups: dict[str, list[tuple[str, int]]] = {part: [] for part in (*_COMMON, "")}
    for head, number in HEADS:
        groups[next(part for part in groups if part in head)].append((head, number))
    return tuple((part, tuple(heads)) for part, heads in groups.items())


_GROUPS = _grouped()


def found_in(text: str) -> list[Span]:
    """Where keys stand, from left to right and none within another: begin and end of the whole match.

    Looking for each head by itself is many times as quick as one pattern for all.
    """
    here = [one for part, heads in _GROUPS if part in text for one in heads if one[0] in text]
    spans: list[Span] = []
    for head, number in here:
        shape, at = SHAPES[number], text.find(head)
        while at >= 0:
            if shape.begins_at(text, at) and (match := shape.pattern.match(text, at)):
                spans.append((at, match.end(), match, shape))
            at = text.find(head, at + 1)
    return _outermost(spans) if len(spans) > 1 else spans


def _outermost(spans: list[Span]) -> list[Span]:
    kept: list[Span] = []
    for span in sorted(spans, key=lambda span: (span[0], -span[1])):
        if not kept or span[0] >= kept[-1][1]:
            kept.append(span)
    return kept
