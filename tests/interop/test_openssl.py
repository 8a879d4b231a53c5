"""TLS by openssl's s_server and by nginx: versions, ciphers, groups and keys of other making than the client's; client
certificates; and what it means when a connection is cut.
"""

import os
import shutil
import socket
import ssl
import subprocess
import tempfile
import threading
import time
import unittest

from certificates import Authority
from contract import available, client_with_tls, running
from server import Server, find, free_ports, stop_group

CONFIGURATION = '''
{user}
daemon off; worker_processes 1; pid {root}/pid; error_log stderr warn;
events {{ worker_connections 64; }}
http {{
  access_log off; root {root}/site;
  client_body_temp_path {root}/body; proxy_temp_path {root}/proxy; fastcgi_temp_path {root}/fastcgi;
  uwsgi_temp_path {root}/uwsgi; scgi_temp_path {root}/scgi;
  ssl_certificate {folder}/good.pem; ssl_certificate_key {folder}/good.key;
  ssl_client_certificate {folder}/ca.pem; ssl_verify_client optional;
  server {{
    listen 127.0.0.1:{port} ssl; ssl_protocols TLSv1.2;
    location / {{ return 200 "$ssl_protocol $ssl_client_verify $ssl_client_s_dn\\n"; }}
  }}
  server {{
    listen 127.0.0.1:{closing_port} ssl; ssl_protocols TLSv1.3; ssl_early_data on;
    location / {{ return 200 "$ssl_protocol $ssl_client_verify $ssl_client_s_dn\\n"; }}
    location /large.bin {{ }}
  }}
  server {{ listen 127.0.0.1:{strict_port} ssl; ssl_verify_client on; }}
}}
'''


class Nginx(Server):
    """Over TLS 1.2 on `port`, over TLS 1.3 on `closing_port`; on `strict_port` with a client's certificate only."""
    program = 'nginx'

    def __init__(self, authority):
        super().__init__()
        self.authority = authority
        self.strict_port, = free_ports(1)

    def command(self):
        configuration = self.root / 'nginx.conf'
        configuration.write_text(CONFIGURATION.format(
            user='user www-data;' if os.geteuid() == 0 else '', root=self.root, folder=self.authority.folder,
            port=self.port, closing_port=self.closing_port, strict_port=self.strict_port))
        return [self.executable, '-e', 'stderr', '-p', self.root, '-c', configuration]


class WithAuthority(unittest.TestCase):
    """What the checks below need: certificates, and a client that knows who made them."""
    @classmethod
    def setUpClass(cls):
        cls.client = client_with_tls()
        cls.openssl = available(find, 'openssl')
        folder = tempfile.mkdtemp(prefix='rawget-openssl-')
        cls.addClassCleanup(shutil.rmtree, folder, ignore_errors=True)
        cls.authority = Authority(folder)
        cls.authority.leaf('good', 'IP:127.0.0.1')
        cls.authority.leaf('me', '')

    def ask(self, port, *arguments, code=0):
        result = self.client.run('--cacert', self.authority.path('ca.pem'), '--body', *arguments,
                                 f'https://127.0.0.1:{port}/')
        self.assertEqual(code, result.code, result.err)
        if code == 0 and '-v' not in arguments:
            self.assertEqual(b'', result.err)
        return result


