"""--starttls against servers whose plain dialogue is written down here, and whose TLS is Python's."""

import socket
import ssl
import threading
import unittest

from test_openssl import WithAuthority

# What the server says, and what it must hear after each.
DIALOGUES = {
    'smtp': [(b'220-a\r\n220 b\r\n', b'EHLO [127.0.0.1]\r\n'),
             (b'250-me\r\n250-SIZE 9\r\n250 STARTTLS\r\n', b'STARTTLS\r\n'), (b'220 go\r\n', None)],
    'imap': [(b'* OK ready\r\n', b'a1 CAPABILITY\r\n'),
             (b'* CAPABILITY IMAP4rev1 STARTTLS\r\na1 OK\r\n', b'a2 STARTTLS\r\n'), (b'a2 OK go\r\n', None)],
    'pop3': [(b'+OK\r\n', b'CAPA\r\n'), (b'+OK\r\nSTLS\r\n.\r\n', b'STLS\r\n'), (b'+OK go\r\n', None)],
    'ftp': [(b'220 ready\r\n', b'AUTH TLS\r\n'), (b'234 go\r\n', None)],
    'postgres': [(b'', b'\0\0\0\x08\x04\xd2\x16\x2f'), (b'S', None)],
}


class TestStartTls(WithAuthority):
    """Each check has a server of its own, for one connection."""

    def serve(self, dialogue, certificate='good'):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.authority.path(f'{certificate}.pem'), self.authority.path(f'{certificate}.key'))
        context.set_alpn_protocols(['http/1.1', 'other'])
        listener = socket.create_server(('127.0.0.1', 0))
        self.addCleanup(listener.close)
        self.heard, self.alpn = [], 'no handshake'

        def run():
            connection, _ = listener.accept()
            with connection:
                for says, hears in dialogue:
                    connection.sendall(says)
                    if hears is not None:
                        self.heard.append(connection.recv(len(hears), socket.MSG_WAITALL))
                try:
                    with context.wrap_socket(connection, server_side=True) as secured:
                        self.alpn = secured.selected_alpn_protocol()
                        secured.sendall(b'secret ' + secured.recv(100))
                        secured.unwrap()
                except (ssl.SSLError, OSError):
                    pass

        self.thread = threading.Thread(target=run, daemon=True)
        self.thread.start()
        return listener.getsockname()[1]

    def ask(self, port, *arguments, stdin=b'ping\n'):
        result = self.client.run('--cacert', self.authority.path('ca.pem'), '--send', '-', *arguments,
                                 f'tcp://127.0.0.1:{port}', stdin=stdin)
        self.thread.join(10)
        return result

    def test_each_protocol(self):
        for protocol, dialogue in DIALOGUES.items():
            with self.subTest(protocol):
                result = self.ask(self.serve(dialogue), '--starttls', protocol)
                self.assertEqual((0, b'secret ping\n'), (result.code, result.out), result.err)
                self.assertEqual([hears for _, hears in dialogue if hears is not None], self.heard)
                self.assertIsNone(self.alpn)

    def test_alpn_is_what_is_asked_for(self):
        self.ask(self.serve(DIALOGUES['ftp']), '--starttls', 'ftp', '--alpn', 'nothing,other')
        self.assertEqual('other', self.alpn)

    def test_a_certificate_of_nobody_known_is_refused_and_saved(self):
        self.authority.leaf('strange', 'IP:127.0.0.1', issuer=None)
        saved = self.authority.path('saved.pem')
        result = self.ask(self.serve(DIALOGUES['ftp'], 'strange'), '--starttls', 'ftp', '--certs', saved)
        self.assertEqual((60, b''), (result.code, result.out), result.err)
        with open(saved, encoding='ascii') as file:
            text = file.read()
        self.assertEqual(1, text.count('-----BEGIN CERTIFICATE-----'))
        ssl.PEM_cert_to_DER_cert(text[text.index('-----BEGIN'):])

    def test_bytes_before_tls_are_told_and_taken_for_nothing(self):
        dialogue = DIALOGUES['smtp'][:-1] + [(b'220 go\r\n250 evil\r\n', None)]
        result = self.ask(self.serve(dialogue), '--starttls', 'smtp', '-v')
        self.assertEqual((0, b'secret ping\n'), (result.code, result.out), result.err)
        self.assertIn(b'10 bytes between the go-ahead and TLS', result.err)


if __name__ == '__main__':
    unittest.main()
