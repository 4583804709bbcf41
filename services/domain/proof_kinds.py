"""What a proof can be: the same words on the wire, in the table and on the page."""

from typing import Literal

ProofKind = Literal["test_result", "log", "report", "screenshot", "code_diff", "other"]
REPORT = "report.md"  # the file that a research task ends in, of kind report
