"""What the kernel moves to its destination is what the client would read and write, byte for byte."""

import contextlib
import os
import pathlib
import random
import subprocess
import tempfile
import unittest

from contract import Running
from peer import PATIENCE, Peer

# A rate that nothing reaches: bytes that are counted are read by the client itself.
READ = ['--limit-rate', '1000G']
TYPES = ['application/octet-stream', 'image/png', 'text/plain', 'text/html; charset=utf-8', 'text/html', None]
PIECE = 48 << 10


def body(chance):
    """Content of any kind and size, some of it longer than what goes at once."""
    size = chance.choice([0, 1, 2000, 70_000, 300_000, 2 << 20]) + chance.randrange(2)
    kind = chance.randrange(4)
    if kind == 0:
        return chance.randbytes(size)
    letters = [b'plain words ', 'größer 日本 '.encode(), 'größer '.encode('latin-1')][kind - 1]
    return (letters * (size // len(letters) + 1))[:size]


class Response:
    """A response that is the same whenever it is sent, in the same pieces."""

    def __init__(self, seed):
        chance = random.Random(seed)
        content = body(chance)
        framing = chance.choice(['length', 'length', 'chunked', 'chunked', 'close'])
        kind = chance.choice(TYPES)
        fields = [f'Content-Type: {kind}'] if kind else []
        if framing == 'length':
            fields.append(f'Content-Length: {len(content)}')
        elif framing == 'chunked':
            fields.append('Transfer-Encoding: chunked')
            content = self.chunks(content, chance)
        if chance.randrange(4) == 0:
            # Cut short, or with bytes behind the end.
            content = content[:chance.randrange(len(content) + 1)] if chance.randrange(2) else content + b'stray'
        head = '\r\n'.join(['HTTP/1.1 200 OK', 'Connection: close', *fields, '', '']).encode()
        self.pieces, rest = [], head + content
        while rest:
            length = chance.randrange(1, chance.choice([300, PIECE, 20 * PIECE]))
            self.pieces.append(rest[:length])
            rest = rest[length:]

    @staticmethod
    def chunks(content, chance):
        """The content in chunks, small and large."""
        coded = b''
        while content:
            length = chance.choice([1, 500, 9_000, 100_000])
            piece, content = content[:length], content[length:]
            coded += b'%x\r\n%s\r\n' % (len(piece), piece)
        return coded + b'0\r\n\r\n'

    def serve(self, connection):
        connection.head()
        for piece in self.pieces:
            connection.send(piece)
        connection.finish()
        connection.await_end()


class TestMoved(unittest.TestCase):
    """Each response is received twice: moved, and read."""

    def received(self, response, options, sink):
        """The exit code, what was printed and said, and the files that were made."""
        with tempfile.TemporaryDirectory() as folder, Peer(response.serve) as peer:
            options = [option.replace('FOLDER', folder) for option in options]
            arguments = [*options, '--connect-to', f'::127.0.0.1:{peer.port}', 'http://host/']
            with open(sink.replace('FOLDER', folder), 'wb') if sink else contextlib.nullcontext(subprocess.PIPE) as out:
                with Running.client.start(arguments, out) as process:
                    printed = b'' if sink else process.stdout.read()
                    said = process.stderr.read().replace(folder.encode(), b'FOLDER')
                    code = process.wait(PATIENCE)
            files = {os.path.relpath(path, folder): path.read_bytes() for path in pathlib.Path(folder).rglob('*')
                     if path.is_file() and path.suffix != '.json'}
        return code, printed, said, files

    def check(self, *options, sink=None, count=40):
        for seed in range(count):
            with self.subTest(options=options, seed=seed):
                response = Response(seed)
                moved = self.received(response, options, sink)
                read = self.received(response, [*READ, *options], sink)
                for one, other in zip(moved, read):
                    self.assertEqual(one, other)

    def test_printed_to_a_pipe(self):
        self.check()

    def test_printed_to_a_file(self):
        self.check('--body', sink='FOLDER/printed')

    def test_printed_to_nowhere(self):
        self.check('-w', '%{stderr}%{size_download} %{exitcode}', sink='/dev/null')

    def test_saved(self):
        self.check('-o', 'FOLDER/file', '-w', '%{size_download} %{size_delivered}')

    def test_saved_with_a_record(self):
        self.check('-o', 'FOLDER/file', '--save', 'FOLDER/saved')

    def test_printed_with_a_record(self):
        self.check('--save', 'FOLDER/saved')

    def test_discarded_with_a_record(self):
        self.check('--print', 'h', '--save', 'FOLDER/saved')

    def test_checked(self):
        self.check('--check=note', count=20)
