"""`python -m ringfence` is the command `ringfence`."""

from ringfence.cli import main

if __name__ == "__main__":
    main()
