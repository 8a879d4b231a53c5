"""Both directions at once, against a peer that does in them what it likes: over TCP, and over TLS.

No check looks at a clock: what is late makes the peer wait for ever, and the run is killed in the end.
"""

import base64
import hashlib
import os
import random
import re
import shutil
import socket
import tempfile
import threading
import unittest

from contract import Running
from live import Live
from peer import Peer
from trust import WithAuthority

MIB = 1 << 20
OK = 'HTTP/1.1 200 OK\n'
# What a key is hashed with (RFC 6455 §1.3).
WEBSOCKET = b'258EAFA5-E914-47DA-95CA-C5AB0DC85B11'
CHUNKED = OK + 'Transfer-Encoding: chunked\n\n'


def chunk(piece):
    return b'%x\r\n%s\r\n' % (len(piece), piece)


def as_it_is(piece):
    return piece


class BothWays:
    """The checks, whatever the bytes go over."""
    authority = None

    @classmethod
    def setUpClass(cls):
        cls.client = Running.client
        cls.folder = tempfile.mkdtemp(prefix='rawget-both-ways-')
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)

    def file(self, size):
        """A file of so many bytes, and what it holds."""
        content = random.Random(size).randbytes(size)
        path = os.path.join(self.folder, str(size))
        with open(path, 'wb') as file:
            file.write(content)
        return path, content

    def peer(self, serve):
        return Peer(serve, self.authority)

    def url(self, peer, scheme=None):
        scheme = scheme or ('https' if self.authority else 'http')
        return f'{scheme}://localhost:{peer.port}/'

    def options(self):
        return ['--cacert', self.authority.path('ca.pem')] if self.authority else []

    def run_at(self, peer, *arguments, scheme=None, **how):
        return self.client.run(*self.options(), self.url(peer, scheme), *arguments, **how)

    def live(self, peer, *arguments, scheme=None):
        return Live(self.client, *self.options(), self.url(peer, scheme), *arguments)


class Uploads(BothWays):
    """A request that is on its way while the response comes."""

    def echo(self, head, framed=as_it_is, last=b''):
        def serve(connection):
            left = 16 * MIB if b'content-length' in connection.head().lower() else None
            connection.send(head)
            seen = b''
            while left != 0 and not seen.endswith(b'\r\n0\r\n\r\n'):
                piece = connection.some()
                seen = seen[-7:] + piece[-7:]
                left = left and left - len(piece)
                connection.send(framed(piece))
            connection.send(last)
            connection.finish()
            connection.await_end()
        return serve

    def test_an_echo_of_16_mib_comes_while_it_is_sent(self):
        path, content = self.file(16 * MIB)
        forms = {
            'content-length': self.echo(OK + f'Content-Length: {16 * MIB}\n\n'),
            'chunked': self.echo(CHUNKED, chunk, b'0\r\n\r\n'),
            'close': self.echo(OK + '\n'),
        }
        for name, serve in forms.items():
            for option in ['--body', '--raw', '--keep-alive']:
                with self.subTest(name, option=option), self.peer(serve) as peer:
                    if (name, option) == ('chunked', '--raw'):
                        continue
                    result = self.run_at(peer, '-T', path, '--body', option)
                    self.assertEqual((0, b''), (result.code, result.err))
                    self.assertTrue(result.out == content, f'{len(result.out)} bytes')

    def test_a_chunked_upload_comes_back(self):
        path, content = self.file(16 * MIB)
        with self.peer(self.echo(OK + '\n')) as peer:
            result = self.run_at(peer, '-T', path, '-H', 'Transfer-Encoding: chunked', '--body')
        self.assertEqual((0, b''), (result.code, result.err))
        self.assertGreater(len(result.out), len(content))
        self.assertTrue(result.out.endswith(b'\r\n0\r\n\r\n'))

    def test_a_flood_of_30_mib_that_reads_nothing(self):
        path, _ = self.file(16 * MIB)
        for name, head, framed, last in [
                ('content-length', OK + f'Content-Length: {30 * MIB}\n\n', as_it_is, b''),
                ('chunked', CHUNKED, chunk, b'0\r\n\r\n'),
                ('close', OK + '\n', as_it_is, b'')]:
            done = threading.Event()

            def serve(connection):
                connection.head()
                connection.send(head)
                for _ in range(30):
                    connection.send(framed(bytes(MIB)))
                connection.send(last)
                if name == 'close':
                    connection.finish()
                done.wait(60)

            with self.subTest(name), self.peer(serve) as peer:
                result = self.run_at(peer, '-T', path, '--body')
                done.set()
                self.assertEqual(55, result.code, result.err)
                self.assertEqual(30 * MIB, len(result.out))
                self.assertIn(b'bytes sent', result.err)

    def test_a_pipe_is_echoed_line_by_line(self):
        def serve(connection):
            connection.head()
            connection.send(OK + 'Content-Type: text/plain; charset=utf-8\n\n')
            while piece := connection.some():
                connection.send(piece)

        with self.peer(serve) as peer, self.live(peer, '-T', '-', '-H', 'Expect:', '--body') as run:
            for line in [b'a\n', b'b\n', 'ü\n'.encode()]:
                run.type(line)
                run.await_output(line)
            run.kill()

    def test_endless_interim_responses_end_the_run(self):
        path, _ = self.file(16 * MIB)

        def serve(connection):
            connection.head()
            while True:
                connection.send('HTTP/1.1 102 Processing\n\n' * 100)

        with self.peer(serve) as peer:
            result = self.run_at(peer, '-T', path)
        self.assertIn(result.code, (56, 100), result.err)

    def test_a_refusal_stops_the_upload(self):
        path, _ = self.file(16 * MIB)
        for status in ['403 Forbidden', '500 Oops']:
            taken = []

            def serve(connection):
                connection.head()
                connection.send(f'HTTP/1.1 {status}\nContent-Length: 3\n\nno\n'.replace('no\n', 'no!'))
                taken.append(connection.await_end())

            with self.subTest(status), self.peer(serve) as peer:
                result = self.run_at(peer, '-T', path, '--body')
                self.assertEqual((0, b'no!'), (result.code, result.out), result.err)
            self.assertLess(len(taken[0]) if taken else 0, 16 * MIB)

    def test_a_bad_head_during_an_upload_is_explained(self):
        path, _ = self.file(16 * MIB)

        def serve(connection):
            connection.head()
            connection.send('HTTP/1.1 200 OK\nX: y\n')
            connection.finish()
            connection.await_end()

        with self.peer(serve) as peer:
            for option in ['--check', '--explain', '--explain=json']:
                with self.subTest(option):
                    result = self.run_at(peer, '-T', path, option)
                    self.assertIn(b'head-truncated', result.out, result.err)
                    self.assertIn(result.code, (18, 120), result.err)


