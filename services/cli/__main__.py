"""`python -m services.cli`: the same as `wf`."""

from services.cli.programs import wf

if __name__ == "__main__":
    wf()
