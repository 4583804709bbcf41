"""What can go wrong while the sample is copied."""

from services.domain.errors import HubError


class SampleNotCopied(HubError):
    """The bundled sample could not be written where it was wanted."""

    code = "sample_not_copied"