class TestOpenssl(WithAuthority):
    """s_server with one setting after the other."""

    def serve(self, *settings, key='good'):
        port, = free_ports(1)
        process = subprocess.Popen(
            [self.openssl, 's_server', '-accept', f'127.0.0.1:{port}', '-www', '-cert', self.authority.path(f'{key}.pem'),
             '-key', self.authority.path(f'{key}.key'), *settings],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True)
        self.addCleanup(process.stderr.close)
        self.addCleanup(stop_group, process)
        for _ in range(200):
            try:
                socket.create_connection(('127.0.0.1', port), 1).close()
                return port
            except OSError:
                if process.poll() is not None:
                    break
                time.sleep(0.02)
        raise RuntimeError(f's_server did not start: {process.stderr.read()}')

    def test_versions_that_are_too_old(self):
        for version in ('-tls1', '-tls1_1'):
            with self.subTest(version):
                port = self.serve(version, '-cipher', 'ALL:@SECLEVEL=0')
                self.assertIn(b'1.2', self.ask(port, code=35).err)
                self.ask(port, '--tlsv1.0', code=35)

    def test_ciphers(self):
        for settings, name in [
            (['-tls1_3', '-ciphersuites', 'TLS_AES_128_GCM_SHA256'], b'AES_128_GCM_SHA256'),
            (['-tls1_3', '-ciphersuites', 'TLS_AES_256_GCM_SHA384'], b'AES_256_GCM_SHA384'),
            (['-tls1_3', '-ciphersuites', 'TLS_CHACHA20_POLY1305_SHA256'], b'CHACHA20_POLY1305_SHA256'),
            (['-tls1_2', '-cipher', 'ECDHE-ECDSA-AES128-GCM-SHA256'], b'ECDHE_ECDSA_WITH_AES_128_GCM_SHA256'),
            (['-tls1_2', '-cipher', 'ECDHE-ECDSA-CHACHA20-POLY1305'], b'ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256'),
        ]:
            with self.subTest(settings):
                result = self.ask(self.serve(*settings), '-v')
                self.assertIn(name, result.err)
                self.assertIn(b'HTTP/1.0 200', result.err)

    def test_no_cipher_that_both_know(self):
        for cipher in ('ECDHE-ECDSA-AES128-SHA', 'AES128-GCM-SHA256'):
            with self.subTest(cipher):
                self.ask(self.serve('-tls1_2', '-cipher', cipher), code=35)

    def test_groups(self):
        """The client guesses one group first; for another one the server asks again."""
        for group in ('X25519', 'P-256', 'P-384'):
            with self.subTest(group):
                self.ask(self.serve('-tls1_3', '-groups', group))
        self.ask(self.serve('-tls1_3', '-groups', 'P-521'), code=35)

    def test_keys(self):
        for name, kind in [('rsa', ['rsa:2048']), ('p384', ['ec', '-pkeyopt', 'ec_paramgen_curve:P-384']), ('ed', ['ed25519'])]:
            self.authority.leaf(name, 'IP:127.0.0.1', key=kind)
            for version in ('-tls1_2', '-tls1_3'):
                with self.subTest(name=name, version=version):
                    self.ask(self.serve(version, key=name))

    def test_client_certificates(self):
        for key in ('me', 'rsa-me', 'ed-me'):
            if key != 'me':
                self.authority.leaf(key, '', key=['rsa:2048'] if 'rsa' in key else ['ed25519'])
            for version in ('-tls1_2', '-tls1_3'):
                port = self.serve(version, '-Verify', '2', '-verify_return_error', '-CAfile', self.authority.path('ca.pem'))
                with self.subTest(key=key, version=version):
                    mine = ['-E', self.authority.path(f'{key}.pem'), '--key', self.authority.path(f'{key}.key')]
                    self.assertIn(b'Client certificate', self.ask(port, *mine).out)
                    # In TLS 1.3 the client learns of the refusal only after it is done.
                    self.ask(port, code=35 if version == '-tls1_2' else 56)


class TestCut(WithAuthority):
    """A connection that ends without TLS saying so (RFC 9112 §9.8): the content is whole only if its framing proves it."""

    def serve(self, response, says_close_notify):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.authority.path('good.pem'), self.authority.path('good.key'))
        listener = socket.create_server(('127.0.0.1', 0))
        self.addCleanup(listener.close)

        def answer():
            connection, _ = listener.accept()
            with context.wrap_socket(connection, server_side=True) as secured:
                secured.recv(1 << 16)
                secured.sendall(response)
                if says_close_notify:
                    secured.unwrap()
        thread = threading.Thread(target=lambda: self.quietly(answer), daemon=True)
        thread.start()
        self.addCleanup(thread.join)
        return listener.getsockname()[1]

    @staticmethod
    def quietly(act):
        try:
            act()
        except OSError:
            pass

    def test_a_connection_that_is_cut(self):
        head = b'HTTP/1.1 200 OK\r\n'
        for response, code_with_close_notify, code, out in [
            (head + b'Content-Length: 4\r\n\r\nwhol', 0, 0, b'whol'),
            (head + b'Content-Length: 8\r\n\r\nhalf', 18, 18, b'half'),
            (head + b'Transfer-Encoding: chunked\r\n\r\n4\r\nwhol\r\n0\r\n\r\n', 0, 0, b'whol'),
            (head + b'Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n', 18, 18, b'half'),
            (head + b'\r\nhalf', 0, 56, b'half'),
            (head + b'X: y\r\n', 18, 18, b''),
            (b'', 52, 52, b''),
        ]:
            for says_close_notify in (False, True):
                with self.subTest(response=response, says_close_notify=says_close_notify):
                    port = self.serve(response, says_close_notify)
                    result = self.ask(port, code=code_with_close_notify if says_close_notify else code)
                    self.assertEqual(out, result.out)


class TestNginxTls(WithAuthority):
    """nginx, which has OpenSSL's TLS."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server = running(cls, Nginx, cls.authority)
        cls.mine = ['-E', cls.authority.path('me.pem'), '--key', cls.authority.path('me.key')]

    def test_versions(self):
        self.assertEqual(b'TLSv1.2 NONE \n', self.ask(self.server.port).out)
        self.assertEqual(b'TLSv1.3 NONE \n', self.ask(self.server.closing_port).out)
        self.ask(self.server.port, '--tlsv1.3', code=35)
        self.ask(self.server.closing_port, '--tls-max', '1.2', code=35)

    def test_client_certificates(self):
        for port, version in ((self.server.port, b'TLSv1.2'), (self.server.closing_port, b'TLSv1.3')):
            self.assertEqual(version + b' SUCCESS CN=me\n', self.ask(port, *self.mine).out)
        self.assertNotIn(b'No required', self.ask(self.server.strict_port, *self.mine).out)
        self.assertIn(b'No required SSL certificate was sent', self.ask(self.server.strict_port).out)

    def test_plain_http_where_tls_is_expected(self):
        result = self.client.run(f'http://127.0.0.1:{self.server.port}/')
        self.assertEqual((0, 400), (result.code, result.status))
