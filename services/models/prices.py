"""What a call costs in US dollars: from genai-prices' bundled list, or nothing for a model of one's own."""

import sys
from dataclasses import dataclass
from functools import lru_cache

from services.models.providers import Provider, runs_elsewhere


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
        from genai_prices import Usage, calc_price  # half a second, and only for clouds

        cached, written = min(cached, tokens_in), min(written, tokens_in - min(cached, tokens_in))
        usage = Usage(
            input_tokens=tokens_in,
            output_tokens=tokens_out,
            cache_read_tokens=cached,
            cache_write_tokens=written,
            cache_write_1h_tokens=min(kept_long, written),
        )
        return float(calc_price(usage, self.model, provider_api_url=self.url).total_price)


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
