"""What a large file takes on the disk: no blocks but those that it fills, however the download ends."""

import http.server
import os
import signal
import tempfile
import threading
import time
import unittest

from contract import Contract

MIB = 1 << 20
SIZE = 100 * MIB
PATIENCE = 20


class Stopping(http.server.BaseHTTPRequestHandler):
    """Sends as many MiB of SIZE as the path says, then closes, or holds the connection."""

    def do_GET(self):
        how, count = self.path.strip('/').split('/')
        start = int((self.headers['Range'] or 'bytes=0-')[6:-1])
        self.send_response(206 if start else 200)
        self.send_header('Content-Range', f'bytes {start}-{SIZE - 1}/{SIZE}')
        self.send_header('Content-Type', 'application/octet-stream')
        self.send_header('Content-Length', str(SIZE - start))
        self.end_headers()
        left = min(SIZE - start, int(count) * MIB)
        while left > 0:
            left -= self.wfile.write(bytes(min(left, MIB)))
        if how == 'hold':
            self.server.released.wait(PATIENCE)

    def log_message(self, *_):
        pass


class TestBlocks(unittest.TestCase):
    """The size of a file and the blocks that it has fit each other."""

    def setUp(self):
        self.server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Stopping)
        self.server.released = threading.Event()
        thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        thread.start()
        folder = tempfile.TemporaryDirectory()
        self.file = os.path.join(folder.name, 'file')
        for step in (folder.cleanup, thread.join, self.server.server_close, self.server.shutdown):
            self.addCleanup(step)

    def url(self, path):
        return f'http://127.0.0.1:{self.server.server_port}{path}'

    def check(self, size):
        with open(self.file, 'rb') as file:
            os.fsync(file)
            found = os.fstat(file.fileno())
        self.assertEqual(found.st_size, size)
        self.assertLess(abs(found.st_blocks * 512 - size), MIB)

    def test_a_body_that_is_cut_off_and_resumed(self):
        result = Contract.client.run('-o', self.file, self.url('/cut/70'))
        self.assertEqual(result.code, 18, result.err)
        self.check(70 * MIB)
        result = Contract.client.run('-C', '-', '-o', self.file, self.url('/cut/100'))
        self.assertEqual(result.code, 0, result.err)
        self.check(SIZE)

    def test_what_a_file_is_added_to(self):
        with open(self.file, 'ab') as file:
            file.write(b'abc')
            file.flush()
            with Contract.client.start(['--body', self.url('/cut/100')], file) as process:
                self.assertEqual(process.wait(PATIENCE), 0)
        self.check(SIZE + 3)

    def test_an_interrupt(self):
        for number in signal.SIGINT, signal.SIGTERM:
            with self.subTest(number):
                with Contract.client.start(['-o', self.file, self.url('/hold/20')], None) as process:
                    end = time.monotonic() + PATIENCE
                    while not os.path.exists(self.file) or os.stat(self.file).st_size < 20 * MIB:
                        self.assertLess(time.monotonic(), end, 'the file does not grow')
                        time.sleep(0.02)
                    process.send_signal(number)
                    self.assertEqual(process.wait(PATIENCE), -number)
                self.check(20 * MIB)
                os.remove(self.file)
        self.server.released.set()
