"""python -m pipelines: the command `newsbeam`."""

from pipelines.cli import main

if __name__ == "__main__":
    main()
