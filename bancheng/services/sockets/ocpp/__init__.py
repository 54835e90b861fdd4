"""The OCPP door of shared power: real charge points, OCPP 1.6-J, beside the MQTT door and to the same sessions.

`frames` reads what comes over the WebSocket, `facts` what it says, `log` makes the wire's own readings and events of it, `charger` is one charge
point between two connections, `link` the connection, `door` the listener, `process` the process. `bancheng ocpp` runs it; any number may run.
Nothing is kept here: an answer is given after the commit, so a charge point keeps, and says again, what was not stored.
"""
