"""A program: makes a small PNG of a picture. What a hostile file can break or fill is this process and nothing else.

Arguments: source, target, longest edge, most pixels to decode, bytes of memory. Run by path; it knows nothing of the
hub. Exit code 0, or 3 with the reason on stderr.
"""

import resource
import sys
import warnings

CPU_SECONDS = 15
REFUSED = 3
FORMATS = ("PNG", "JPEG", "GIF", "WEBP")


def main(source: str, target: str, edge: int, most_pixels: int, memory: int) -> int:
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    from PIL import Image, ImageOps

    Image.MAX_IMAGE_PIXELS = most_pixels or None
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    try:
        with Image.open(source, formats=FORMATS) as picture:
            picture.draft("RGB", (edge, edge))
            small = ImageOps.exif_transpose(picture)
            small.thumbnail((edge, edge))
            small.convert("RGBA" if small.has_transparency_data else "RGB").save(target, "PNG")
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        sys.stderr.write("it has too many pixels")
    except MemoryError:
        sys.stderr.write("it needs too much memory")
    except (OSError, SyntaxError, ValueError, EOFError):  # what Pillow raises for files it can't read
        sys.stderr.write("it is no picture that can be read")
    else:
        return 0
    return REFUSED


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], *map(int, sys.argv[3:6])))
