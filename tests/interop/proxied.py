"""The checks that every proxy gets, between the client and two origins of this process."""

import hashlib
import json
import shutil
import tempfile
from urllib.parse import quote

import origin
import wire
from certificates import Authority
from contract import available, client_with_tls
from server import Server, free_ports


class Proxy(Server):
    """A proxy that listens on `port`, and lets anybody by.

    `guarded_port` of one that is tested as Guarded wants `user`.
    """
    scheme = 'http'
    user = 'Ünser:pass word'
    guarded_port = None

    def all_ports(self):
        return (self.port,)

    def url(self, port=None):
        return f'{self.scheme}://127.0.0.1:{port or self.port}'


class TwoDoors(Proxy):
    """One that listens on `guarded_port` as well."""

    def __init__(self):
        super().__init__()
        self.guarded_port, = free_ports(1)

    def all_ports(self):
        return self.port, self.guarded_port


class Proxied:
    """Mixed into a test case whose `proxy_class` is a Proxy."""
    proxy_class = None
    #: whether it reads requests and passes them on, as an HTTP proxy does
    forwards = True
    #: the exit code for a server that the proxy cannot reach, through a connection that is the client's own
    code_unreachable = 56
    #: whether connections to it persist when it passes requests on
    keeps = True

    @classmethod
    def setUpClass(cls):
        cls.client = client_with_tls()
        cls.proxy = available(cls.proxy_class)
        cls.addClassCleanup(cls.proxy.stop)
        folder = tempfile.mkdtemp(prefix='rawget-proxied-')
        cls.addClassCleanup(shutil.rmtree, folder, ignore_errors=True)
        cls.authority = Authority(folder)
        cls.authority.leaf('good', 'IP:127.0.0.1')
        cls.proxy.authority = cls.authority
        cls.plain = origin.Origin()
        cls.addClassCleanup(cls.plain.stop)
        cls.secure = origin.Origin(origin.secure_context(cls.authority, 'good'))
        cls.addClassCleanup(cls.secure.stop)
        available(cls.proxy.start)
        cls.http = f'http://127.0.0.1:{cls.plain.port}'
        cls.https = f'https://127.0.0.1:{cls.secure.port}'

    def ask(self, *arguments, port=None, code=0, proxy=True, variables=None, stdin=b''):
        """Runs the client by the proxy; what it says of errors is part of every check."""
        way = ['-x', self.proxy.url(port)] if proxy else []
        result = self.client.run('--cacert', self.authority.path('ca.pem'), *way, *arguments, variables=variables,
                                 stdin=stdin)
        self.assertEqual(code, result.code, result.err + result.out)
        if code == 0 and '-v' not in arguments:
            self.assertEqual(b'', result.err)
        return result

    def asked(self, *arguments, **how):
        """What reached the origin."""
        return json.loads(self.ask('--body', *arguments, **how).out)

    def by_forwarding(self, asked):
        """Whether a proxy passed the request on, rather than bytes."""
        return any(name.lower() == 'via' for name, _ in asked['fields'])

    # Ways

    def test_http(self):
        asked = self.asked(f'{self.http}/a?b')
        self.assertEqual(('GET', '/a?b', self.forwards), (asked['method'], asked['target'], self.by_forwarding(asked)))
        self.assertNotIn('proxy-authorization', [name.lower() for name, _ in asked['fields']])

    def test_http_by_a_tunnel(self):
        asked = self.asked('-p', f'{self.http}/a')
        self.assertEqual(('/a', False), (asked['target'], self.by_forwarding(asked)))

    def test_https(self):
        asked = self.asked('-d', 'content', f'{self.https}/s')
        self.assertEqual(('POST', '/s', 7), (asked['method'], asked['target'], asked['size']))
        self.assertNotIn('Via', [name for name, _ in asked['fields']])

    def test_post_of_more_than_a_buffer(self):
        content = bytes(range(256)) * 4000
        for url in (self.http, self.https):
            for how in (['--data-binary', '@-'], ['-T', '-']):
                with self.subTest(how=how, url=url):
                    asked = self.asked(*how, url, stdin=content)
                    self.assertEqual(len(content), asked['size'])
                    self.assertEqual(hashlib.sha256(content).hexdigest(), asked['digest'])

    def test_much(self):
        size = len(origin.LARGE_BLOCK) * origin.LARGE_COUNT
        for url in (self.http, self.https):
            stream = self.client.stream('--cacert', self.authority.path('ca.pem'), '-x', self.proxy.url(), '--body',
                                        f'{url}/large', size=size)
            self.assertEqual((0, b'', size, origin.LARGE_DIGEST), (stream.code, stream.err, stream.size, stream.digest))

    # Connections

    def test_one_connection_for_several_requests(self):
        for url, count in ((self.http, 1 if self.keeps else 3), (self.https, 1)):
            with self.subTest(url), wire.Tap(self.proxy.port) as tap:
                out = self.ask('--keep-alive', '--body', url, '/1', '/2', '/3', port=tap.port).out
                self.assertEqual(3, out.count(b'"GET"'))
                self.assertEqual(count, len(tap.connections))

    # Environment

    def test_environment(self):
        url = self.proxy.url()
        for variables, target, by_proxy in [
            ({'http_proxy': url}, self.http, True),
            ({'HTTP_PROXY': url}, self.http, False),
            ({'https_proxy': url}, self.http, False),
            ({'all_proxy': url}, self.http, True),
            ({'ALL_PROXY': url}, self.https, True),
            ({'HTTPS_PROXY': url}, self.https, True),
            ({'all_proxy': url, 'no_proxy': '127.0.0.0/8'}, self.http, False),
            ({'all_proxy': url, 'NO_PROXY': '*'}, self.https, False),
            ({'all_proxy': url, 'no_proxy': '127.0.0.2,rawget.test'}, self.http, True),
        ]:
            with self.subTest(variables=variables, target=target):
                err = self.ask('-v', target, proxy=False, variables=variables).err
                self.assertEqual(by_proxy, b'* Using the proxy' in err, err)

    def test_no_proxy(self):
        self.assertFalse(self.by_forwarding(self.asked('--noproxy', '127.0.0.1', self.http)))
        self.assertNotIn(b'By the proxy', self.ask('-v', '-x', '', self.http).err)

    # What goes wrong

    def test_a_server_that_is_not_there(self):
        nobody, = free_ports(1)
        if self.forwards:
            result = self.ask(f'http://127.0.0.1:{nobody}/')
            self.assertGreaterEqual(result.status, 500)
        err = self.ask(f'https://127.0.0.1:{nobody}/', code=self.code_unreachable).err
        self.assertIn(f'127.0.0.1:{nobody}'.encode(), err)

    def test_a_proxy_that_is_not_there(self):
        nobody, = free_ports(1)
        self.assertIn(b'proxy', self.ask(self.http, port=nobody, code=7).err)


