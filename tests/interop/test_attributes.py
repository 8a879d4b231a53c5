"""--xattr: what the extended attributes of a saved file say, and that they are curl's with --curl."""

import os
import shutil
import subprocess
import tempfile
import unittest

from contract import Running
from peer import Peer

NAMES = ['user.xdg.origin.url', 'user.xdg.referrer.url', 'user.mime_type']


def serve(connection):
    """Redirects once."""
    while head := connection.head():
        if head.startswith(b'GET /moved'):
            connection.send('HTTP/1.1 302 Found\nLocation: /page?a=b\nContent-Length: 0\n\n')
        else:
            connection.send('HTTP/1.1 200 OK\nContent-Type: text/html; charset=utf-8\nContent-Length: 2\n\nok')


class TestAttributes(unittest.TestCase):
    """The attributes of one file after another."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.file = os.path.join(folder.name, 'file')
        peer = Peer(serve)
        peer.__enter__()
        self.addCleanup(peer.__exit__)
        self.host = f'127.0.0.1:{peer.port}'
        with open(self.file, 'wb') as file:
            try:
                os.setxattr(file.fileno(), 'user.test', b'')
            except OSError:
                self.skipTest('the file system has no extended attributes')
        if b'+socket' not in Running.client.run('--version').out:
            self.skipTest('the client has no extended attributes')

    def attributes(self):
        """Those of the file, which is removed."""
        found = {name: os.getxattr(self.file, name).decode() for name in os.listxattr(self.file)}
        os.remove(self.file)
        return {name: value.replace(self.host, 'HOST') for name, value in found.items() if name in NAMES}

    def saved(self, *arguments):
        result = Running.client.run('--xattr', '-sS', '-o', self.file, *arguments)
        self.assertEqual((0, b''), (result.code, result.err))
        return self.attributes()

    def test_origin_and_type(self):
        self.assertEqual({'user.xdg.origin.url': 'http://HOST/page', 'user.mime_type': 'text/html; charset=utf-8'},
                         self.saved(f'http://{self.host}/page'))

    def test_no_credentials_and_the_last_url(self):
        found = self.saved('-L', '-e', 'http://from.example/', f'http://user:secret@{self.host}/moved')
        self.assertEqual({'user.xdg.origin.url': 'http://HOST/page?a=b', 'user.mime_type': 'text/html; charset=utf-8',
                          'user.xdg.referrer.url': 'http://from.example/'}, found)

    def test_no_attributes_without_the_option(self):
        os.remove(self.file)
        self.assertEqual(0, Running.client.run('-o', self.file, f'http://{self.host}/page').code)
        self.assertEqual({}, self.attributes())

    @unittest.skipUnless(shutil.which('curl'), 'no curl')
    def test_with_curl_they_are_those_of_curl(self):
        for arguments in (['/page'], ['-L', '-e', 'http://from.example/', '/moved']):
            with self.subTest(arguments):
                arguments = [*arguments[:-1], f'http://user:secret@{self.host}{arguments[-1]}']
                own = self.saved('--curl', *arguments)
                subprocess.run(['curl', '-sS', '-q', '--xattr', '-o', self.file, *arguments], check=True)
                self.assertEqual(self.attributes(), own)
