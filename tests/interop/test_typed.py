"""What somebody types at a terminal: HTTP and any other protocol, answered as it is typed."""

import os
import pty
import selectors
import subprocess
import tempfile
import threading
import time
import unittest

from client import PATIENCE
from contract import Running
from live import Live
from peer import Peer

OK = 'HTTP/1.1 200 OK\nContent-Length: {}\n\n'


class Terminal:
    """The client at a terminal of its own, which echoes what is typed."""

    def __init__(self, client, *arguments):
        ours, theirs = pty.openpty()
        self.terminal, self.seen = ours, b''
        self.process = subprocess.Popen([client.path, '--color', 'never', *arguments], stdin=theirs, stdout=theirs,
                                        stderr=theirs, env=client.environment(), start_new_session=True)
        os.close(theirs)
        self.deadline = time.monotonic() + PATIENCE

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self.terminal)

    def type(self, *lines):
        """Types lines, or Ctrl-D."""
        for line in lines:
            os.write(self.terminal, line if line == b'\x04' else line + b'\n')

    def await_shown(self, wanted):
        """Reads what is shown until these bytes are among it, and forgets all up to them."""
        while wanted not in self.seen:
            with selectors.DefaultSelector() as selector:
                selector.register(self.terminal, selectors.EVENT_READ)
                if not selector.select(max(0, self.deadline - time.monotonic())):
                    raise AssertionError(f'not shown: {wanted!r}, but {self.seen!r}')
            try:
                self.seen += os.read(self.terminal, 1 << 16)
            except OSError as gone:
                raise AssertionError(f'it ended without {wanted!r}: {self.seen!r}') from gone
        self.seen = self.seen.partition(wanted)[2]

    def await_exit(self):
        """The exit code."""
        return self.process.wait(max(0.1, self.deadline - time.monotonic()))


class TestTyped(unittest.TestCase):
    """Each check types at a terminal."""

    def at(self, serve, *arguments, scheme='http'):
        peer = Peer(serve)
        self.addCleanup(peer.__exit__)
        peer.__enter__()
        run = Terminal(Running.client, f'{scheme}://127.0.0.1:{peer.port}', '--send', '-', *arguments)
        self.addCleanup(run.__exit__)
        return run

    def answer(self, connection):
        count = 0
        while head := connection.head():
            count += 1
            content = f'no. {count} to {head.split()[0].decode()} {connection.content(head).decode()}.'
            if b'Upgrade' in head:
                connection.send('HTTP/1.1 101 Switching\nConnection: upgrade\nUpgrade: echo\n\n')
                while piece := connection.some():
                    connection.send(b'echo: ' + piece)
                return
            connection.send(OK.format(len(content)))
            if not head.startswith(b'HEAD'):
                connection.send(content.encode())

    def test_request_after_request_on_one_connection(self):
        run = self.at(self.answer, '--keep-alive', '--crlf')
        run.type(b'GET / HTTP/1.1', b'Host: a', b'')
        run.await_shown(b'no. 1 to GET .')
        run.type(b'HEAD / HTTP/1.1', b'Host: a', b'')
        run.await_shown(b'Content-Length')
        run.type(b'POST / HTTP/1.1', b'Host: a', b'Content-Length: 3', b'', b'abc')
        run.await_shown(b'no. 3 to POST abc.')
        run.type(b'\x04')
        self.assertEqual(0, run.await_exit())

    def test_one_request_is_all_without_keep_alive(self):
        run = self.at(self.answer, '--crlf')
        run.type(b'GET / HTTP/1.1', b'Host: a', b'')
        run.await_shown(b'no. 1 to GET .')
        self.assertEqual(0, run.await_exit())

    def test_both_ways_after_switching(self):
        run = self.at(self.answer, '--crlf')
        run.type(b'GET / HTTP/1.1', b'Host: a', b'Connection: upgrade', b'Upgrade: echo', b'')
        run.await_shown(b'101 Switching')
        for line in [b'one', b'two']:
            run.type(line)
            run.await_shown(b'echo: ' + line)

    def test_a_server_that_speaks_first_is_heard_before_anything_is_typed(self):
        def serve(connection):
            connection.send('HTTP/1.1 408 Request Timeout\nContent-Length: 4\nConnection: close\n\nlate')
            connection.finish()
            connection.await_end()

        run = self.at(serve)
        run.await_shown(b'late')
        run.await_exit()

    def test_a_dialogue_ends_when_the_peer_closes(self):
        def serve(connection):
            connection.send('220 ready\n')
            while (piece := connection.some()).strip() != b'quit':
                connection.send(b'you said ' + piece)

        run = self.at(serve, scheme='tcp')
        run.await_shown(b'220 ready')
        run.type(b'hello')
        run.await_shown(b'you said hello')
        run.type(b'quit')
        self.assertEqual(0, run.await_exit())

    def test_ctrl_d_ends_the_sending_side_over_tcp(self):
        def serve(connection):
            connection.send(b'%d bytes came\n' % len(connection.await_end()))

        run = self.at(serve, scheme='tcp')
        run.type(b'hello', b'\x04')
        run.await_shown(b'6 bytes came')
        self.assertEqual(0, run.await_exit())


