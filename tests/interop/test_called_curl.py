"""A link named curl: it prints what curl prints, and speaks by that name."""

import os
import subprocess
import tempfile
import unittest

from contract import Running
from peer import Peer


def serve(connection):
    """Has one page."""
    while head := connection.head():
        status = '200 OK' if head.startswith(b'GET /page ') else '404 Not Found'
        connection.send(f'HTTP/1.1 {status}\nContent-Length: 2\n\nok')


class TestCalledCurl(unittest.TestCase):
    """One link, called as scripts call curl."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.link = os.path.join(folder.name, 'curl')
        os.symlink(os.path.abspath(Running.client.path), self.link)
        peer = Peer(serve)
        peer.__enter__()
        self.addCleanup(peer.__exit__)
        self.url = f'http://127.0.0.1:{peer.port}'

    def run_link(self, *arguments):
        result = subprocess.run([self.link, '-q', *arguments], capture_output=True, check=False,
                                env=Running.client.environment())
        return result.returncode, result.stdout, result.stderr

    def test_prints_the_body_alone(self):
        self.assertEqual((0, b'ok', b''), self.run_link(f'{self.url}/page'))

    def test_names_itself_in_errors(self):
        self.assertEqual((22, b'', b'curl: (22) The requested URL returned error: 404\n'),
                         self.run_link('-fsS', f'{self.url}/none'))

    def test_names_itself_where_arguments_are_wrong(self):
        code, out, err = self.run_link('--no-such-option')
        self.assertEqual((2, b'', b'curl: (2) '), (code, out, err[:10]))
