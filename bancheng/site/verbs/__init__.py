"""The verbs of `bancheng`, one module each; see `bancheng/site/cli.py`."""
