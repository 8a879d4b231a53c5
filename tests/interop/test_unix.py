"""--unix-socket with a server whose queue is full: it lets nobody in, and says nothing of it."""

import os
import socket
import tempfile
import unittest

from contract import Running
from test_python import PythonServer


class TestFullQueue(Running, unittest.TestCase):
    """What is waited for ends by the limits for connecting."""
    server_class = PythonServer

    def test_limits_hold(self):
        with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as server:
            path = os.path.join(folder, 'full')
            server.bind(path)
            server.listen(0)
            with socket.socket(socket.AF_UNIX) as waiting:
                waiting.connect(path)
                for limit in ('--connect-timeout', '--max-time'):
                    result = self.client.run(limit, '0.3', '--unix-socket', path, 'http://name.example/')
                    self.assertEqual(28, result.code)
                    self.assertIn(b'cannot connect to the socket', result.err)
