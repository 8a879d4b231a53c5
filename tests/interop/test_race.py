"""--race against a bank that looks at the balance before it pays, over TCP and TLS: what requests in turn never show."""

import threading
import time
import unittest

from contract import Running
from peer import Peer
from trust import WithAuthority

PRICE = 100


class Bank:
    """Pays as long as there is money, but sees late that there is none."""

    def __init__(self):
        self.balance, self.paid = PRICE, 0

    def serve(self, connection):
        connection.content(connection.head())
        if self.balance >= PRICE:
            time.sleep(0.2)
            self.balance -= PRICE
            self.paid += 1
            connection.send('HTTP/1.1 200 OK\nContent-Length: 5\n\npaid\n')
        else:
            connection.send('HTTP/1.1 409 Conflict\nContent-Length: 5\n\nbroke\n')
        connection.finish()
        connection.await_end()


class TestRace(Running, unittest.TestCase):
    """Ten withdrawals at once, twenty in turn."""
    authority = None

    @classmethod
    def setUpClass(cls):
        cls.client = Running.client

    def withdraw(self, *options):
        bank = Bank()
        trust = ['--cacert', self.authority.path('ca.pem')] if self.authority else []
        scheme = 'https' if self.authority else 'http'
        with Peer(bank.serve, self.authority) as peer:
            url = f'{scheme}://localhost:{peer.port}/withdraw'
            result = self.client.run(*trust, *options, '-d', f'amount={PRICE}', url)
        self.assertEqual(0, result.code, result.err)
        return bank, result

    def test_a_race_spends_twice(self):
        bank, result = self.withdraw('--race', '--repeat', '10')
        self.assertGreater(bank.paid, 1)
        self.assertRegex(result.err, rb'race: the last bytes of 10 requests went out within \d+ us\n')
        self.assertEqual(10, result.err.count(b' of 10 is to request '))

    def test_in_turn_nothing_is_spent_twice(self):
        bank, result = self.withdraw('--repeat', '20')
        self.assertEqual(1, bank.paid)
        self.assertIn(b'  19 x HTTP/1.1 409 Conflict', result.out)

    def test_no_request_is_whole_before_all_are_there(self):
        """A server that answers nothing until ten connections have sent all but a byte."""
        there = threading.Barrier(10, timeout=30)

        def serve(connection):
            seen = b''
            while len(seen) < size - 1:
                seen += connection.some()
            there.wait()
            while len(seen) < size:
                seen += connection.some()
            connection.send('HTTP/1.1 200 OK\nContent-Length: 0\n\n')
            connection.finish()
            connection.await_end()

        trust = ['--cacert', self.authority.path('ca.pem')] if self.authority else []
        scheme = 'https' if self.authority else 'http'
        request = b'GET / HTTP/1.1\r\nHost: x\r\n\r\n'
        size = len(request)
        with Peer(serve, self.authority) as peer:
            result = self.client.run(*trust, '--race', '--bare', '-H', 'Host: x', '--repeat', '10', '--segment', '7',
                                     '--pause', '1', f'{scheme}://localhost:{peer.port}/')
        self.assertEqual(0, result.code, result.err)


class TestRaceOverTls(WithAuthority, TestRace):
    """The same, the last records held back."""
