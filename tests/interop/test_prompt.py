"""The question for a password, on a terminal of its own."""

import os
import pty
import select
import signal
import termios
import time
import unittest

from contract import Running

PATIENCE = 20


class TestPrompt(unittest.TestCase):
    """Types at the prompt, and looks at the terminal afterwards."""

    def setUp(self):
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            client = Running.client.path
            os.execv(client, [client, '-u', 'me', '--dry-run', 'a.example/'])
        self.addCleanup(os.close, self.terminal)
        self.shown = b''
        self.read_until(b"'me': ")
        self.wait_for_echo(False)

    def read_until(self, text):
        end = time.monotonic() + PATIENCE
        while text not in self.shown and time.monotonic() < end:
            if select.select([self.terminal], [], [], 0.2)[0]:
                try:
                    self.shown += os.read(self.terminal, 4096)
                except OSError:
                    return

    def wait_for_echo(self, wanted):
        end = time.monotonic() + PATIENCE
        while self.echoes() != wanted and time.monotonic() < end:
            time.sleep(0.02)
        self.assertEqual(self.echoes(), wanted)

    def echoes(self):
        return bool(termios.tcgetattr(self.terminal)[3] & termios.ECHO)

    def ended(self):
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])

    def test_what_is_typed_is_the_password_and_is_not_shown(self):
        os.write(self.terminal, b'secre\x7fet\r')
        self.read_until(b'close')
        self.assertEqual(self.ended(), 0)
        self.assertIn(b'Basic bWU6c2VjcmV0', self.shown)
        self.assertNotIn(b'secr', self.shown.split(b'GET')[0])

    def test_an_interrupt_leaves_the_terminal_as_it_was(self):
        os.write(self.terminal, b'sec\x03')
        self.wait_for_echo(True)
        self.assertEqual(self.ended(), -signal.SIGINT)


if __name__ == '__main__':
    unittest.main()
