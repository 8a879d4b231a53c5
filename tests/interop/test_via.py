"""--via with programs that lead to a server: ncat, socat, and openssl's s_client, which brings TLS of its own."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import unittest

import site_files
from certificates import Authority
from contract import Running, available
from server import find, free_ports
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


class TestThroughSsh(Running, unittest.TestCase):
    """A bastion: ssh's own forwarding, for all that has a connection. What was started ends with the run."""
    server_class = PythonServer

    def setUp(self):
        super().setUp()
        self.folder = tempfile.mkdtemp(prefix='rawget-ssh-')
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        sshd = available(find, 'sshd')
        for key in 'host', 'user':
            subprocess.run([available(find, 'ssh-keygen'), '-q', '-t', 'ed25519', '-N', '', '-f', self.path(key)],
                           check=True)
        self.bastion, = free_ports(1)
        with open(self.path('config'), 'w', encoding='ascii') as config:
            config.write(f'Port {self.bastion}\nListenAddress 127.0.0.1\nHostKey {self.path("host")}\n'
                         f'AuthorizedKeysFile {self.path("user.pub")}\nStrictModes no\nUsePAM no\nPidFile none\n'
                         'PermitRootLogin yes\n')
        if os.geteuid() == 0:
            # Where no init system makes it, the daemon would not start.
            os.makedirs('/run/sshd', exist_ok=True)
        daemon = subprocess.Popen([sshd, '-D', '-f', self.path('config')], stderr=subprocess.DEVNULL)
        self.addCleanup(daemon.wait)
        self.addCleanup(daemon.kill)
        self.command = (f'ssh -p {self.bastion} -i {self.path("user")} -o StrictHostKeyChecking=no -o LogLevel=ERROR '
                        f'-o UserKnownHostsFile=/dev/null -o ConnectionAttempts=20 -W %h:%p 127.0.0.1')

    def path(self, name):
        return os.path.join(self.folder, name)

    def left(self):
        """The commands that are still there."""
        listed = subprocess.run(['ps', '-eo', 'args'], capture_output=True, text=True, check=True).stdout
        return [line for line in listed.splitlines() if self.path('user') in line and line.startswith('ssh')]

    def test_http(self):
        result = self.client.run('--body', '--keep-alive', '--via', self.command,
                                 f'http://127.0.0.1:{self.server.port}', '/text.txt', '/text.txt')
        self.assertEqual((0, site_files.TEXT * 2, []), (result.code, result.out, self.left()))

    def test_an_error_with_a_backtrace(self):
        """The unwinder of a release build aborts where the linker has left it nothing to read."""
        client = subprocess.run([self.client.path, 'http://127.0.0.1:1/'], capture_output=True,
                                env={**os.environ, 'RUST_BACKTRACE': '1'}, check=False)
        self.assertEqual(7, client.returncode)
        self.assertIn(b'connection refused', client.stderr)

    def test_the_target_does_not_listen(self):
        result = self.client.run('--via', self.command, 'http://127.0.0.1:1/')
        self.assertIn(b'the command ssh ended with exit code 255', result.err)

    def silent(self, command, *options, end=None):
        """A server that says nothing, behind `command`; `end` is a signal for the client."""
        with socket.create_server(('127.0.0.1', 0)) as server:
            port = server.getsockname()[1]
            client = subprocess.Popen([self.client.path, '--via', command, *options, f'tcp://127.0.0.1:{port}',
                                       '--send', os.devnull], stderr=subprocess.DEVNULL)
            connection, _ = server.accept()
            with connection:
                if end is not None:
                    client.send_signal(end)
                code = client.wait()
            self.assertEqual([], self.left())
            return code

    def test_nothing_is_left_behind(self):
        self.assertEqual(28, self.silent(self.command, '-m', '3'))
        self.assertEqual(28, self.silent(f'sh -c "{self.command}; true"', '-m', '3'))
        self.assertEqual(-signal.SIGINT, self.silent(self.command, end=signal.SIGINT))
        self.assertEqual(-signal.SIGTERM, self.silent(f'sh -c "{self.command}; true"', end=signal.SIGTERM))


if __name__ == '__main__':
    unittest.main()
