"""A report that does not count."""


class BadReport(Exception):
    """The file is no report that can be believed; its words say why."""
