"""The checks that every server gets. None of them looks at a clock."""

import os
import unittest

import site_files
import wire
from server import Missing

MEMORY_KIB = 8 << 10


class Running:
    """Mixed into a test case whose `server_class` is a Server, which runs while its checks do."""
    client = None
    allow_missing = False
    server_class = None

    @classmethod
    def setUpClass(cls):
        cls.server = running(cls, cls.server_class)

    def target(self, port=None):
        return f'127.0.0.1:{port or self.server.port}'

    def get(self, *arguments, code=0):
        """Runs the client against the server; its exit code and an empty standard error are part of every check."""
        result = self.client.run(*[self.target() if argument is TARGET else argument for argument in arguments])
        self.assertEqual(code, result.code, result.err)
        if code == 0:
            self.assertEqual(b'', result.err)
        return result

    def need(self, name):
        """Skips the check when the server has no such thing."""
        if not getattr(self.server, name):
            self.skipTest(self.server.cannot.get(name, f'{self.server.program}: no {name}'))
        return getattr(self.server, name)

    def connections(self, *options, paths, body, port=None):
        """Asks for the paths in one run, checks the bodies, and gives the number of connections it took."""
        with wire.Tap(port or self.server.port) as tap:
            result = self.get('--body', *options, self.target(tap.port), *paths)
        self.assertEqual(body, result.out)
        sent = b''.join(tap.connections).lower()
        self.assertEqual(len(paths), sent.count(b' http/1.'))
        closes = 0 if '--keep-alive' in options else len(paths)
        self.assertEqual(closes, sent.count(b'\r\nconnection: close\r\n'))
        return len(tap.connections)


def available(make, *arguments):
    """What `make` gives. A program that is not installed fails the checks, or skips them where that is allowed."""
    try:
        return make(*arguments)
    except Missing as missing:
        if Running.allow_missing:
            raise unittest.SkipTest(str(missing)) from None
        raise


def running(checks, make, *arguments):
    """The server that `make` gives, running until the `checks` of a class are done."""
    def start():
        server = make(*arguments)
        checks.addClassCleanup(server.stop)
        server.start()
        return server
    return available(start)


def client_with_tls():
    """The client; the checks are skipped where it has no TLS."""
    if b'+tls' not in Running.client.run('--version').out:
        raise unittest.SkipTest('the client has no TLS')
    return Running.client


