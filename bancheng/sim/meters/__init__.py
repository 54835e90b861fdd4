"""Sockets, their meters and their gateways, simulated: the firmware is a pure thing stepped by a given time, the wires around it are thin.

`bancheng sim meters` runs one gateway for each line of the pack's `services/sockets/units.csv`: MQTT towards the platform, DL/T 645 over TCP
for whoever reads the meters. What they hold survives a restart, as flash does; each start is another boot.
"""
