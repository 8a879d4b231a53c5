"""Caddy, which knows zstd."""

import unittest

from coded import Coded
from contract import Running
from server import Server

CONFIGURATION = '''
{{
  admin off
  auto_https off
}}
http://127.0.0.1:{port}, http://127.0.0.1:{closing_port} {{
  bind 127.0.0.1
  root * {root}/site
  handle_path /coded/* {{
    encode zstd gzip
    file_server
  }}
  file_server
}}
'''


class Caddy(Server):
    """Go's net/http."""
    program = 'caddy'
    coded_paths = {'zstd': '/coded/', 'gzip': '/coded/'}

    def command(self):
        configuration = self.root / 'Caddyfile'
        configuration.write_text(CONFIGURATION.format(port=self.port, closing_port=self.closing_port, root=self.root))
        return ['env', f'HOME={self.root}', self.executable, 'run', '--config', configuration, '--adapter', 'caddyfile']


class TestCaddy(Coded, Running, unittest.TestCase):
    """What it codes."""
    server_class = Caddy
