"""Spare places of loopback, against real sockets."""

import socket

from bancheng.lib import loopback


def test_spare_places_are_each_another_and_nobody_answers_there():
    ports = loopback.spare_ports(20)
    assert len(set(ports)) == 20
    assert not any(map(loopback.answers, ports))


def test_somebody_answers_while_he_listens():
    port = loopback.spare_port()
    with socket.create_server((loopback.HOST, port)):
        assert loopback.answers(port)
    assert not loopback.answers(port)
