"""squid: an HTTP proxy, plain and over TLS, that knows Basic and Digest."""

import base64
import os
import pathlib
import shutil
import subprocess
import unittest

from proxied import Guarded, Proxy
from server import Missing, free_ports
from test_socks import Dante

HELPERS = '/usr/lib/squid'
CONFIGURATION = '''
http_port 127.0.0.1:{port} name=open
http_port 127.0.0.1:{guarded_port} name=guarded
https_port 127.0.0.1:{secure_port} name=secure tls-cert={certificate} tls-key={key}
acl guarded myportname guarded
auth_param basic program {helpers}/basic_ncsa_auth {root}/basic
auth_param basic children 1
auth_param basic utf8 on
auth_param digest program {helpers}/digest_file_auth {root}/digest
auth_param digest children 1
auth_param digest realm squid
auth_param digest utf8 on
acl known proxy_auth REQUIRED
http_access deny guarded !known
http_access allow all
cache deny all
cache_mem 0 MB
access_log none
cache_log {root}/cache.log
cache_store_log none
pid_filename none
coredump_dir {root}
mime_table /usr/share/squid/mime.conf
shutdown_lifetime 0 seconds
max_filedescriptors 1024
visible_hostname squid.rawget.test
pinger_enable off
{user}
'''


class Squid(Proxy):
    """Started in the foreground, and alone."""
    program = 'squid'

    def __init__(self):
        super().__init__()
        self.guarded_port, self.secure_port = free_ports(2)

    def all_ports(self):
        return self.port, self.guarded_port, self.secure_port

    def command(self):
        if not os.path.exists(f'{HELPERS}/digest_file_auth'):
            raise Missing("squid's helpers are not installed")
        name, _, password = self.user.partition(':')
        crypt = subprocess.run(['openssl', 'passwd', '-apr1', password], check=True, capture_output=True).stdout
        (self.root / 'basic').write_bytes(f'{name}:'.encode() + crypt)
        (self.root / 'digest').write_text(f'{self.user}\n')
        configuration = self.root / 'squid.conf'
        # It reads the key once it is no longer root.
        key = self.root / 'key'
        key.write_text(pathlib.Path(self.authority.path('good.key')).read_text())
        if os.geteuid() == 0:
            for path in (self.root, key):
                shutil.chown(path, 'proxy', 'proxy')
        configuration.write_text(CONFIGURATION.format(
            port=self.port, guarded_port=self.guarded_port, secure_port=self.secure_port, helpers=HELPERS, root=self.root,
            certificate=self.authority.path('good.pem'), key=key,
            user='cache_effective_user proxy' if os.geteuid() == 0 else ''))
        return [self.executable, '-N', '-f', configuration]

    def log(self):
        cache_log = self.root / 'cache.log'
        return super().log() + (cache_log.read_text(errors='replace')[-2000:] if cache_log.exists() else '')


class TestSquid(Guarded, unittest.TestCase):
    """Plain and over TLS; who is asked says so by Basic or Digest."""
    proxy_class = Squid
    schemes = (['--proxy-basic'], ['--proxy-digest'], ['--proxy-anyauth'])

    def test_tls_with_the_proxy(self):
        proxy = ['-x', f'https://127.0.0.1:{self.proxy.secure_port}', '--proxy-cacert', self.authority.path('ca.pem')]
        self.assertTrue(self.by_forwarding(self.asked(*proxy, f'{self.http}/', proxy=False)))
        asked = self.asked(*proxy, f'{self.https}/', proxy=False)
        self.assertFalse(self.by_forwarding(asked))
        self.ask(*proxy, '--keep-alive', self.https, '/1', '/2', proxy=False)

    def test_a_proxy_that_nobody_vouches_for(self):
        proxy = f'https://127.0.0.1:{self.proxy.secure_port}'
        judged = ['-x', proxy, '-o', '/dev/null', '-w', '%{proxy_ssl_verify_result}', self.http]
        result = self.client.run(*judged)
        self.assertEqual((60, b'20'), (result.code, result.out), result.err)
        result = self.client.run('--proxy-insecure', *judged)
        self.assertEqual((0, b'20', b''), (result.code, result.out, result.err))

    def test_the_strongest_scheme_is_taken(self):
        err = self.ask('-v', '--proxy-anyauth', '-U', self.proxy.user, self.https, port=self.proxy.guarded_port).err
        self.assertIn(b'> Proxy-Authorization: Digest ', err)
        self.assertNotIn(base64.b64encode(self.proxy.user.encode()), err)

    def test_a_nonce_serves_many_requests(self):
        err = self.ask('-v', '--keep-alive', '--proxy-digest', '-U', self.proxy.user, self.http, '/1', '/2',
                       port=self.proxy.guarded_port).err
        self.assertIn(b'nc=00000002', err)
        self.assertEqual(1, err.count(b'< HTTP/1.1 407 '), err)

    def test_by_a_socks_proxy_to_the_proxy(self):
        before = Dante()
        self.addCleanup(before.stop)
        before.start()
        way = ['--preproxy', f'socks5h://127.0.0.1:{before.port}']
        self.assertTrue(self.by_forwarding(self.asked(*way, self.http)))
        self.assertFalse(self.by_forwarding(self.asked(*way, self.https)))
        secure = ['-x', f'https://127.0.0.1:{self.proxy.secure_port}', '--proxy-cacert', self.authority.path('ca.pem')]
        self.asked(*way, *secure, self.https, proxy=False)
        for scheme in self.schemes:
            self.asked(*way, *scheme, '-U', self.proxy.user, '-p', self.http, port=self.proxy.guarded_port)
