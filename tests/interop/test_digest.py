"""Digest as RFC 7616 has it, by a server of this process: every algorithm, quality and flag that it names."""

import hashlib
import http.server
import re
import unittest
from urllib.parse import unquote, urlsplit

import origin
from contract import Running

NAME, PASSWORD, REALM = 'Jäsøn Doe', 'Secret, or not?', 'api@example.org'
ALGORITHMS = {'MD5': 'md5', 'SHA-256': 'sha256', 'SHA-512-256': 'sha512_256'}
PARAMETER = re.compile(r'(?:^|, ?)([a-z]+)=(?:"((?:[^"\\]|\\.)*)"|([^", ]+))')


def credentials_of(value):
    """The parameters of an Authorization field."""
    scheme, _, rest = value.partition(' ')
    if scheme != 'Digest' or PARAMETER.sub('', rest):
        raise ValueError(f'not of the grammar: {value}')
    found = [(name, quoted and re.sub(r'\\(.)', r'\1', quoted) or token)
             for name, quoted, token in PARAMETER.findall(rest)]
    if len(dict(found)) != len(found):
        raise ValueError(f'a parameter twice: {value}')
    return dict(found)


class Guard(http.server.BaseHTTPRequestHandler):
    """Paths are /ALGORITHM/QOP/FLAGS; what is said wrongly is told."""
    protocol_version = 'HTTP/1.1'

    def do_GET(self):
        self.content = self.rfile.read(int(self.headers.get('Content-Length', 0)))
        algorithm, qualities, flags = [unquote(part) for part in urlsplit(self.path).path.split('/')[1:4]]
        value = self.headers.get('Authorization')
        # Not what http.server makes of it.
        value = value and value.encode('latin-1').decode()
        server = self.server
        if value is None:
            return self.challenge(algorithm, qualities, flags)
        try:
            given = credentials_of(value)
            server.seen.append(given)
            if given['nonce'] not in server.nonces:
                raise ValueError('a nonce that is not mine')
            if 'stale' in flags and server.nonces[given['nonce']] == 0 and len(server.nonces) < 4:
                server.nonces[given['nonce']] = 1
                return self.challenge(algorithm, qualities, flags, stale=True)
            self.check(given, algorithm, qualities, flags)
        except (KeyError, ValueError) as problem:
            return self.answer(400, f'{problem!r} in {value}')
        return self.answer(200, 'welcome')

    do_POST = do_PUT = do_GET

    def challenge(self, algorithm, qualities, flags, stale=False):
        nonce = f'n{len(self.server.nonces)}"\\'
        self.server.nonces[nonce] = 0
        quoted = nonce.replace('\\', '\\\\').replace('"', '\\"')
        rest = f'realm="{REALM}", nonce="{quoted}", opaque="o, p"'
        rest += f', qop="{qualities}"' if qualities != 'none' else ''
        rest += ', userhash=true' if 'userhash' in flags else ''
        rest += ', charset=UTF-8' if 'charset' in flags else ''
        rest += ', stale=TRUE' if stale else ''
        names = algorithm.split('+')
        self.answer(401, 'who?', [('WWW-Authenticate', f'Digest {rest}, algorithm={name}' if name != 'none'
                                   else f'Digest {rest}') for name in names])

    def check(self, given, algorithm, qualities, flags):
        """RFC 7616 §3.4: what is given has to be what is computed here."""
        first = algorithm.split('+')[0]
        first = 'MD5' if first == 'none' else first
        is_session = first.endswith('-sess')
        function = ALGORITHMS[first.removesuffix('-sess')]

        def digest(*parts):
            return hashlib.new(function, ':'.join(parts).encode()).hexdigest()
        if given.get('algorithm', 'MD5') != first or given['realm'] != REALM or given['opaque'] != 'o, p':
            raise ValueError('another algorithm, realm or opaque')
        name = digest(NAME, REALM) if 'userhash' in flags else NAME
        if given['username'] != name or (given.get('userhash') == 'true') != ('userhash' in flags):
            raise ValueError('another user')
        if given['uri'] != self.path:
            raise ValueError('another target')
        key = digest(NAME, REALM, PASSWORD)
        if is_session:
            key = digest(key, given['nonce'], given['cnonce'])
        request = [self.command, self.path]
        if given.get('qop') == 'auth-int':
            request.append(hashlib.new(function, self.content).hexdigest())
        if qualities == 'none':
            wanted = digest(key, given['nonce'], digest(*request))
        else:
            if given['qop'] not in qualities.replace(' ', '').split(','):
                raise ValueError('another quality')
            if not re.fullmatch('[0-9a-f]{8}', given['nc']) or int(given['nc'], 16) < 1:
                raise ValueError('no count')
            wanted = digest(key, given['nonce'], given['nc'], given['cnonce'], given['qop'], digest(*request))
        if given['response'] != wanted:
            raise ValueError('another response')

    def answer(self, status, text, fields=()):
        self.send_response(status)
        for name, value in fields:
            self.send_header(name, value)
        self.send_header('Content-Length', str(len(text.encode())))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *arguments):
        pass


