"""nginx."""

import os
import unittest

from coded import Coded
from contract import Contract
from guarded import Basic, write_users
from server import Missing, Server
from uploads import Uploads

CONFIGURATION = '''
load_module {brotli};
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
  server {{
    listen 127.0.0.1:{port};
    location = /page.shtml {{ ssi on; }}
    location /uploads/ {{ root {root}; dav_methods PUT; client_max_body_size 0; }}
    location /narrow/ {{ root {root}; dav_methods PUT; client_max_body_size 1k; }}
    location /coded/ {{
      alias {root}/site/; gzip on; gzip_types *; gzip_min_length 1; gzip_http_version 1.0; gzip_vary on;
      brotli on; brotli_types *; brotli_min_length 1;
    }}
    location /basic/ {{ alias {root}/site/; auth_basic "nginx"; auth_basic_user_file {root}/users; }}
  }}
  server {{ listen 127.0.0.1:{closing_port}; keepalive_timeout 0; }}
}}
'''

BROTLI = '/usr/lib/nginx/modules/ngx_http_brotli_filter_module.so'


class Nginx(Server):
    """Static files by sendfile; a server-side include is its own way to a chunked body."""
    program = 'nginx'
    chunked_path = '/page.shtml'
    # its 405 has no Allow
    true_findings = ('status-405-allow',)
    upload_path = '/uploads/'
    basic_path = '/basic/'
    coded_paths = {'gzip': '/coded/', 'br': '/coded/'}
    cannot = {'echo_path': 'nginx alone does not echo'}

    def command(self):
        if not os.path.exists(BROTLI):
            raise Missing(f'{BROTLI} is not installed')
        self.upload_folder()
        write_users(self.root / 'users')
        configuration = self.root / 'nginx.conf'
        configuration.write_text(CONFIGURATION.format(
            brotli=BROTLI, user='user www-data;' if os.geteuid() == 0 else '', root=self.root, port=self.port,
            closing_port=self.closing_port))
        return [self.executable, '-e', 'stderr', '-p', self.root, '-c', configuration]


class TestNginx(Basic, Coded, Uploads, Contract, unittest.TestCase):
    """What all servers have to do, by nginx."""
    server_class = Nginx

    def test_upload_that_is_too_large(self):
        """The answer comes while the content still goes out, and is what counts."""
        for arguments in ([], ['-H', 'Expect: 100-continue'], ['-H', 'Expect:'], ['--keep-alive']):
            for by_pipe in (False, True):
                with self.subTest(arguments=arguments, by_pipe=by_pipe):
                    result, _ = self.client.send(*arguments, f'http://{self.target()}/narrow/large',
                                                 content=self.content, by_pipe=by_pipe)
                    self.assertEqual((0, 413), (result.code, result.final.status), result.err)
                    self.assertIn(b'413', result.final.body)
                    failed, _ = self.client.send(*arguments, '-f', f'http://{self.target()}/narrow/large',
                                                 content=self.content, by_pipe=by_pipe)
                    self.assertEqual(22, failed.code, failed.err)
