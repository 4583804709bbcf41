"""Whether a task may go on: gates over facts, findings, and a person's approval."""
