"""Amounts of money: exact decimals that know their currency."""

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation

DIGITS = {"EUR": 2, "GBP": 2, "USD": 2, "CHF": 2, "JPY": 0, "KWD": 3}


class MoneyError(ValueError):
    """An amount that cannot be read, or two currencies in one sum."""


@dataclass(frozen=True, order=False)
class Money:
    """`amount` is exact; only `rounded()` loses digits, half to even, as the currency's smallest coin asks."""

    amount: Decimal
    currency: str

    def __post_init__(self) -> None:
        if self.currency not in DIGITS:
            raise MoneyError(f"{self.currency!r} is not a currency this till knows")

    @classmethod
    def of(cls, amount: str | int | Decimal, currency: str) -> "Money":
        """Read an amount such as `"12.50"`. Floats are refused: 0.1 is not ten cents."""
        if isinstance(amount, float):
            raise MoneyError("write amounts as text or Decimal, not as a float")
        try:
            return cls(Decimal(amount), currency)
        except InvalidOperation:
            raise MoneyError(f"{amount!r} is not an amount") from None

    @classmethod
    def zero(cls, currency: str) -> "Money":
        return cls(Decimal(0), currency)

    def _same(self, other: "Money") -> Decimal:
        if not isinstance(other, Money):
            raise MoneyError(f"{other!r} is not money")
        if other.currency != self.currency:
            raise MoneyError(f"{self.currency} and {other.currency} do not add up")
        return other.amount

    def __add__(self, other: "Money") -> "Money":
        return Money(self.amount + self._same(other), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.amount - self._same(other), self.currency)

    def __mul__(self, factor: int | Decimal) -> "Money":
        return Money(self.amount * factor, self.currency)

    def __lt__(self, other: "Money") -> bool:
        return self.amount < self._same(other)

    def __le__(self, other: "Money") -> bool:
        return self.amount <= self._same(other)

    def __gt__(self, other: "Money") -> bool:
        return self.amount > self._same(other)

    def __ge__(self, other: "Money") -> bool:
        return self.amount >= self._same(other)

    def rounded(self) -> "Money":
        """The nearest amount that can be paid in this currency."""
        step = Decimal(1).scaleb(-DIGITS[self.currency])
        return Money(self.amount.quantize(step, ROUND_HALF_EVEN), self.currency)

    def __str__(self) -> str:
        return f"{self.rounded().amount} {self.currency}"
