"""`python -m riverhead` is the `riverhead` command."""

import sys

from riverhead.command import main

sys.exit(main())
