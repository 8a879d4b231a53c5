"""--via with programs that lead to a server: ncat, socat, and openssl's s_client, which brings TLS of its own."""

import shutil
import subprocess
import tempfile
import unittest

import site_files
from certificates import Authority
from contract import Running, available
from server import find
from test_python import PythonServer


class TestVia(Running, unittest.TestCase):
    """The same responses as over a socket."""
    server_class = PythonServer

    def by(self, command, *arguments, port=None):
        result = self.client.run('--via', command, *arguments, f'http://127.0.0.1:{port or self.server.port}',
                                 '/text.txt')
        self.assertEqual((0, b''), (result.code, result.err))
        self.assertEqual(site_files.TEXT, result.body)

    def test_ncat(self):
        self.by(f'{available(find, "ncat")} %h %p')

    def test_socat(self):
        self.by(f'{available(find, "socat")} - TCP:%h:%p')

    def test_one_connection_carries_several_requests(self):
        command = f'sh -c \'echo begun >&2; exec {available(find, "ncat")} %h %p\''
        result = self.client.run('--keep-alive', '--body', '--via', command, f'http://127.0.0.1:{self.server.port}',
                                 '/text.txt', '/text.txt')
        self.assertEqual((0, site_files.TEXT * 2, b'begun\n'), (result.code, result.out, result.err))

    def test_nobody_listens(self):
        result = self.client.run('--via', f'{available(find, "socat")} - TCP:%h:1', 'http://127.0.0.1/')
        self.assertEqual(56, result.code)
        self.assertIn(b'socat ended with exit code 1', result.err)


class TestTlsByCommand(Running, unittest.TestCase):
    """TLS of ours inside a command's connection, and a command's TLS around plain HTTP."""
    server_class = PythonServer

    def test_https_through_a_command(self):
        folder = tempfile.mkdtemp(prefix='rawget-via-')
        self.addCleanup(shutil.rmtree, folder, ignore_errors=True)
        authority = Authority(folder)
        authority.leaf('good', 'IP:127.0.0.1')
        server = subprocess.Popen(
            [available(find, 'openssl'), 's_server', '-accept', '0', '-cert', authority.path('good.pem'), '-key',
             authority.path('good.key'), '-www', '-naccept', '1'],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.addCleanup(server.stdout.close)
        self.addCleanup(server.wait)
        self.addCleanup(server.kill)
        for line in server.stdout:
            if line.startswith(b'ACCEPT'):
                port = int(line.rsplit(b':', 1)[1])
                break
        saved = authority.path('chain.pem')
        result = self.client.run('--via', f'{available(find, "ncat")} %h %p', '--cacert', authority.path('ca.pem'),
                                 '--certs', saved, '-v', f'https://127.0.0.1:{port}/')
        self.assertEqual(0, result.code, result.err)
        self.assertIn(b'and trusted', result.err)
        with open(saved, encoding='ascii') as file:
            self.assertIn('BEGIN CERTIFICATE', file.read())


if __name__ == '__main__':
    unittest.main()
