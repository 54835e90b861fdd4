"""What the book of the land may say: codes, shares, what blocks what, states, queues. Pure."""
