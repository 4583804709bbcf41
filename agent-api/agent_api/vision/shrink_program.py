"""A program: makes a picture small enough for a model, and tells what it was.

Run with `python -I -c` in the cage, so it stands alone: what a hostile file can break or fill is this process and
nothing else. Arguments: source, target, longest edge, most pixels to decode. It prints JSON; exit code 0, or 3 with
`refused`.
"""

import json
import sys
import warnings
from typing import Any

from PIL import Image, ImageOps

FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF")
QUALITY = 85


def shrink(source: str, target: str, edge: int, most_pixels: int) -> dict[str, Any]:
    """Raises what Pillow raises, and ValueError with words for a person."""
    Image.MAX_IMAGE_PIXELS = most_pixels
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    with Image.open(source, formats=FORMATS) as picture:
        frames = getattr(picture, "n_frames", 1)
        if frames > 1:
            raise ValueError(f"it has {frames} frames, and a model looks at one: save one of them as PNG")
        told = {"format": picture.format, "width": picture.width, "height": picture.height}
        picture.draft("RGB", (edge, edge))
        small = ImageOps.exif_transpose(picture)
        small.thumbnail((edge, edge))
        if small.has_transparency_data:
            page = Image.new("RGBA", small.size, "white")
            small = Image.alpha_composite(page, small.convert("RGBA"))
        small.convert("RGB").save(target, "JPEG", quality=QUALITY)
        return told | {"sent_width": small.width, "sent_height": small.height}


def main() -> int:
    told: dict[str, Any]
    try:
        told = shrink(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        told = {"refused": f"it has more than {int(sys.argv[4])} pixels"}
    except MemoryError:
        told = {"refused": "it needs too much memory"}
    except Image.UnidentifiedImageError:
        told = {"refused": f"it is no picture of a known kind ({', '.join(FORMATS)})"}
    except ValueError as error:
        told = {"refused": str(error)}
    except (OSError, SyntaxError, EOFError):  # what Pillow raises for files it can't read
        told = {"refused": "it is damaged"}
    json.dump(told, sys.stdout)
    return 3 if "refused" in told else 0


sys.exit(main())
