"""docs/cli.md is made from the commands there are."""

from scripts.cli_reference import TARGET, text


def test_the_reference_of_commands_is_current() -> None:
    assert TARGET.read_text(encoding="utf-8") == text(), "run: python -m scripts.cli_reference"
