"""A server that cuts its answers: what --retry makes of it, at the size of a real download."""

import hashlib
import http.server
import os
import random
import tempfile
import threading
import unittest

from contract import Contract

SIZE = 64 << 20
CUTS = 10


class Cutting(http.server.BaseHTTPRequestHandler):
    """Answers with a part of what it announces, so many times, and then with all."""
    protocol_version = 'HTTP/1.1'

    def do_GET(self):
        server = self.server
        server.asked.append((self.headers['Range'], self.headers['If-Range']))
        start = 0
        if server.has_ranges and self.headers['Range'] and self.headers['If-Range'] == server.tag:
            start = int(self.headers['Range'].removeprefix('bytes=').removesuffix('-'))
        rest = memoryview(server.content)[start:]
        self.send_response(206 if start else 200)
        if start:
            self.send_header('Content-Range', f'bytes {start}-{SIZE - 1}/{SIZE}')
        self.send_header('ETag', server.tag)
        self.send_header('Content-Length', str(len(rest)))
        self.end_headers()
        is_cut = len(server.asked) <= CUTS
        try:
            self.wfile.write(rest[:len(rest) // 5] if is_cut else rest)
        except OSError:
            pass
        self.close_connection = True

    def log_message(self, *_):
        pass


class TestRetry(unittest.TestCase):
    """A file that is cut ten times arrives whole, whether the server gives parts or not."""

    @classmethod
    def setUpClass(cls):
        cls.content = random.Random(1).randbytes(SIZE)
        cls.digest = hashlib.sha256(cls.content).hexdigest()

    def download(self, has_ranges, *arguments):
        """The requests that a download took, whose file must be right in the end."""
        server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Cutting)
        server.content, server.has_ranges, server.tag, server.asked = self.content, has_ranges, '"one"', []
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            with tempfile.TemporaryDirectory() as folder:
                file = os.path.join(folder, 'file')
                url = f'http://127.0.0.1:{server.server_port}/'
                result = Contract.client.save('--retry', str(CUTS), '--retry-delay', '0.01', *arguments, '-o', file, url,
                                              file=file)
        finally:
            server.shutdown()
            server.server_close()
            thread.join()
        self.assertEqual((result.code, result.size, result.digest), (0, SIZE, self.digest), result.err)
        self.assertEqual(len(server.asked), CUTS + 1)
        return server.asked

    def test_a_server_that_resumes(self):
        asked = self.download(True)
        self.assertEqual(asked[0], (None, None))
        starts = [int(given.removeprefix('bytes=').removesuffix('-')) for given, _ in asked[1:]]
        self.assertEqual(starts, sorted(set(starts)), 'each goes on where the one before ended')
        self.assertEqual({tag for _, tag in asked[1:]}, {'"one"'})

    def test_a_server_that_begins_again(self):
        self.download(False)

    def test_a_download_that_goes_on_anyway(self):
        asked = self.download(True, '-C', '-')
        self.assertEqual(asked[1][1], '"one"')