class TestPiped(unittest.TestCase):
    """What a program writes bit by bit to standard input."""

    def serve(self, connection):
        self.connected.set()
        while head := connection.head():
            content = connection.content(head)
            connection.send(OK.format(len(content) + 1).encode().replace(b'\n', b'\r\n') + content + b'\n')

    def setUp(self):
        self.connected = threading.Event()

    def test_the_connection_is_there_before_the_first_byte(self):
        with Peer(self.serve) as peer:
            with Live(Running.client, f'http://localhost:{peer.port}/', '--send', '-', '--body') as run:
                self.assertTrue(self.connected.wait(PATIENCE))
                for part in [b'POST / HTTP/1.1\r\nContent-Le', b'ngth: 3\r\n\r\na']:
                    run.type(part)
                run.type(b'bcPOST / HTTP/1.1\r\nContent-Length: 5\r\n\r\n')
                run.await_output(b'abc\n')
                run.type(b'defgh')
                run.await_output(b'abc\ndefgh\n')
                run.end_input()
                self.assertEqual((0, b''), (run.await_exit(), run.errors()))

    def test_large_content_is_told_whole(self):
        with Peer(self.serve) as peer, tempfile.TemporaryDirectory() as folder:
            request = b'POST / HTTP/1.1\r\nContent-Length: 5000000\r\n\r\n' + bytes(5000000)
            with Live(Running.client, f'http://localhost:{peer.port}/', '--send', '-', '--save', folder) as run:
                threading.Thread(target=lambda: (run.type(request * 2), run.end_input())).start()
                run.drain_output()
                self.assertEqual((0, b''), (run.await_exit(), run.errors()))
            for number in '12':
                with open(os.path.join(folder, f'{number}.request'), 'rb') as file:
                    self.assertTrue(file.read() == request)

    def test_an_echo_is_as_long_as_what_is_piped(self):
        content = bytes(range(256)) * 20000
        head = f'POST / HTTP/1.1\r\nContent-Length: {len(content)}\r\n\r\n'.encode()
        connect = b'CONNECT a:1 HTTP/1.1\r\n\r\n'

        def echo(connection):
            is_post = connection.head().startswith(b'POST')
            connection.send(f'HTTP/1.1 200 OK\nContent-Length: {len(content)}\n\n' if is_post else 'HTTP/1.1 200 OK\n\n')
            left = len(content)
            while left and (piece := connection.some()):
                left -= len(piece)
                connection.send(piece)
            connection.finish()

        for begin in [head, connect]:
            with self.subTest(begin), Peer(echo) as peer, tempfile.TemporaryDirectory() as folder:
                result = Running.client.run(f'http://localhost:{peer.port}/', '--send', '-', '--body', '--save', folder,
                                            stdin=begin + content)
                self.assertEqual((0, b''), (result.code, result.err))
                self.assertTrue(result.out == content)
                with open(os.path.join(folder, '1.request'), 'rb') as file:
                    self.assertTrue(file.read() == begin + content)

    def test_what_follows_a_response_that_closes_is_read_while_the_input_is_open(self):
        seen = threading.Event()

        def serve(connection):
            connection.head()
            connection.send('HTTP/1.1 200 OK\nContent-Length: 2\nConnection: close\n\nok')
            seen.wait(PATIENCE)
            connection.send('more')

        with Peer(serve) as peer:
            target = f'http://localhost:{peer.port}/'
            with Live(Running.client, target, '--send', '-', '--body', '--until-eof') as run:
                run.type(b'GET / HTTP/1.1\r\n\r\n')
                run.await_output(b'ok')
                seen.set()
                run.await_output(b'okmore')
                self.assertEqual((0, b''), (run.await_exit(), run.errors()))

    def test_linger_ends_another_protocol_once_the_input_has_ended(self):
        ended = threading.Event()

        def serve(connection):
            connection.head()
            connection.send('HTTP/1.1 101 Switching Protocols\nConnection: upgrade\nUpgrade: echo\n\nhello')
            ended.wait(2 * PATIENCE)

        with Peer(serve) as peer:
            target = f'http://localhost:{peer.port}/'
            with Live(Running.client, target, '--send', '-', '--body', '--linger', '0.1') as run:
                run.type(b'GET / HTTP/1.1\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n')
                run.await_output(b'hello')
                run.end_input()
                try:
                    self.assertEqual((0, b''), (run.await_exit(), run.errors()))
                finally:
                    ended.set()

    def test_no_input_is_no_error(self):
        with Peer(self.serve) as peer:
            result = Running.client.run(f'http://localhost:{peer.port}/', '--send', '-')
        self.assertEqual((0, b'', b''), (result.code, result.out, result.err))
