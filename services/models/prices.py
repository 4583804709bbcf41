"""What a call costs in US dollars: from genai-prices' bundled list, or nothing for a model of one's own."""

import math
import sys
import time
from dataclasses import dataclass
from functools import lru_cache

from services.models.providers import Provider, runs_elsewhere

RATE_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Price:
    """The price of one model. `url` is None for a free one."""

    model: str = ""
    url: str | None = None

    def cost(self, tokens_in: int, tokens_out: int, cached: int = 0, written: int = 0, kept_long: int = 0) -> float:
        """US dollars. `cached` tokens, read from a cache, and `written` ones are part of `tokens_in`; `kept_long` of
        the written ones are kept for an hour, which costs more.

        Raises LookupError for a model not in the list.
        """
        if self.url is None:
            return 0.0
        cached, written = min(cached, tokens_in), min(written, tokens_in - min(cached, tokens_in))
        counts = tokens_in, tokens_out, cached, written, min(kept_long, written)
        rates = _rates(self.model, self.url, int(time.time() // RATE_SECONDS))
        return _listed_cost(self.model, self.url, *counts) if rates is None else rates.cost(*counts)


@dataclass(frozen=True, slots=True)
class _Rates:
    """US dollars for a token of each kind."""

    fresh: float
    out: float
    cached: float
    written: float
    kept_long: float

    def cost(self, tokens_in: int, tokens_out: int, cached: int, written: int, kept_long: int) -> float:
        read = (tokens_in - cached - written) * self.fresh + cached * self.cached
        return read + (written - kept_long) * self.written + kept_long * self.kept_long + tokens_out * self.out


@lru_cache(maxsize=256)
def _rates(model: str, url: str, _moment: int) -> _Rates | None:
    """The list's own calculation takes as long as everything else in a call. None where a token's price depends on how
    many there are: that is asked of the list each time. Some prices change by the hour, hence the moment."""
    few, many = _rates_of(model, url, 1_000), _rates_of(model, url, 10_000_000)
    same = all(math.isclose(a, b, rel_tol=1e-9) for a, b in zip(few, many, strict=True))
    return _Rates(*few) if same else None


def _rates_of(model: str, url: str, n: int) -> list[float]:
    kinds = ((n, 0, 0, 0, 0), (0, n, 0, 0, 0), (n, 0, n, 0, 0), (n, 0, 0, n, 0), (n, 0, 0, n, n))
    return [_listed_cost(model, url, *counts) / n for counts in kinds]


def _listed_cost(model: str, url: str, tokens_in: int, tokens_out: int, cached: int, written: int, kept: int) -> float:
    from genai_prices import Usage, calc_price  # half a second, and only for clouds

    usage = Usage(
        input_tokens=tokens_in,
        output_tokens=tokens_out,
        cache_read_tokens=cached,
        cache_write_tokens=written,
        cache_write_1h_tokens=kept,
    )
    return float(calc_price(usage, model, provider_api_url=url).total_price)


FREE = Price()


def price_of(provider: Provider, model: str) -> Price | None:
    """The price of a provider's model, None when nobody knows it. See `takes_long`."""
    if provider.local:
        return None if runs_elsewhere(model) else FREE
    return _listed(model, provider.price_url) if provider.price_url else None


def takes_long(provider: Provider) -> bool:
    """Whether to ask for a price in a thread: the list takes half a second to load, and that once."""
    return not provider.local and "genai_prices" not in sys.modules


@lru_cache(maxsize=256)
def _listed(model: str, url: str) -> Price | None:
    price = Price(model, url)
    try:
        price.cost(1, 1)
    except LookupError:
        return None
    return price
