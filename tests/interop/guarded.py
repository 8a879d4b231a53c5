"""The checks of servers that want to know who asks."""

import hashlib
import subprocess

import site_files
import wire
from contract import TARGET

NAME, PASSWORD = 'Jörg', 'a:b "c\\d ü'


def write_users(path):
    """The user, for Basic."""
    crypt = subprocess.run(['openssl', 'passwd', '-apr1', PASSWORD], check=True, capture_output=True).stdout
    path.write_bytes(f'{NAME}:'.encode() + crypt)


def write_digest_users(path, realm):
    """The user, for Digest."""
    path.write_text(f'{NAME}:{realm}:{hashlib.md5(f"{NAME}:{realm}:{PASSWORD}".encode()).hexdigest()}\n')


class Basic:
    """Mixed into a test case beside Running; the site stands below the server's `basic_path` too."""

    def test_basic(self):
        path = f'{self.server.basic_path}text.txt'
        for how in ([], ['--basic'], ['--anyauth']):
            with self.subTest(how):
                self.assertEqual(site_files.TEXT, self.get(*how, '-u', f'{NAME}:{PASSWORD}', '--body', TARGET, path).out)

    def test_basic_refused(self):
        self.refused(self.server.basic_path, '--basic', '--anyauth', '--digest')

    def refused(self, path, *schemes):
        path += 'text.txt'
        self.assertEqual(401, self.get(TARGET, path).status)
        self.assertNotEqual(b'', self.get('--body', TARGET, path).out)
        for scheme in schemes:
            for user in (f'{NAME}:wrong', f'nobody:{PASSWORD}'):
                with self.subTest(scheme=scheme, user=user):
                    heads = self.get(scheme, '-u', user, TARGET, path).out
                    self.assertNotIn(b'HTTP/1.1 200', heads)
                    self.get(scheme, '-f', '-u', user, TARGET, path, code=22)


class Digest:
    """The same for Digest, below `digest_path`."""

    def user(self, *arguments):
        return self.get('--digest', '-u', f'{NAME}:{PASSWORD}', '--body', TARGET, *arguments)

    def test_digest(self):
        path = f'{self.server.digest_path}text.txt'
        for target in (path, f'{path}?a=b"c', f'{path}?%22=%5c'):
            with self.subTest(target):
                self.assertEqual(site_files.TEXT, self.user(target).out)
        self.assertEqual(site_files.TEXT, self.get('--anyauth', '-u', f'{NAME}:{PASSWORD}', '--body', TARGET, path).out)

    def test_digest_refused(self):
        Basic.refused(self, self.server.digest_path, '--digest', '--anyauth', '--basic')

    def test_digest_of_several(self):
        """Each asks for a challenge of its own; all of it goes over one connection if it may."""
        paths = [f'{self.server.digest_path}{name}' for name in ('text.txt', 'index.html', 'text.txt')]
        for options, connections in (['--keep-alive'], 1), ([], 6):
            with wire.Tap(self.server.port) as tap:
                out = self.get(*options, '--digest', '-u', f'{NAME}:{PASSWORD}', '--body', self.target(tap.port),
                               *paths).out
            self.assertEqual(site_files.TEXT + site_files.PAGE + site_files.TEXT, out)
            sent = b''.join(tap.connections)
            self.assertEqual((6, 3), (sent.count(b'GET /'), sent.count(b'Authorization: Digest ')))
            self.assertEqual(connections, len(tap.connections))

    def test_digest_before_content(self):
        """What is posted goes out once it is known how to be known, and no sooner."""
        path = f'{self.server.digest_path}cgi-bin/echo'
        with wire.Tap(self.server.port) as tap:
            out = self.get('--digest', '-u', f'{NAME}:{PASSWORD}', '--body', '-d', 'what I say', self.target(tap.port),
                           path).out
        self.assertEqual(b'what I say', out)
        sent = b''.join(tap.connections)
        self.assertEqual(1, sent.count(b'what I say'), sent)
        self.assertTrue(sent.endswith(b'what I say'), sent)
        result = self.user('--data-binary', f'@{self.server.site}/data.bin', path)
        self.assertEqual(site_files.DATA, result.out)
        result = self.user('-X', 'POST', '-T', f'{self.server.site}/data.bin', path)
        self.assertEqual(site_files.DATA, result.out)