class Downloads(BothWays):
    """A response that comes in a time of its own."""

    def test_a_pipe_has_each_line_at_once_and_its_reader_ends_the_run(self):
        for head, framed in [(OK + '\n', as_it_is), (CHUNKED, chunk), (OK + 'Content-Length: 100000\n\n', as_it_is),
                             (OK + 'Content-Type: application/octet-stream\n\n', as_it_is)]:
            over = threading.Event()

            def serve(connection):
                connection.head()
                connection.send(head)
                connection.send(framed(b'alarm 1\n'))
                seen.wait(60)
                connection.send(framed(b'alarm 2\n'))
                over.wait(60)

            seen = threading.Event()
            with self.subTest(head), self.peer(serve) as peer, self.live(peer, '--body') as run:
                run.await_output(b'alarm 1\n')
                seen.set()
                run.await_output(b'alarm 2\n')
                run.close_output()
                self.assertEqual(0, run.await_exit())
                over.set()

    def test_text_is_held_for_a_second_and_no_more(self):
        line = 'größer\n'.encode('latin-1')
        for kind in ['text/plain', 'text/event-stream', 'application/x-ndjson', 'text/html']:
            for head, framed in [(OK, as_it_is), (OK + 'Transfer-Encoding: chunked\n', chunk)]:
                first, over = threading.Event(), threading.Event()
                asked = threading.Semaphore(0)

                def serve(connection):
                    connection.head()
                    connection.send(head + f'Content-Type: {kind}\n\n')
                    while not first.is_set():
                        connection.send(framed(line))
                        first.wait(0.3)
                    while not over.is_set():
                        if asked.acquire(timeout=0.1):
                            connection.send(framed(b'next\n'))

                with self.subTest(kind, head=head), self.peer(serve) as peer, self.live(peer, '--body') as run:
                    run.await_output(b'gr')
                    first.set()
                    for count in range(1, 4):
                        asked.release()
                        run.await_output(b'next\n' * count)
                    over.set()
                    run.kill()

    def test_limits_are_met_while_nobody_reads_what_is_printed(self):
        for head, framed in [(OK + '\n', as_it_is), (CHUNKED, chunk),
                             (OK + 'Content-Type: text/plain; charset=latin1\n\n', as_it_is)]:
            def serve(connection):
                connection.head()
                connection.send(head)
                while True:
                    connection.send(framed(bytes(65536)))

            for limits in [('-m', '1'), ('-y', '1', '-Y', '1000')]:
                with self.subTest(head, limits=limits), self.peer(serve) as peer:
                    with self.live(peer, '--body', *limits) as run:
                        self.assertEqual(28, run.await_exit())

    def drip(self, text):
        def serve(connection):
            connection.head()
            connection.send(text)
            while not self.left.wait(0.05):
                connection.send(b'x')
        self.left = threading.Event()
        return serve

    def test_one_byte_at_a_time_after_the_end_does_not_hold_the_run(self):
        for text in [OK + 'Content-Length: 2\n\nok', CHUNKED + '2\nok\n0\n\n', 'HTTP/1.1 304 Not Modified\n\n']:
            for option in ['--check', '--explain', '--explain=json']:
                with self.subTest(text, option=option), self.peer(self.drip(text)) as peer:
                    result = self.run_at(peer, option)
                    self.left.set()
                    self.assertIn(b'follow', result.out)

    def test_one_byte_at_a_time_after_what_is_not_http_does_not_hold_the_run(self):
        for text in ['SSH-2.0-x\n', 'HTTP/1.1 2x0 OK\n\n']:
            for option in ['-i', '--check', '--explain']:
                with self.subTest(text, option=option), self.peer(self.drip(text)) as peer:
                    result = self.run_at(peer, option)
                    self.left.set()
                    self.assertIn(result.code, (1, 120), result.err)

    def test_limits_are_met_while_codings_are_undone(self):
        # Each level decodes to some 20,000 times its size: a block of zstd that repeats one byte is written as that
        # byte, four times, when the byte is right.
        window, repeat = b'\x28\xb5\x2f\xfd\x00\x58', b'\x0a'

        def raw_block(content):
            return (len(content) << 3).to_bytes(3, 'little') + content

        inner = window + repeat * 4
        middle = window + raw_block(window) + repeat * 4
        outer = window + raw_block(window + raw_block(window)) + repeat * 32
        self.assertTrue(inner and middle)

        def serve(connection):
            connection.head()
            connection.send(OK + f'Content-Encoding: zstd, zstd, zstd\nContent-Length: {len(outer)}\n\n')
            connection.send(outer)
            connection.finish()
            connection.await_end()

        if b'+decompress' not in self.client.run('--version').out:
            self.skipTest('the client undoes no codings')
        for limits in [('-m', '1'), ('-y', '1', '-Y', '1000')]:
            for sink in [('-o', '/dev/null'), ('--body',)]:
                with self.subTest(limits, sink=sink), self.peer(serve) as peer:
                    run = self.live(peer, '--compressed', *limits, *sink)
                    with run:
                        run.drain_output()
                        self.assertEqual(28, run.await_exit(), run.errors())


