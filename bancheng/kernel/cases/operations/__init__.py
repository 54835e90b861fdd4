"""Every change to a case. `family` holds a case with its bundle while one thing is done and works out all that follows; `filing` takes
cases in, `reviewing`, `handling` and `ending` are what people do, `silence` is what clocks do when nobody does."""
