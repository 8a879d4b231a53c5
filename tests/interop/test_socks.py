"""SOCKS: Dante, which lets anybody by, and microsocks, which wants a user and password."""

import os
import unittest

from proxied import Guarded, Proxied, Proxy, TwoDoors

CONFIGURATION = '''
logoutput: stderr
internal: 127.0.0.1 port = {port}
external: 127.0.0.1
clientmethod: none
socksmethod: none
{user}
client pass {{ from: 0.0.0.0/0 to: 0.0.0.0/0 }}
socks pass {{ from: 0.0.0.0/0 to: 0.0.0.0/0 }}
'''


class Dante(Proxy):
    """SOCKS 4, 4a and 5."""
    program = 'danted'
    scheme = 'socks5'

    def command(self):
        configuration = self.root / 'danted.conf'
        configuration.write_text(CONFIGURATION.format(
            port=self.port, user='user.unprivileged: nobody' if os.geteuid() == 0 else ''))
        return [self.executable, '-f', configuration, '-p', self.root / 'pid']


class Microsocks(TwoDoors):
    """SOCKS 5, for anybody and for one user."""
    program = 'microsocks'
    scheme = 'socks5h'

    def commands(self):
        name, _, password = self.user.partition(':')
        own = [self.executable, '-i', '127.0.0.1', '-p']
        return [own + [self.port], own + [self.guarded_port, '-u', name, '-P', password]]


class TestDante(Proxied, unittest.TestCase):
    """Each version of SOCKS."""
    proxy_class = Dante
    forwards = False
    code_unreachable = 97

    def test_versions(self):
        for option in ('--socks4', '--socks4a', '--socks5', '--socks5-hostname'):
            for url in (self.http, self.https):
                with self.subTest(option=option, url=url):
                    self.asked(option, f'127.0.0.1:{self.proxy.port}', url, proxy=False)
        for scheme in ('socks4', 'socks4a', 'socks5', 'socks5h'):
            with self.subTest(scheme):
                self.asked('-x', f'{scheme}://127.0.0.1:{self.proxy.port}', self.http, proxy=False)

    def test_names(self):
        """Resolved by the client or by the proxy; Dante takes what tells of a name in SOCKS 4a for an address."""
        url = f'http://localhost:{self.plain.port}/'
        for option in ('--socks4', '--socks5', '--socks5-hostname'):
            with self.subTest(option):
                self.asked('-4', option, f'127.0.0.1:{self.proxy.port}', url, proxy=False)


class TestMicrosocks(Guarded, unittest.TestCase):
    """User and password (RFC 1929)."""
    proxy_class = Microsocks
    forwards = False
    code_unreachable = 97
    schemes = ([],)