class Idle(BothWays):
    """A connection that is kept, and what happens on it meanwhile."""

    def answers(self, then):
        """A server that answers twice on a connection; `then` comes behind the first answer of the first one."""
        self.heads, self.behind = [], threading.Event()

        def serve(connection):
            is_first = peer_of().connections == 1
            while head := connection.head():
                self.heads.append(head)
                connection.content(head)
                connection.send(OK + 'Content-Length: 2\n\nok')
                if is_first:
                    is_first = False
                    ends = then(connection)
                    self.behind.set()
                    if ends:
                        return
        holder = []

        def peer_of():
            return holder[0]
        peer = self.peer(serve)
        holder.append(peer)
        return peer

    def ask_twice(self, peer, *arguments):
        """Asks on one connection, the second time once the peer has done what comes behind its first answer: until
        then nobody opens the pipe that this is saved to."""
        first = []

        def read():
            self.behind.wait(60)
            with open(pipe, 'rb') as file:
                first.append(file.read())

        pipe = tempfile.mktemp(dir=self.folder)
        os.mkfifo(pipe)
        reader = threading.Thread(target=read, daemon=True)
        reader.start()
        result = self.client.run(*self.options(), '--keep-alive', '-o', pipe, '-o', '-', *arguments, self.url(peer), '/b')
        reader.join(60)
        self.assertEqual([b'ok'], first, result.err)
        return result

    def test_a_closed_connection_takes_no_post(self):
        for name, then in [('fin', lambda connection: connection.finish() or True),
                           ('reset', lambda connection: connection.reset() or True)]:
            for arguments in [['-d', 'x'], ['-X', 'PATCH'], ['-d', '@' + self.file(200_000)[0]]]:
                with self.subTest(name, arguments=arguments), self.answers(then) as peer:
                    result = self.ask_twice(peer, *arguments)
                    self.assertEqual((0, b'ok', b''), (result.code, result.out, result.err))
                    self.assertEqual(2, len(self.heads))

    def test_stray_bytes_are_no_response(self):
        def then(connection):
            connection.send('HTTP/1.1 200 OK\nContent-Length: 3\n\nbad')
        for arguments in [[], ['-d', 'x']]:
            with self.subTest(arguments), self.answers(then) as peer:
                result = self.ask_twice(peer, *arguments)
                self.assertEqual((0, b'ok'), (result.code, result.out), result.err)
                self.assertEqual(2, peer.connections)


