"""共享电源: scan a socket, prepay, use, pay exactly what the meter says, get the rest back at once."""