class Contract(Running):
    """What all servers have to do."""

    # One response

    def test_get_text(self):
        result = self.get(TARGET, '/text.txt')
        self.assertEqual(200, result.status)
        self.assertTrue(result.head.startswith(b'HTTP/1.'), result.head)
        self.assertEqual(str(len(site_files.TEXT)), result.field('Content-Length'))
        self.assertEqual(site_files.TEXT, result.body)

    def test_get_binary(self):
        self.assertEqual(site_files.DATA, self.get(TARGET, '/data.bin').body)

    def test_get_without_a_path(self):
        self.assertEqual(site_files.PAGE, self.get(TARGET).body)

    def test_get_by_url(self):
        self.assertEqual(site_files.PAGE, self.get(f'http://{self.target()}/index.html').body)

    def test_body_only(self):
        self.assertEqual(site_files.DATA, self.get('--body', TARGET, '/data.bin').out)

    def test_head_as_received_to_the_request_as_shown(self):
        """What --dry-run prints, sent by hand, brings the very bytes that the client prints."""
        request = self.get('--dry-run', TARGET, '/data.bin').out
        by_hand = wire.exchange(self.server.port, request)
        self.assertEqual(wire.without_date(by_hand), wire.without_date(self.get(TARGET, '/data.bin').out))

    def test_request_as_shown_is_the_request_sent(self):
        with wire.Tap(self.server.port) as tap:
            arguments = ['-H', 'x-oDD:  kept', '-H', 'X-Odd: twice', self.target(tap.port), '/a%2Fb/../text.txt?x=[1]']
            shown = self.get('--dry-run', *arguments).out
            self.get(*arguments)
        self.assertEqual([shown], [bytes(sent) for sent in tap.connections])

    def test_head(self):
        result = self.get('-I', TARGET, '/text.txt')
        self.assertEqual(200, result.status)
        self.assertEqual(str(len(site_files.TEXT)), result.field('Content-Length'))
        self.assertEqual(b'', result.body)
        self.assertTrue(result.out.endswith(b'\r\n\r\n'), result.out)

    def test_http10(self):
        self.assertEqual(site_files.TEXT, self.get('-0', '--body', TARGET, '/text.txt').out)

    def test_save(self):
        file = str(self.server.root / 'saved')
        result = self.get('-o', file, TARGET, '/data.bin')
        self.assertEqual(b'', result.out)
        with open(file, 'rb') as saved:
            self.assertEqual(site_files.DATA, saved.read())

    # Ranges and conditions

    def test_range(self):
        self.need('ranges')
        result = self.get('-r', '0-99', TARGET, '/data.bin')
        self.assertEqual(206, result.status)
        self.assertEqual(f'bytes 0-99/{len(site_files.DATA)}', result.field('Content-Range'))
        self.assertEqual(site_files.DATA[:100], result.body)

    def test_range_of_the_end(self):
        self.need('ranges')
        result = self.get('-r', '-50', '--body', TARGET, '/data.bin')
        self.assertEqual(site_files.DATA[-50:], result.out)

    def test_range_beyond_the_end(self):
        self.need('ranges')
        self.assertEqual(416, self.get('-r', '99999999-', TARGET, '/data.bin').status)

    def test_not_modified_by_etag(self):
        self.need('etags')
        etag = self.get('-I', TARGET, '/text.txt').field('ETag')
        self.not_modified(f'If-None-Match: {etag}')

    def test_not_modified_by_date(self):
        date = self.get('-I', TARGET, '/text.txt').field('Last-Modified')
        self.not_modified(f'If-Modified-Since: {date}')

    def not_modified(self, condition):
        # On a connection that persists: a client that waits for a body would never see its end.
        result = self.get('--keep-alive', '-H', condition, TARGET, '/text.txt')
        self.assertEqual(304, result.status)
        self.assertEqual(b'', result.body)

    def test_not_found(self):
        result = self.get(TARGET, '/no-such-thing')
        self.assertEqual(404, result.status)
        self.assertNotEqual(b'', result.body)

    # Explained

    def test_nothing_is_found_that_is_not_true(self):
        """What real servers send is in order: whatever is found beyond advice is wrong, or is listed here as true."""
        requests = [['/text.txt'], ['-I', '/text.txt'], ['/data.bin'], ['/no-such-thing'], ['/'], ['-0', '/text.txt'],
                    ['-z', 'Fri, 01 Jan 2100 00:00:00 GMT', '/text.txt'], ['-H', 'If-None-Match: "x"', '/text.txt'],
                    ['-X', 'OPTIONS', '/text.txt'], ['-X', 'FROBNICATE', '/text.txt']]
        if self.server.chunked_path:
            requests.append([self.server.chunked_path])
        if self.server.ranges:
            requests.append(['-r', '0-99', '/data.bin'])
            requests.append(['-r', '0-99,200-299', '/data.bin'])
            requests.append(['-r', '0-99', '-H', 'If-Range: "x"', '/data.bin'])
            requests.append(['-r', '99999999-', '/data.bin'])
        for arguments in requests:
            with self.subTest(arguments):
                result = self.client.run('--check', self.target(), *arguments)
                found = [line.split(': ')[1:3] for line in result.out.decode().splitlines()]
                serious = [name for severity, name in found if severity != 'note' and name not in self.server.true_findings]
                self.assertEqual([], serious, result.out)

    # Chunked

    def test_chunked(self):
        result = self.get(TARGET, self.need('chunked_path'))
        self.assertEqual('chunked', result.field('Transfer-Encoding'))
        self.assertEqual(site_files.TEXT, result.body)

    def test_chunked_raw(self):
        result = self.get('--raw', TARGET, self.need('chunked_path'))
        self.assertEqual(site_files.TEXT, wire.unchunk(result.body))

    def test_chunked_saved(self):
        file = str(self.server.root / 'chunked')
        self.get('-o', file, TARGET, self.need('chunked_path'))
        with open(file, 'rb') as saved:
            self.assertEqual(site_files.TEXT, saved.read())

    def test_chunked_twice_on_one_connection(self):
        path = self.need('chunked_path')
        self.assertEqual(1, self.connections('--keep-alive', paths=(path, path), body=site_files.TEXT * 2))

    # Connections

    def test_closed_by_default(self):
        self.assertEqual('close', self.get('-I', TARGET, '/text.txt').field('Connection') or 'close')
        self.assertEqual(2, self.connections(paths=('/text.txt', '/data.bin'), body=site_files.TEXT + site_files.DATA))

    def test_keep_alive(self):
        self.assertEqual(1, self.connections('--keep-alive', paths=('/text.txt', '/data.bin', '/index.html'),
                                             body=site_files.TEXT + site_files.DATA + site_files.PAGE))

    def test_keep_alive_after_heads(self):
        """A response to HEAD has a Content-Length and no body; the next response follows at once."""
        with wire.Tap(self.server.port) as tap:
            heads = self.get('--body', '--keep-alive', '-I', self.target(tap.port), '/text.txt', '/data.bin').out
        self.assertEqual(2, heads.count(b'HTTP/1.1 200'))
        self.assertEqual(2, heads.count(b'\r\n\r\n'))
        self.assertTrue(heads.endswith(b'\r\n\r\n'))
        self.assertEqual(1, len(tap.connections))

    def test_keep_alive_refused(self):
        self.assertEqual(2, self.connections('--keep-alive', paths=('/text.txt', '/data.bin'),
                                             body=site_files.TEXT + site_files.DATA, port=self.server.closing_port))

    # Sending

    def test_post(self):
        result = self.get('-d', 'a=1&b=ü', '--body', TARGET, self.need('echo_path'))
        self.assertEqual('a=1&b=ü'.encode(), result.out)

    def test_post_file(self):
        path = self.need('echo_path')
        result = self.get('--data-binary', f'@{self.server.site}/data.bin', '--body', TARGET, path)
        self.assertEqual(site_files.DATA, result.out)

    # A gibibyte

    def whole(self, stream):
        self.assertEqual((0, b''), (stream.code, stream.err))
        self.assertEqual(site_files.LARGE, stream.size)
        self.assertEqual(site_files.large_digest(), stream.digest)
        self.assertGreater(stream.peak, 0, 'its memory was never seen')
        self.assertLess(stream.peak, MEMORY_KIB, 'peak of memory in KiB')

    def test_large_to_a_pipe(self):
        self.whole(self.client.stream('--body', self.target(), '/large.bin', size=site_files.LARGE))

    def test_large_to_a_file(self):
        file = str(self.server.root / 'large')
        try:
            self.whole(self.client.save('-o', file, self.target(), '/large.bin', file=file))
        finally:
            if os.path.exists(file):
                os.remove(file)

    def test_output_closed_early(self):
        """As before `| head -c 1000`: a quiet end."""
        result = self.client.first('--body', self.target(), '/large.bin', size=1000)
        self.assertEqual((0, b''), (result.code, result.err))
        self.assertEqual(bytes(1000), result.out)


#: stands for the server's address in the arguments of get()
TARGET = object()
