"""`python -m bancheng.site.bench` is `bancheng bench`."""

import sys

from bancheng.site.cli import main

sys.exit(main(["bench", *sys.argv[1:]]))
