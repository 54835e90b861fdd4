"""The MQTT broker of shared power: the embedded one with its doorkeeper, and the rules of an outside one.

`inner` is rumqttd on a port of its own, `guard` the doorkeeper before it, `packets` and `rules` are what the doorkeeper knows,
`mosquitto` writes the same rules for an outside broker. Who may come in stands in one file for both (`lib/brokerkeys`). See decision 0026.
"""
