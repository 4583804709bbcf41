"""Which facts a question is about: by what it asks after, then by the words it shares with them."""

import re
from collections.abc import Sequence

from services.guide.facts import Fact

# A question's words, and the kinds of facts it asks after, the most telling first.
TOPICS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (r"cost|costs|spen[dt]\w*|price|money|budget\w*|tokens?|usd|dollars?|expensive|cheap\w*|paid", ("cost", "run")),
    (r"wait\w*|needs? me|for me|my (turn|word)|inbox|next|todo|decide|approv\w*|answer", ("wait", "question", "state")),
    (
        r"why|fail\w*|wrong|broke\w*|error\w*|red|reject\w*|sent back|stuck|stall\w*|block\w*",
        ("gate", "finding", "run", "wait", "state"),
    ),
    (r"finding\w*|vulnerab\w*|secur\w*|bugs?|scan\w*|severity|leak\w*", ("finding", "gate")),
    (r"criteri\w*|done|ready|prove[nd]?|proofs?|evidence|accept\w*|met|tests?|pass\w*", ("criterion", "proof", "gate")),
    (r"runs?|attempt\w*|rounds?|model|who|when|how long|time|minutes|slow|agent", ("run", "state")),
    (r"chang\w*|files?|diff|commit\w*|branch\w*|merge[ds]?|wrote|code|lines?", ("change", "run", "state")),
    (r"plan\w*|request\w*|ask\w*", ("plan", "request", "question")),
    (r"status|how (far|is|are)|progress|going|under way|open|left", ("state", "wait", "plan")),
)
_TOPICS = tuple((re.compile(rf"\b(?:{words})\b"), kinds) for words, kinds in TOPICS)
_WORD = re.compile(r"[\w-]{4,}")
_SAYS_NOTHING = frozenset(
    ["about", "does", "from", "have", "into", "that", "their", "them", "then", "there", "this", "what", "when", "where"]
)
BY_TOPIC, BY_PLACE_IN_TOPIC, BY_WORD, WORDS_COUNTED = 10.0, 2.0, 1.5, 4


def ranked(facts: Sequence[Fact], question: str) -> list[Fact]:
    """The ones that the question is most likely about first; of equal ones as they came."""
    asked = question.lower()
    weights: dict[str, float] = {}
    for words, kinds in _TOPICS:
        if words.search(asked):
            for place, kind in enumerate(kinds):
                weights[kind] = max(weights.get(kind, 0.0), BY_TOPIC - BY_PLACE_IN_TOPIC * place)
    mine = set(_WORD.findall(asked)) - _SAYS_NOTHING
    scores = [weights.get(fact.kind, 0.0) + BY_WORD * _shared(fact, mine) for fact in facts]
    order = sorted(range(len(facts)), key=lambda number: -scores[number])
    return [facts[number] for number in order]


def _shared(fact: Fact, words: set[str]) -> int:
    return min(WORDS_COUNTED, len(words & set(_WORD.findall(fact.text.lower()))))
