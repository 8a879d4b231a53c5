"""TLS as devices speak it: old certificates, short keys, client keys in each form, lists of revoked certificates.

The server is openssl's, which can be told to be old."""

import socket
import subprocess
import time
import unittest

from trust import WithAuthority

NAME = 'device.rawget.test'
PATIENCE = 20
CA = 'basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign'


class TestDevices(WithAuthority, unittest.TestCase):
    """Every check runs the client against a server of its own."""
    names = f'DNS:{NAME},IP:127.0.0.1'

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.authority.leaf('me', '')
        cls.old('v1', 'rsa:2048', '-sha256')
        cls.old('short', 'rsa:1024', '-sha256')
        cls.old('sha1', 'rsa:2048', '-sha1')
        cls.old('p521', 'ec', '-sha256', '-pkeyopt', 'ec_paramgen_curve:P-521')

    @classmethod
    def old(cls, name, key, digest, *options):
        """A certificate of version 1, signed by itself."""
        cls.authority.openssl('req', '-new', '-newkey', key, *options, '-nodes', '-keyout', f'{name}.key', '-out', f'{name}.csr',
                              '-subj', f'/CN={name}')
        cls.authority.openssl('x509', '-req', '-in', f'{name}.csr', '-signkey', f'{name}.key', digest, '-days', '9000',
                              '-out', f'{name}.pem')

    def serve(self, name, *options):
        """A server with the certificate NAME; gives its port."""
        with socket.socket() as free:
            free.bind(('127.0.0.1', 0))
            port = free.getsockname()[1]
        server = subprocess.Popen(
            ['openssl', 's_server', '-accept', f'127.0.0.1:{port}', '-www', '-cert', f'{name}.pem', '-key', f'{name}.key',
             *options], cwd=self.authority.folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        self.addCleanup(server.wait)
        self.addCleanup(server.kill)
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            with socket.socket() as probe:
                if probe.connect_ex(('127.0.0.1', port)) == 0:
                    return port
            time.sleep(0.05)
        self.fail('the server does not start')

    def ask(self, port, *arguments):
        return self.client.run(*arguments, '-m', '30', f'https://127.0.0.1:{port}/')

    def taken(self, port, *arguments):
        result = self.ask(port, *arguments)
        self.assertEqual((0, 200), (result.code, result.status), result.err)
        return result.err.decode()

    def refused(self, code, port, *arguments):
        result = self.ask(port, *arguments)
        self.assertEqual(code, result.code, result.err)
        self.assertEqual(b'', result.out)
        return result.err.decode()

    def trusted(self, *arguments):
        return ['--cacert', self.authority.path('ca.pem'), *arguments]

    # What nobody checks

    def test_old_certificates_and_short_keys_go_with_k(self):
        for name, options in [('v1', []), ('v1', ['-tls1_2']), ('short', ['-cipher', 'DEFAULT@SECLEVEL=0']),
                              ('short', ['-tls1_2', '-cipher', 'DEFAULT@SECLEVEL=0']),
                              ('short', ['-tls1_2', '-cipher', 'DEFAULT@SECLEVEL=0', '-sigalgs', 'RSA+SHA256']),
                              ('sha1', ['-tls1_2', '-cipher', 'DEFAULT@SECLEVEL=0']),
                              ('sha1', ['-tls1_2', '-cipher', 'DEFAULT@SECLEVEL=0', '-sigalgs', 'RSA+SHA1']),
                              ('p521', [])]:
            with self.subTest(name, options=options):
                port = self.serve(name, *options)
                self.taken(port, '-k')
                self.assertIn(self.ask(port).code, (35, 60))

    def test_what_cannot_be_checked_is_told_and_no_pin_is_taken(self):
        port = self.serve('short', '-tls1_2', '-cipher', 'DEFAULT@SECLEVEL=0', '-sigalgs', 'RSA-PSS+SHA256')
        self.assertIn('cannot be checked', self.taken(port, '-k', '-v'))
        self.assertIn('cannot check whether', self.refused(90, port, '-k', '--pinnedpubkey', self.authority.pin('short')))

    def test_a_pin_holds_for_old_certificates(self):
        port = self.serve('v1')
        self.taken(port, '-k', '--pinnedpubkey', self.authority.pin('v1'))
        self.refused(90, port, '-k', '--pinnedpubkey', self.authority.pin('good'))

    def test_a_server_with_other_ciphers_is_told_what_rawget_speaks(self):
        for cipher in ['AES128-GCM-SHA256', 'ECDHE-ECDSA-AES128-SHA', 'DHE-RSA-AES128-GCM-SHA256']:
            with self.subTest(cipher):
                name = 'good' if 'ECDSA' in cipher else 'v1'
                self.assertIn('ECDHE and AES-GCM', self.refused(35, self.serve(name, '-tls1_2', '-cipher', cipher), '-k'))

    # The client's certificate

    def key(self, name, *how):
        self.authority.openssl(*how, '-in', 'me.key', '-out', name)
        return self.authority.path(name)

    def test_keys_in_each_form(self):
        port = self.serve('good', '-Verify', '1', '-CAfile', 'ca.pem', '-verify_return_error')
        mine = self.authority.path('me.pem')
        plain = self.authority.path('me.key')
        p8 = ['pkcs8', '-topk8', '-passout', 'pass:se:cret']
        for name, how in [('aes.p8', ['-v2', 'aes-256-cbc']), ('des3.p8', ['-v2', 'des3']),
                          ('sha1.p8', ['-v2', 'aes-128-cbc', '-v2prf', 'hmacWithSHA1']), ('scrypt.p8', ['-scrypt'])]:
            with self.subTest(name):
                key = self.key(name, *p8, *how)
                self.taken(port, *self.trusted('-E', mine, '--key', key, '--pass', 'se:cret'))
                self.taken(port, *self.trusted('-E', f'{mine}:se:cret', '--key', key))
                self.assertIn('passphrase', self.refused(58, port, *self.trusted('-E', mine, '--key', key, '--pass', 'no')))
                self.assertIn('--pass', self.refused(58, port, *self.trusted('-E', mine, '--key', key)))
        der = self.key('me.der', 'ec', '-outform', 'DER')
        self.taken(port, *self.trusted('-E', mine, '--key', der, '--key-type', 'DER'))
        self.taken(port, *self.trusted('-E', mine, '--cert-type', 'pem', '--key', plain, '--key-type', 'PEM'))
        self.authority.openssl('x509', '-in', 'me.pem', '-outform', 'DER', '-out', 'me.crt')
        self.taken(port, *self.trusted('-E', self.authority.path('me.crt'), '--cert-type', 'DER', '--key', plain))
        enciphered = self.key('enciphered.der', *p8, '-outform', 'DER')
        self.taken(port, *self.trusted('-E', mine, '--key', enciphered, '--key-type', 'DER', '--pass', 'se:cret'))

    def test_forms_that_are_not_read_name_what_converts_them(self):
        mine = self.authority.path('me.pem')
        old = self.key('old.key', 'ec', '-aes128', '-passout', 'pass:secret')
        said = self.refused(58, 1, '-E', mine, '--key', old, '--pass', 'secret')
        self.assertIn('openssl pkcs8 -topk8', said)
        pbe = self.key('pbe.p8', 'pkcs8', '-topk8', '-passout', 'pass:secret', '-v1', 'PBE-SHA1-3DES')
        self.assertIn('openssl pkcs8 -topk8', self.refused(58, 1, '-E', mine, '--key', pbe, '--pass', 'secret'))
        self.authority.openssl('pkcs12', '-export', '-in', 'me.pem', '-inkey', 'me.key', '-passout', 'pass:x', '-out', 'me.p12')
        for kind in [[], ['--cert-type', 'P12'], ['--cert-type', 'DER'], ['--key', self.authority.path('me.p12')]]:
            self.assertIn('openssl pkcs12', self.refused(58, 1, '-E', self.authority.path('me.p12') + ':x', *kind))
        self.assertIn('do not match', self.refused(58, 1, '-E', mine, '--key', self.authority.path('good.key')))
        self.refused(2, 1, '-E', mine, '--cert-type', 'ENG')

    def test_a_client_certificate_of_version_1(self):
        port = self.serve('good', '-Verify', '1', '-CAfile', 'v1.pem')
        self.taken(port, *self.trusted('-E', self.authority.path('v1.pem'), '--key', self.authority.path('v1.key')))

    def test_without_the_client_certificate_that_is_asked_for(self):
        for version in ['-tls1_2', '-tls1_3']:
            with self.subTest(version):
                port = self.serve('good', '-Verify', '1', '-CAfile', 'ca.pem', '-verify_return_error', version)
                result = self.ask(port, *self.trusted())
                self.assertIn(result.code, (35, 56))
                self.assertIn(b'-E', result.err)

    # Lists of revoked certificates

    def revoke(self, name, revoked, *how, issuer='ca'):
        """A list of the issuer's, on which the certificates REVOKED stand."""
        (self.authority.folder / f'{name}.txt').write_text('')
        (self.authority.folder / f'{name}.num').write_text('01\n')
        (self.authority.folder / f'{name}.conf').write_text(
            f'[ca]\ndefault_ca=d\n[d]\ndatabase={name}.txt\ncrlnumber={name}.num\ndefault_md=sha256\ndefault_crl_days=30\n')
        by = ['ca', '-config', f'{name}.conf', '-cert', f'{issuer}.pem', '-keyfile', f'{issuer}.key']
        for certificate in revoked:
            self.authority.openssl(*by, '-revoke', f'{certificate}.pem')
        self.authority.openssl(*by, '-gencrl', '-out', f'{name}.crl', *how)
        return self.authority.path(f'{name}.crl')

    def test_revoked_certificates(self):
        port = self.serve('good')

        def listed(file):
            return self.trusted('--crlfile', file)

        self.taken(port, *listed(self.revoke('other', ['me'])))
        self.assertIn('revoked', self.refused(60, port, *listed(self.revoke('this', ['good']))))
        stale = self.revoke('stale', [], '-crl_lastupdate', '20200101000000Z', '-crl_nextupdate', '20200201000000Z')
        self.assertIn('has expired', self.refused(60, port, *listed(stale)))
        self.authority.sign('elsewhere', CA, issuer=None)
        self.assertIn('no list', self.refused(60, port, *listed(self.revoke('missing', [], issuer='elsewhere'))))
        self.refused(82, port, *listed(self.authority.path('none.crl')))
        self.refused(82, port, *listed(self.authority.path('good.pem')))

    def test_the_whole_chain_is_looked_up(self):
        self.authority.sign('middle', CA)
        self.authority.leaf('below', f'DNS:{NAME},IP:127.0.0.1', issuer='middle')
        port = self.serve('below', '-cert_chain', 'middle.pem')

        def asked(*lists):
            joined = self.authority.folder / 'joined.crl'
            joined.write_text(''.join(open(one).read() for one in lists))
            return self.trusted('--crlfile', str(joined))

        whole, of_middle = self.revoke('whole', []), self.revoke('of_middle', [], issuer='middle')
        self.taken(port, *self.trusted())
        self.taken(port, *asked(whole, of_middle))
        self.refused(60, port, *asked(whole))
        self.refused(60, port, *asked(of_middle))
        self.assertIn('revoked', self.refused(60, port, *asked(self.revoke('taken', ['middle']), of_middle)))


if __name__ == '__main__':
    unittest.main()