class TestDigest(unittest.TestCase):
    """Whatever is asked for is computed by this server too."""

    def setUp(self):
        self.server = origin.Origin(handler=Guard)
        self.addCleanup(self.server.stop)
        self.server.nonces, self.server.seen = {}, []

    def welcome(self, path, *arguments, says='welcome', user=f'{NAME}:{PASSWORD}', code=0):
        self.server.nonces.clear()
        self.server.seen.clear()
        url = f'http://127.0.0.1:{self.server.port}/{path}'
        result = Running.client.run('--body', '--digest', '-u', user, *arguments, url)
        self.assertEqual((code, says.encode()), (result.code, result.out), result.err)

    def test_every_algorithm_and_quality(self):
        for algorithm in [name + session for name in ALGORITHMS for session in ('', '-sess')] + ['none']:
            for quality in ('auth', 'auth-int', 'auth,auth-int', 'auth-int, auth', 'none'):
                if algorithm.endswith('-sess') and quality == 'none':
                    continue
                with self.subTest(algorithm=algorithm, quality=quality):
                    self.welcome(f'{algorithm}/{quality.replace(" ", "%20")}/-?a=b&c=%22')
                    self.welcome(f'{algorithm}/{quality.replace(" ", "%20")}/-', '-d', 'content')
                    self.welcome(f'{algorithm}/{quality.replace(" ", "%20")}/-', '-F', 'a=content', '--anyauth')

    def test_users_that_are_hashed(self):
        for algorithm in ALGORITHMS:
            self.welcome(f'{algorithm}/auth/userhash,charset')
            self.assertNotIn(NAME, str(self.server.seen))

    def test_the_first_challenge_that_can_be_answered(self):
        self.welcome('SHA-256+MD5/auth/-')
        self.welcome('SHA-512-256+SHA-256+MD5/auth,auth-int/userhash')

    def test_a_stale_nonce(self):
        """The same credentials again, with the new nonce; but not for ever."""
        self.welcome('SHA-256/auth/stale')
        self.assertGreater(len(self.server.seen), 1)
        self.welcome('MD5/auth-int/stale', '-d', 'content')

    def test_a_wrong_password(self):
        """Is sent once."""
        for quality in ('auth', 'none'):
            url = f'MD5/{quality}/-'
            self.server.seen.clear()
            result = Running.client.run('--digest', '-u', f'{NAME}:wrong', '-v',
                                         f'http://127.0.0.1:{self.server.port}/{url}')
            self.assertEqual(0, result.code)
            self.assertEqual(1, len(self.server.seen))
            self.assertNotIn(b'wrong', result.err.replace(b'another', b''))

    def test_content_that_is_read_once(self):
        """It is sent once the challenge is known; its digest cannot be known before it is sent."""
        url = f'http://127.0.0.1:{self.server.port}/'
        for quality in ('auth', 'auth-int'):
            result = Running.client.run('--body', '--digest', '-u', f'{NAME}:{PASSWORD}', '-T', '-',
                                         '-H', 'Transfer-Encoding:', '-H', 'Content-Length: 7',
                                         f'{url}MD5/{quality}/-', stdin=b'content')
            self.assertEqual((0, b'welcome') if quality == 'auth' else (65, b''), (result.code, result.out), result.err)
