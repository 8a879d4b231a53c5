"""TLS, by Python's ssl and certificates made for the occasion: each refused for its own reason, or taken."""

import http.server
import json
import ssl
import threading
import unittest

from trust import WithAuthority

BODY = b'over TLS\n'
YEARS_AGO = ('20200101000000Z', '20210101000000Z')
YEARS_AHEAD = ('20480101000000Z', '20490101000000Z')
NAME = 'tls.rawget.test'


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers, and remembers that it was asked."""
    protocol_version = 'HTTP/1.1'

    def do_GET(self):
        self.server.asked += 1
        self.server.shown.append(bool(self.connection.getpeercert()))
        self.send_response(302 if self.server.location else 200)
        if self.server.location:
            self.send_header('Location', self.server.location)
        self.send_header('Content-Length', str(len(BODY)))
        self.end_headers()
        self.wfile.write(BODY)

    def log_message(self, *arguments):
        pass


class Server(http.server.ThreadingHTTPServer):
    """Serves with one certificate; what fails in a handshake is the client's to tell."""
    daemon_threads = True
    asked = 0
    location = None

    def __init__(self, context):
        super().__init__(('127.0.0.1', 0), Handler)
        self.context = context
        self.shown = []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def finish_request(self, request, client_address):
        try:
            with self.context.wrap_socket(request, server_side=True) as secured:
                super().finish_request(secured, client_address)
        except (OSError, ssl.SSLError):
            pass


