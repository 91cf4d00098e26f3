"""``python -m selbench``: the command line, where no script is on the path."""

from selbench.cli import main

if __name__ == "__main__":
    main()
