"""WebSocket by two servers: Python's websockets and Node's ws."""

import hashlib
import os
import pathlib
import shutil
import tempfile
import unittest

from certificates import Authority
from contract import Running, client_with_tls
from server import Missing, Server
from test_forms import NODE_MODULES, PYTHON

WEBSOCKETS = '/usr/lib/python3/dist-packages/websockets'
HELLO = 'grüß dich\nund tschüß\n'.encode() + b'\0\xff'
LARGE = 64 << 20
MEMORY_KIB = 24 << 10


class Site(Server):
    """Plain on `port`, over TLS on `closing_port`."""
    script = None
    library = None

    def __init__(self):
        super().__init__()
        self.authority = Authority(self.root)
        self.authority.leaf('good', 'IP:127.0.0.1')

    def arguments(self):
        if not os.path.exists(self.library):
            raise Missing(f'{self.library} is not installed')
        here = pathlib.Path(__file__).parent
        return [here / self.script, self.port, self.closing_port, self.authority.path('good.pem'),
                self.authority.path('good.key')]


class Websockets(Site):
    """Python's websockets."""
    program = PYTHON
    script = 'websocket_site.py'
    library = WEBSOCKETS

    def command(self):
        return [PYTHON, *self.arguments()]


class Ws(Site):
    """Node's ws."""
    program = 'node'
    script = 'websocket_site.js'
    library = f'{NODE_MODULES}/ws'

    def command(self):
        return ['env', f'NODE_PATH={NODE_MODULES}', self.executable, *self.arguments()]


class WebSocket(Running):
    """What both have to do."""

    def talk(self, path, *arguments, stdin=b'', code=0):
        """What is printed of the messages."""
        result = self.client.run('--body', *arguments, f'ws://127.0.0.1:{self.server.port}{path}', stdin=stdin)
        self.assertEqual(code, result.code, result.err)
        if code == 0:
            self.assertEqual(b'', result.err)
        return result.out

    def by_secure(self, path, *arguments, **how):
        """The same over TLS."""
        client = client_with_tls()
        result = client.run('--body', '--cacert', self.server.authority.path('ca.pem'), *arguments,
                            f'wss://127.0.0.1:{self.server.closing_port}{path}', **how)
        self.assertEqual((0, b''), (result.code, result.err))
        return result.out

    def compressed(self):
        """Skips a check where nothing is decompressed."""
        if b'+decompress' not in self.client.run('--version').out:
            self.skipTest('the client decompresses nothing')
        return '--compressed'

    def test_messages(self):
        self.assertEqual(HELLO, self.talk('/hello'))

    def test_messages_over_tls(self):
        self.assertEqual(HELLO, self.by_secure('/hello'))

    def test_messages_compressed(self):
        self.assertEqual(HELLO, self.talk('/hello', self.compressed()))

    def test_lines_come_back(self):
        lines = b'one\n\n\xc3\xa4\xc3\xb6\xc3\xbc\n' + b'x' * 70000 + b'\n'
        self.assertEqual(lines, self.talk('/', '--send', '-', '--linger', '1', stdin=lines))

    def test_many_lines_come_back_compressed(self):
        lines = b''.join(b'{"number": %d, "name": "line"}\n' % number for number in range(5000))
        self.assertEqual(lines, self.talk('/', self.compressed(), '--send', '-', '--linger', '1', stdin=lines))

    def test_lines_come_back_over_tls(self):
        lines = b'one\ntwo\n'
        self.assertEqual(lines, self.by_secure('/', '--send', '-', '--linger', '1', stdin=lines))

    def test_a_file_is_one_message(self):
        folder = tempfile.mkdtemp(prefix='rawget-websocket-')
        self.addCleanup(shutil.rmtree, folder, ignore_errors=True)
        file = pathlib.Path(folder) / 'file'
        for size in (0, 65536, 1 << 20):
            file.write_bytes(b'a\n' * (size // 2))
            for option, kind in (((), b'str'), (('--ws-binary',), b'bytes')):
                out = self.talk('/bytes', '--send', str(file), *option, '--linger', '1')
                self.assertEqual(b'%s %d\n' % (kind, size), out)

    def test_pings_are_answered(self):
        self.assertEqual(b'you are\n', self.talk('/ping'))

    def test_close_codes(self):
        for close, code in ((1000, 0), (1001, 0), (1011, 56), (3000, 56)):
            self.talk(f'/close/{close}', code=code)

    def test_subprotocol(self):
        self.talk('/hello', '-H', 'Sec-WebSocket-Protocol: none, chat')

    def test_half_close(self):
        self.talk('/', '--send', '-', '--half-close', stdin=b'one\n')

    def test_large_message_in_constant_memory(self):
        self.large()

    def test_large_compressed_message_in_constant_memory(self):
        self.large(self.compressed())

    def large(self, *arguments):
        url = f'ws://127.0.0.1:{self.server.port}/large'
        result = self.client.stream('--body', *arguments, url, size=LARGE + 1)
        self.assertEqual((0, LARGE + 1, b''), (result.code, result.size, result.err))
        self.assertEqual(hashlib.sha256(b'x' * LARGE + b'\n').hexdigest(), result.digest)
        self.assertLess(result.peak, MEMORY_KIB)

    def test_findings(self):
        for option in ((), (self.compressed(),)):
            self.assertEqual(b'', self.talk('/hello', '--check', *option))


class TestWebsockets(WebSocket, unittest.TestCase):
    """By Python's websockets."""
    server_class = Websockets


class TestWs(WebSocket, unittest.TestCase):
    """By Node's ws."""
    server_class = Ws
