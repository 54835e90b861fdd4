"""The MQTT door of shared power: what devices say is stored and acknowledged, what they are to do is sent, time passes.

`line` is one partition's connection, `process` a process that holds some of them. `bancheng gateway` runs it; any number may run.
"""
