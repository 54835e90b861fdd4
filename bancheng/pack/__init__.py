"""pack: a city is a folder of TOML and CSV, with no code in it.

`reader` opens the files and knows on which line everything stands, `checks` says everything that is wrong at once,
`loader` writes the whole pack in one transaction or nothing. A service reads its own section with the same reader.
docs/howto/make-a-city-pack.md shows the files.
"""