class TestTls(WithAuthority, unittest.TestCase):
    """Every check runs the client against a server of its own."""
    names = f'DNS:{NAME},IP:127.0.0.1'
    def serve(self, name, **settings):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.authority.path(f'{name}.pem'), self.authority.path(f'{name}.key'))
        for setting, value in settings.items():
            setattr(context, setting, value)
        if settings.get('verify_mode'):
            context.load_verify_locations(self.authority.path('ca.pem'))
        server = Server(context)
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        return server

    def test_every_certificate_is_told_of(self):
        self.authority.leaf('late', f'DNS:{NAME}', dates=YEARS_AGO)
        result = self.ask(self.serve('late'), '-k', '--explain=json', host=NAME)
        told = json.loads(result.out)['connection']['tls']
        leaf, = told['certificates']
        self.assertEqual('CN=late', leaf['subject'])
        self.assertEqual([f'DNS:{NAME}'.split(':')[1]], leaf['names'])
        self.assertEqual(('EC P-256', 'SHA-256 with ECDSA', None), (leaf['key'], leaf['signature'], leaf['issued_by']))
        self.assertEqual(['it expired on 2021-01-01T00:00:00Z'], leaf['faults'])
        text = self.ask(self.serve('late'), '-k', '--explain', host=NAME).out
        self.assertIn(b'wrong: it expired on 2021-01-01', text)

    def ask(self, server, *arguments, host='127.0.0.1', trust=True):
        trusted = ['--cacert', self.authority.path('ca.pem')] if trust else []
        port = server.server_address[1]
        return self.client.run(*trusted, *arguments, '--body', '--resolve', f'{NAME}:{port}:127.0.0.1',
                               f'https://{host}:{port}/')

    def taken(self, server, *arguments, **how):
        result = self.ask(server, *arguments, **how)
        self.assertEqual((0, BODY), (result.code, result.out), result.err)

    def refused(self, code, server, *arguments, says=b'', **how):
        result = self.ask(server, *arguments, **how)
        self.assertEqual((code, b''), (result.code, result.out), result.err)
        self.assertIn(says, result.err.lower())
        self.assertEqual(0, server.asked, 'a request was sent')

    def test_a_certificate_in_order_is_taken(self):
        server = self.serve('good')
        self.taken(server)
        self.taken(server, host=NAME)
        self.taken(server, '--capath', self.authority.path(''), '-k')

    def test_each_fault_is_refused_for_its_own_reason(self):
        sign = self.authority.leaf
        sign('expired', 'IP:127.0.0.1', dates=YEARS_AGO)
        sign('future', 'IP:127.0.0.1', dates=YEARS_AHEAD)
        sign('other', 'DNS:other.rawget.test')
        sign('nameless', '')
        sign('selfsigned', 'IP:127.0.0.1', issuer=None)
        for name, says in [('expired', b'has expired'), ('future', b'not valid before'), ('other', b'it is for'), ('nameless', b'subjectaltname'),
                           ('selfsigned', b'')]:
            with self.subTest(name):
                self.refused(60, self.serve(name), says=says)

    def test_an_unknown_root_is_refused_unless_nothing_is_checked(self):
        server = self.serve('good')
        self.refused(60, server, trust=False)
        self.taken(server, '-k', trust=False)

    def test_wildcards_stand_for_one_label(self):
        self.authority.leaf('wild', 'DNS:*.rawget.test')
        self.taken(self.serve('wild'), host=NAME)
        self.authority.leaf('deep', 'DNS:*.test')
        self.refused(60, self.serve('deep'), host=NAME)

    def test_versions(self):
        only_12 = self.serve('good', maximum_version=ssl.TLSVersion.TLSv1_2)
        self.taken(only_12)
        for least in ['--tlsv1.0', '--tlsv1.1', '--tlsv1.2']:
            self.taken(only_12, least, '--tls-max', '1.2')
        only_13 = self.serve('good', minimum_version=ssl.TLSVersion.TLSv1_3)
        self.taken(only_13, '--tlsv1.3')
        self.refused(35, self.serve('good', maximum_version=ssl.TLSVersion.TLSv1_2), '--tlsv1.3')
        self.refused(35, self.serve('good', minimum_version=ssl.TLSVersion.TLSv1_3), '--tls-max', '1.2')

    def test_pins(self):
        server = self.serve('good')
        self.taken(server, '--pinnedpubkey', self.authority.pin('good'))
        wrong = self.serve('good')
        self.refused(90, wrong, '--pinnedpubkey', 'sha256//' + 'A' * 43 + '=')
        self.refused(90, wrong, '-k', '--pinnedpubkey', 'sha256//' + 'A' * 43 + '=')

    def test_client_certificates(self):
        self.authority.leaf('me', '')
        mine = ['-E', self.authority.path('me.pem'), '--key', self.authority.path('me.key')]
        self.taken(self.serve('good', verify_mode=ssl.CERT_REQUIRED), *mine)
        without = self.ask(self.serve('good', verify_mode=ssl.CERT_REQUIRED))
        self.assertIn(without.code, (35, 56), without.err)

    def test_a_client_certificate_stays_with_its_origin(self):
        self.authority.leaf('me', '')
        mine = ['-L', '-E', self.authority.path('me.pem'), '--key', self.authority.path('me.key')]
        for more, shown in [([], False), (['--location-trusted'], True)]:
            first, other = (self.serve('good', verify_mode=ssl.CERT_OPTIONAL) for _ in range(2))
            first.location = f'https://127.0.0.1:{other.server_address[1]}/'
            result = self.ask(first, *mine, *more)
            self.assertEqual((0, [True], [shown]), (result.code, first.shown, other.shown), result.err)
            self.assertEqual(not shown, b'the client certificate' in result.err)

    def test_a_connection_belongs_to_its_client_certificate(self):
        self.authority.leaf('me', '')
        server = self.serve('good', verify_mode=ssl.CERT_OPTIONAL)
        url = f'https://127.0.0.1:{server.server_address[1]}/'
        common = ['--cacert', self.authority.path('ca.pem'), '--keep-alive', '--body']
        mine = ['-E', self.authority.path('me.pem'), '--key', self.authority.path('me.key')]
        result = self.client.run(*common, *mine, url, '--next', *common, url)
        self.assertEqual((0, [True, False]), (result.code, server.shown), result.err)

    def test_server_names(self):
        names = []
        context_of = self.serve('good')
        context_of.context.sni_callback = lambda connection, name, context: names.append(name)
        self.taken(context_of, host=NAME)
        self.taken(context_of, '--sni', 'shown.rawget.test', host=NAME)
        self.taken(context_of, '--no-sni', host=NAME)
        self.assertEqual([NAME, 'shown.rawget.test', None], names)
