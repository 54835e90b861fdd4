"""Spare places of loopback, against real sockets."""

import socket

from bancheng.lib import loopback


def test_spare_places_are_each_another_and_nobody_answers_there():
    ports = loopback.spare_ports(20)
    assert len(set(ports)) == 20
    assert not any(map(loopback.answers, ports))


def test_somebody_answers_while_he_listens():
    (address,) = loopback.spare_addresses(1)
    host, _, port = address.partition(":")
    with socket.create_server((host, int(port))):
        assert loopback.answers(int(port))
    assert not loopback.answers(int(port))
