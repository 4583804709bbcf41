"""The entry of every image of ours: takes the secrets from a mounted file, then becomes the program.

`docker inspect` shows a container's environment to all who may ask the engine; a file is shown to the container alone.
"""

import os
import sys
from pathlib import Path

SECRETS = Path("/run/wfhub/secrets.env")


def main() -> None:
    if SECRETS.is_file():
        for line in SECRETS.read_text(encoding="utf-8").splitlines():
            name, found, value = line.partition("=")
            if found:
                os.environ[name] = value
    try:
        os.execvp(sys.argv[1], sys.argv[1:])
    except (IndexError, FileNotFoundError):
        sys.exit("There is no such program in this image.")


if __name__ == "__main__":
    main()
