"""Simulated charge points, OCPP 1.6-J: raw JSON over WebSockets, by the standard and by nothing of ours.

`bancheng chargers` runs one for each line of the pack's `services/sockets/units.csv` that speaks ocpp16. A car is always plugged in; it charges
when the platform says so. What was not answered is kept on disk and said again, in order.
"""
