"""Every change of an application: `filing`, `consenting`, `handling`, `booking`; `certifying` gives out numbers and files; `logging` writes lines."""
