"""Python's http.server, which speaks HTTP/1.0 unless asked otherwise."""

import sys
import unittest

from contract import Contract
from server import Server


class PythonServer(Server):
    """One process persists in HTTP/1.1; the other, in HTTP/1.0, closes."""
    program = sys.executable
    ranges = False
    etags = False
    cannot = {
        'ranges': 'http.server knows no Range',
        'etags': 'http.server sends no ETag',
        'chunked_path': 'http.server never sends chunked',
        'echo_path': 'http.server takes no POST',
    }

    def commands(self):
        return [[self.executable, '-m', 'http.server', '--bind', '127.0.0.1', '--directory', self.site,
                 '--protocol', protocol, port]
                for protocol, port in (('HTTP/1.1', self.port), ('HTTP/1.0', self.closing_port))]


class TestPython(Contract, unittest.TestCase):
    """What all servers have to do, by Python."""
    server_class = PythonServer

    def test_answer_in_http10(self):
        result = self.get(self.target(self.server.closing_port), '/index.html')
        self.assertTrue(result.head.startswith(b'HTTP/1.0 200 '), result.head)
