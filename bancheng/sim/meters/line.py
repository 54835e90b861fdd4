"""DL/T 645 over TCP: what the meters answer to whoever asks."""

import socketserver
import threading

from bancheng.lib import dlt645
from bancheng.lib.socketwire import Flag
from bancheng.sim.meters.field import Field
from bancheng.sim.meters.firmware import Socket
from bancheng.sim.meters.gateway import ms

PHASE = {Flag.UV: 1 << 1, Flag.OV: 1 << 2, Flag.OC: 1 << 5}  # of state word 4
BROKEN_AT = 12  # the byte of an answer that noise hits


def serve(field: Field, host: str, port: int) -> socketserver.ThreadingTCPServer:
    """Answer on a port, in threads of the connections that come; return the server."""
    server = socketserver.ThreadingTCPServer((host, port), _answering(field), bind_and_activate=False)
    server.daemon_threads = server.allow_reuse_address = True
    server.server_bind()
    server.server_activate()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def _answering(field: Field) -> type[socketserver.BaseRequestHandler]:
    class Line(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            reader = dlt645.Reader()
            while data := self.request.recv(4096):
                for frame in reader.feed(data):
                    if answer := answer_of(field, frame):
                        self.request.sendall(answer)

    return Line


def answer_of(field: Field, frame: dlt645.Frame) -> bytes:
    """Return what the meter with the frame's address answers; nothing when there is none or it is silent, or everybody was meant."""
    found = None if frame.is_answer else field.meter(frame.address)
    if found is None or found[1].world.meter_silent or not found[1].world.powered:
        return b""
    gateway, socket = found
    with gateway.lock:
        sent = bytearray(meter_answer(socket, frame).encode())
    if gateway.troubles.garble_645:
        sent[min(BROKEN_AT, len(sent) - 2)] ^= 0x55
    return bytes(sent)


def meter_answer(socket: Socket, frame: dlt645.Frame) -> dlt645.Frame:
    """Return a meter's answer to a question: its items can be read; its relay is the protective switch's, not the meter's."""
    if frame.function != dlt645.Function.READ:
        return frame.refused(dlt645.Trouble.OTHER)
    name = dlt645.named(frame.data)
    flags = socket.all_flags(ms())
    value = {
        "energy": socket.register_10wh,
        "voltage": socket.world.voltage_dv,
        "current": min(999_999, socket.current_ma),
        "power": socket.world.load_w * 10 if socket.current_ma else 0,  # 0.1 W
        "temperature": socket.world.temperature_dc,
        "state-relay": 0 if socket.closed else dlt645.RELAY_OPEN,
        "state-phase": sum(bit for flag, bit in PHASE.items() if flag & flags),
    }.get(name)
    if value is None:
        return frame.refused(dlt645.Trouble.NO_DATA)
    item = dlt645.ITEMS[name]
    return frame.answered(item.identifier + item.pack(value))