class Guarded(Proxied):
    """For a proxy that has a `guarded_port` besides."""
    #: how it may be told who one is
    schemes = ()
    #: the status for credentials that are wrong
    status_wrong = 407

    def test_credentials(self):
        port = self.proxy.guarded_port
        for scheme in self.schemes:
            for arguments in ([self.http], ['-p', self.http], [self.https], ['--keep-alive', self.http, '/1', '/2'],
                              ['--keep-alive', self.https, '/1', '/2'], ['-d', 'content', self.http]):
                with self.subTest(scheme=scheme, arguments=arguments):
                    out = self.ask(*scheme, '-U', self.proxy.user, '--body', *arguments, port=port).out
                    self.assertIn(b'"method"', out)
                    self.assertNotIn(b'roxy-Authorization', out)

    def test_credentials_in_the_url(self):
        port = self.proxy.guarded_port
        proxy = f'{self.proxy.scheme}://{quote(self.proxy.user, safe=":")}@127.0.0.1:{port}'
        for url in (self.http, self.https):
            self.ask('-x', proxy, '--body', url, proxy=False)
            self.ask('--body', url, proxy=False, variables={'all_proxy': proxy})

    def test_wrong_credentials(self):
        """An answer of the proxy's for a request that it should pass on; no connection for one through it."""
        port = self.proxy.guarded_port
        for scheme in self.schemes:
            for user in ([], ['-U', self.proxy.user.partition(':')[0] + ':wrong']):
                with self.subTest(scheme=scheme, user=user):
                    if self.forwards:
                        status = self.last_status(self.ask(*scheme, *user, self.http, port=port))
                        self.assertEqual(self.status_wrong if user else 407, status)
                    refused = self.ask(*scheme, *user, self.https, port=port, code=self.code_unreachable)
                    self.assertNotIn(b'"method"', refused.out)
                    self.assertNotIn(b'wrong', refused.err)

    def last_status(self, result):
        heads = [line for line in result.out.split(b'\r\n') if line.startswith(b'HTTP/1.')]
        return int(heads[-1].split()[1])
