"""Node's http, with a small site written for it (node_site.js): what the other servers do not do by themselves."""

import pathlib
import unittest

import site_files
from contract import TARGET, Contract
from server import Server
from uploads import Uploads


class Node(Server):
    """Chunked by nature; interim responses, trailers and broken answers at will."""
    program = 'node'
    chunked_path = '/chunked'
    # the site does not look at If-Range
    true_findings = ('condition-if-range-ignored',)
    echo_path = '/echo'
    upload_path = '/uploads/'

    def command(self):
        script = pathlib.Path(__file__).with_name('node_site.js')
        return [self.executable, script, self.site, self.upload_folder(), self.port, self.closing_port]


class TestNode(Uploads, Contract, unittest.TestCase):
    """What all servers have to do, by Node, and what only Node does here."""
    server_class = Node

    def test_interim_responses(self):
        result = self.get('--body', TARGET, '/interim')
        self.assertEqual(site_files.PAGE, result.out)

    def test_interim_response_is_shown(self):
        out = self.get(TARGET, '/interim').out
        self.assertTrue(out.startswith(b'HTTP/1.1 103 Early Hints\r\n'), out)
        self.assertIn(b'\r\n\r\nHTTP/1.1 200 OK\r\n', out)

    def test_trailers(self):
        self.assertEqual(site_files.TEXT, self.get('--body', TARGET, '/trailers').out)

    def test_trailers_then_another_response(self):
        self.assertEqual(1, self.connections('--keep-alive', paths=('/trailers', '/index.html'),
                                             body=site_files.TEXT + site_files.PAGE))

    def test_many_fields(self):
        result = self.get(TARGET, '/fields')
        for number in (0, 499, 999):
            self.assertEqual(f'value {number}', result.field(f'X-Field-{number}'))

    def test_cut_in_the_body(self):
        """Whatever came is printed, and the exit code says that it is not all."""
        self.assertEqual(b'half', self.get('--body', TARGET, '/cut', code=18).out)

    def test_cut_in_a_chunk(self):
        self.assertEqual(b'half', self.get('--body', TARGET, '/cut-chunk', code=18).out)

    def test_no_answer(self):
        self.assertEqual(b'', self.get(TARGET, '/nothing', code=52).out)

    def test_method(self):
        self.assertEqual(b'', self.get('--body', '-X', 'DELETE', TARGET, '/no-content').out)
        self.assertEqual(204, self.get('-X', 'DELETE', TARGET, '/no-content').status)
