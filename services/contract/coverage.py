"""Coverage: how many lines the tests ran, as a report told and its own lines bear out."""

from services.contract.run_spec import Wire


class Coverage(Wire):
    """Lines of code counted, and those of them that ran. `format` is cobertura, coverage.py or lcov."""

    lines: int
    covered: int
    format: str

    @property
    def percent(self) -> float:
        """0 to 100; 100 where there is no line to run."""
        return round(100 * self.covered / self.lines, 2) if self.lines else 100.0
