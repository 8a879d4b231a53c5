"""tinyproxy: an HTTP proxy that knows Basic."""

import os
import unittest

from proxied import Guarded, TwoDoors

CONFIGURATION = '''
Port {port}
Listen 127.0.0.1
Timeout 30
LogLevel Warning
MaxClients 50
{user}
{guard}
'''


class Tinyproxy(TwoDoors):
    """One process for anybody, and one for the users that it knows."""
    program = 'tinyproxy'
    # Its configuration has no more characters for them.
    user = 'user:password'

    def commands(self):
        name, _, password = self.user.partition(':')
        commands = []
        for port, guard in ((self.port, ''), (self.guarded_port, f'BasicAuth {name} {password}')):
            configuration = self.root / f'{port}.conf'
            configuration.write_text(CONFIGURATION.format(
                port=port, root=self.root, guard=guard, user='User nobody' if os.geteuid() == 0 else ''))
            commands.append([self.executable, '-d', '-c', configuration])
        return commands


class TestTinyproxy(Guarded, unittest.TestCase):
    """Plain; who is asked says so by Basic."""
    proxy_class = Tinyproxy
    # It speaks HTTP/1.0 then.
    keeps = False
    status_wrong = 401
    schemes = (['--proxy-basic'], ['--proxy-anyauth'])
