"""--as-curl: what curl sends by the printed line is what rawget sends, byte for byte."""

import os
import shlex
import shutil
import socket
import subprocess
import tempfile
import threading
import unittest

from contract import Running, available
from server import find

REPLY = b'HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n'
AGREEMENT = b'HTTP/1.1 100 Continue\r\n\r\n'
#: How long a request that does not say where it ends may be silent, in seconds.
SILENCE = 0.1

#: What is typed behind the client's name; URL stands for the server, without a path.
COMMANDS = r"""
URL/
URL
'URL/a/b?c=d&e'
URL/../a/./b
URL/a//b
URL/a?
URL/a%2fb%2F
'URL/[1]{a,b}' -s
-g 'URL/[1]'
URL/é
--request-target '*' -X OPTIONS URL/
--request-target http://other/a URL/
--request-target 'no path' URL/
-X DELETE URL/a
-X PURGE URL/a
-I URL/a
-X get URL/
-X POST URL/
-X HEAD URL/
-H 'X-A: 1' -H 'x-b:2' -H 'X-A:   3  ' URL/
-H 'X-Empty;' URL/
-H 'Accept:' -H 'User-Agent:' URL/
-H 'accept: text/html' -H 'User-Agent: x' URL/
-H 'Connection:' URL/
-H 'Connection: keep-alive' URL/
-H 'Host: other.example' URL/
-H 'Host:' URL/
-H 'Host;' URL/
-H "X-Quote: it's \"quoted\" \$HOME \\ `id` !" URL/
-H 'X-Text: é 日本' URL/
-A '' URL/
-A 'agent/1 (x)' -e http://from/ URL/
-u user:pass:word URL/
--oauth2-bearer token URL/
-b 'a=b; c=d' URL/
-r 0-99 URL/
-z 'Tue, 15 Nov 1994 12:45:26 GMT' URL/
--compressed URL/
--tr-encoding URL/
-d a=b URL/
-d a=b -d c=d URL/
-d '' URL/
--data-raw @literal URL/
--data-urlencode 'a=b c&d' URL/
--data-binary @text.txt URL/
--data-binary @bytes.bin URL/
--data-binary $'two\nlines\ttab\x01' URL/
-d @text.txt -X PATCH URL/
-G -d a=b --url-query 'c=d e' URL/
--json '{"a": "b"}' URL/
--json @text.txt URL/
-T text.txt URL/name
-T bytes.bin URL/folder/
-T text.txt -X POST URL/name
-d a=b -H 'Content-Type:' URL/
-d a=b -H 'Content-Type: text/plain' -H 'X-Last: 1' URL/
-d abc -H 'Transfer-Encoding: chunked' URL/
-d abc -H 'Content-Length: 2' URL/
-F a=b -F c=@text.txt -H 'Content-Type: multipart/form-data; boundary=x' URL/
-0 URL/
-0 -d a=b URL/
--data-binary @large.bin URL/
-T large.bin URL/large
-d a=b -H 'Expect: 100-continue' URL/
--bare URL/
--bare -H 'Host: x' -d a=b URL/
--bare -H 'Host: x' -X POST URL/
--send plain.http URL/
--send content.http URL/
--keep-alive URL/
-m 20 -4 --connect-timeout 9.5 URL/
-o out.txt -k --cacert ca.pem -L URL/
--resolve named.example:PORT:127.0.0.1 http://named.example:PORT/
--connect-to named.example:80:127.0.0.1:PORT http://named.example/
-x URL http://named.example/a?b
-x URL -U user:word http://named.example/
-x URL -p http://named.example/
-x URL --request-target '*' http://named.example/
-x URL --proxy-header 'X-Proxy: 1' http://named.example/
-x URL -p --proxy-header 'X-Proxy: 1' http://named.example/
-x URL -p -U user:word http://named.example/
--proxy1.0 127.0.0.1:PORT -p http://named.example/
-x socks5h://127.0.0.1:PORT http://named.example/
-x socks4a://user@127.0.0.1:PORT http://named.example/
-x socks5h://127.0.0.1:PORT -U user:word http://named.example/
--preproxy socks5h://us%40er:word@127.0.0.1:PORT -x http://named.example:1 http://named.example/
--noproxy '*' URL/
--retry 1 --retry-delay 1 --retry-connrefused --retry-max-time 5 URL/
--keepalive-time 30 --no-tcp-nodelay -Y 1 -y 9 URL/
--expect100-timeout 1 -d a=b -H 'Expect: 100-continue' URL/
--max-redirs 3 --location-trusted --proto-redir =https URL/
-C 5 -o part.txt URL/
-C - -o text.txt URL/
--etag-compare none --etag-save tag URL/
--hsts hsts.txt URL/
--ignore-content-length --max-filesize 9999 -f URL/
-J --create-dirs -O URL/name
--url-query a=b -I URL/
--data-urlencode @text.txt -H 'Content-Type: text/plain' URL/
-F 'file=@bytes.bin;type=a/b;filename=x' -H 'Content-Type: multipart/form-data; boundary=y' URL/
-T bytes.bin -H 'Transfer-Encoding: chunked' URL/name
-T text.txt -H 'Content-Type: text/plain' -H 'Expect:' URL/name
--netrc-file netrc.txt URL/
-H 'Cookie: a=b' -H 'cookie: c=d' URL/
-H 'Content-Length: 0' URL/
-b 'a=b' -b 'c=d' -e ';auto' URL/
-u user: -H 'Authorization: other' URL/
""".strip().splitlines()

