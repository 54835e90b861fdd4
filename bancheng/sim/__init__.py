"""The outside world, simulated: it speaks wire protocols and imports nothing of ours but `lib`."""
