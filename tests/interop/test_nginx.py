"""nginx."""

import os
import unittest

from contract import Contract
from server import Server

CONFIGURATION = '''
{user}
daemon off; worker_processes 1; pid {root}/pid; error_log stderr warn;
events {{ worker_connections 64; }}
http {{
  access_log off; sendfile on; tcp_nopush on;
  types {{ text/plain txt; text/html html shtml; }}
  default_type application/octet-stream;
  client_body_temp_path {root}/body; proxy_temp_path {root}/proxy; fastcgi_temp_path {root}/fastcgi;
  uwsgi_temp_path {root}/uwsgi; scgi_temp_path {root}/scgi;
  root {root}/site;
  server {{ listen 127.0.0.1:{port}; location = /page.shtml {{ ssi on; }} }}
  server {{ listen 127.0.0.1:{closing_port}; keepalive_timeout 0; }}
}}
'''


class Nginx(Server):
    """Static files by sendfile; a server-side include is its own way to a chunked body."""
    program = 'nginx'
    chunked_path = '/page.shtml'
    cannot = {'echo_path': 'nginx alone does not echo'}

    def command(self):
        configuration = self.root / 'nginx.conf'
        configuration.write_text(CONFIGURATION.format(
            user='user www-data;' if os.geteuid() == 0 else '', root=self.root, port=self.port,
            closing_port=self.closing_port))
        return [self.executable, '-e', 'stderr', '-p', self.root, '-c', configuration]


class TestNginx(Contract, unittest.TestCase):
    """What all servers have to do, by nginx."""
    server_class = Nginx