class Ends(BothWays):
    """Who ends a connection, and how."""

    def test_a_websocket_that_ends_without_close_is_cut_off(self):
        """Also where TLS ends without a close_notify."""
        def serve(connection):
            key = re.search(rb'(?i)sec-websocket-key: *(\S+)', connection.head())[1]
            accept = base64.b64encode(hashlib.sha1(key + WEBSOCKET).digest()).decode()
            connection.send(f'HTTP/1.1 101 Switching Protocols\nUpgrade: websocket\nConnection: Upgrade\n'
                            f'Sec-WebSocket-Accept: {accept}\n\n')
            connection.send(b'\x81\x02hi')
            connection.stream.shutdown(socket.SHUT_WR)
        with self.peer(serve) as peer:
            result = self.run_at(peer, '--body', scheme='wss' if self.authority else 'ws')
        self.assertEqual((18, b'hi\n'), (result.code, result.out))
        self.assertIn(b'ended without a Close frame, after 1 message', result.err)

    def test_a_reset_during_an_upload_leaves_what_came_before(self):
        whole, reset = b'did not read the whole request', b'connection reset'
        for head, code, error in [('Content-Length: 4\n\n', 55, whole), ('Content-Length: 9\n\n', 56, reset),
                                  ('\n', 56, reset)]:
            def serve(connection):
                connection.head()
                connection.send(OK + head + 'some')
                connection.reset()
            with self.subTest(head), self.peer(serve) as peer:
                upload = '@' + self.file(8 * MIB)[0]
                result = self.run_at(peer, '--body', '-H', 'Expect:', '--data-binary', upload)
                self.assertEqual((code, b'some'), (result.code, result.out), result.err)
                self.assertIn(error, result.err)

    def test_a_peer_that_ends_first_is_sent_the_rest(self):
        """All of a file, and of a pipe what is there. One that closes takes no more, which is an error."""
        path, content = self.file(8 * MIB)

        def reads_on(connection):
            connection.finish()
            taken.append(connection.await_end())

        for arguments, stdin in [(['--send', path], b''), (['--send', '-'], content)]:
            taken = []
            with self.subTest(arguments), Peer(reads_on) as peer:
                result = self.client.run(f'tcp://localhost:{peer.port}', *arguments, stdin=stdin)
                self.assertEqual((0, b'', b''), (result.code, result.out, result.err))
            self.assertEqual([content], taken)
        with Peer(lambda connection: None) as peer:
            result = self.client.run(f'tcp://localhost:{peer.port}', '--send', path)
        self.assertIn((result.code, b'took all of the input' in result.err), [(55, True), (56, False)], result.err)

    def test_only_tls_tells_whether_an_end_is_a_cut(self):
        """Content that ends with the connection is whole where no close_notify is to be expected."""
        def serve(connection):
            connection.head()
            connection.send(OK + '\nsome')
            connection.stream.shutdown(socket.SHUT_WR)
        with self.peer(serve) as peer:
            result = self.run_at(peer, '--explain')
        code, ends = (56, b'CUT SHORT') if self.authority else (0, b'complete')
        self.assertEqual(code, result.code, result.err)
        self.assertIn(b'  ends        ' + ends + b', at byte 23\n', result.out)


class TestUploads(Uploads, unittest.TestCase):
    pass


class TestDownloads(Downloads, unittest.TestCase):
    pass


class TestIdle(Idle, unittest.TestCase):
    pass


class TestEnds(Ends, unittest.TestCase):
    pass


class TestUploadsOverTls(WithAuthority, TestUploads):
    pass


class TestDownloadsOverTls(WithAuthority, TestDownloads):
    pass


class TestIdleOverTls(WithAuthority, TestIdle):
    pass


class TestEndsOverTls(WithAuthority, TestEnds):
    pass
