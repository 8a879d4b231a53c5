"""haproxy, in front of Python's http.server."""

import sys
import unittest

from contract import Contract
from server import Server, free_ports

CONFIGURATION = '''
global
  log stderr format raw local0 err
defaults
  mode http
  timeout connect 10s
  timeout client 30s
  timeout server 30s
frontend keeps
  bind 127.0.0.1:{port}
  default_backend site
frontend closes
  bind 127.0.0.1:{closing_port}
  option httpclose
  default_backend site
frontend told
  bind 127.0.0.1:{told_port} accept-proxy
  http-request return status 200 content-type text/plain lf-string "%[src]"
backend site
  server one 127.0.0.1:{behind}
'''


class Haproxy(Server):
    """A gateway's own reader and writer: it parses what the server behind it sends, and writes it anew."""
    program = 'haproxy'
    ranges = False
    etags = False
    cannot = {
        'ranges': 'the http.server behind it knows no Range',
        'etags': 'the http.server behind it sends no ETag',
        'chunked_path': 'the http.server behind it never sends chunked',
        'echo_path': 'the http.server behind it takes no POST',
    }

    def commands(self):
        behind, self.told_port = free_ports(2)
        configuration = self.root / 'haproxy.cfg'
        configuration.write_text(CONFIGURATION.format(
            port=self.port, closing_port=self.closing_port, told_port=self.told_port, behind=behind))
        return [[sys.executable, '-m', 'http.server', '--bind', '127.0.0.1', '--directory', self.site,
                 '--protocol', 'HTTP/1.1', behind],
                [self.executable, '-db', '-f', configuration]]

    def start(self):
        super().start()
        # haproxy answers 503 until the server behind it is there.
        self._wait_for(int(self.processes[0].args[-1]))


class TestHaproxy(Contract, unittest.TestCase):
    """What all servers have to do, by haproxy; and its PROXY protocol."""
    server_class = Haproxy

    def test_proxy_protocol(self):
        told = self.target(self.server.told_port)
        self.assertEqual(b'127.0.0.1', self.get('--body', '--haproxy-protocol', told).out)
        for address in ('192.0.2.7', '2001:db8::7'):
            self.assertEqual(address.encode(), self.get('--body', '--haproxy-clientip', address, told).out)

    def test_proxy_protocol_missing(self):
        result = self.client.run('-s', self.target(self.server.told_port))
        self.assertIn(result.code, (52, 56))