FILES = {
    'text.txt': b'some text\nin lines\n',
    'bytes.bin': bytes(range(256)) + b'%d \\ \'',
    'large.bin': bytes(1 << 20) + b'and more',
    'netrc.txt': b'machine 127.0.0.1 login user password word\n',
    'plain.http': b'GET /raw HTTP/1.1\r\nX-First: 1\r\nX-Empty:\r\n\r\n',
    'content.http': b'PUT /raw HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n1\x00\r\n\xff\n456',
}


class Capture:
    """A server that keeps the bytes of one connection."""

    def __init__(self):
        self._listener = socket.create_server(('127.0.0.1', 0))
        self._listener.settimeout(3)
        self.port = self._listener.getsockname()[1]

    def close(self):
        self._listener.close()

    def during(self, action):
        """What is sent on the next connection while `action` runs."""
        sent = bytearray()
        thread = threading.Thread(target=self._serve, args=(sent,))
        thread.start()
        action()
        thread.join()
        return bytes(sent)

    def _serve(self, sent):
        connection, _ = self._listener.accept()
        with connection:
            connection.settimeout(SILENCE)
            agrees = True
            try:
                while block := connection.recv(1 << 16):
                    sent += block
                    head, end, _ = bytes(sent).partition(b'\r\n\r\n')
                    if agrees and end and b'100-continue' in head:
                        agrees = False
                        connection.sendall(AGREEMENT)
            except TimeoutError:
                pass
            try:
                connection.sendall(REPLY)
                while connection.recv(1 << 16):
                    pass
            except OSError:
                pass


class TestAsCurl(Running, unittest.TestCase):
    """One command line after the other."""

    @classmethod
    def setUpClass(cls):
        available(find, 'curl')
        cls.folder = tempfile.mkdtemp(prefix='rawget-as-curl-')
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        for name, content in FILES.items():
            with open(os.path.join(cls.folder, name), 'wb') as file:
                file.write(content)
        shutil.copy('/etc/ssl/certs/ca-certificates.crt', os.path.join(cls.folder, 'ca.pem'))
        cls.capture = Capture()
        cls.addClassCleanup(cls.capture.close)

    def run_here(self, arguments):
        return subprocess.run(arguments, cwd=self.folder, capture_output=True, timeout=20, check=False,
                              stdin=subprocess.DEVNULL, env={'PATH': os.environ['PATH'], 'HOME': self.folder})

    def test_curl_sends_the_same(self):
        for command in COMMANDS:
            port = str(self.capture.port)
            typed = command.replace('URL', f'http://127.0.0.1:{port}').replace('PORT', port)
            # The shell reads it, as it reads the line for curl.
            typed = f'{shlex.quote(self.client.path)} {typed}'
            with self.subTest(command):
                line = self.run_here(['bash', '-c', f'{typed} --as-curl'])
                self.assertEqual((0, b''), (line.returncode, line.stderr))
                self.assertEqual(1, line.stdout.count(b'\n'))
                ours = self.capture.during(lambda: self.run_here(['bash', '-c', typed]))
                theirs = self.capture.during(lambda: self.run_here(['bash', '-c', line.stdout]))
                self.assertEqual(ours, theirs, line.stdout[:400])


if __name__ == '__main__':
    unittest.main()
