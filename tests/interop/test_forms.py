"""multipart/form-data, read by what servers read it with: busboy, formidable, werkzeug; and by Python's email, which
knows parts within parts.
"""

import email.parser
import email.policy
import hashlib
import json
import os
import pathlib
import shutil
import tempfile
import unittest

import origin
import wire
from contract import Running, running
from server import Missing, Server

#: Debian's, whatever python3 and node are otherwise
PYTHON = '/usr/bin/python3'
NODE_MODULES = '/usr/share/nodejs'
WERKZEUG = '/usr/lib/python3/dist-packages/werkzeug'
MEMORY_KIB = 16 << 10
LARGE = 64 << 20


class Forms(Server):
    """Node with two readers of forms, and Python with a third."""
    program = 'node'

    def commands(self):
        for path in (f'{NODE_MODULES}/busboy', f'{NODE_MODULES}/formidable', WERKZEUG):
            if not os.path.exists(path):
                raise Missing(f'{path} is not installed')
        here = pathlib.Path(__file__).parent
        return [['env', f'NODE_PATH={NODE_MODULES}', self.executable, here / 'form_site.js', self.port],
                [PYTHON, here / 'form_site.py', self.closing_port]]

    def readers(self):
        node, python = f'http://127.0.0.1:{self.port}', f'http://127.0.0.1:{self.closing_port}'
        return {'busboy': f'{node}/busboy', 'formidable': f'{node}/formidable', 'werkzeug': f'{python}/'}


class TestForms(unittest.TestCase):
    """What is put into a form comes out of it."""

    @classmethod
    def setUpClass(cls):
        cls.client = Running.client
        cls.server = running(cls, Forms)
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix='rawget-forms-'))
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)

    def file(self, name, content):
        path = self.folder / name
        path.write_bytes(content)
        return str(path)

    def read(self, *arguments, stdin=b''):
        """What each reader found."""
        found = []
        for name, url in self.server.readers().items():
            result = self.client.run('--body', *arguments, url, stdin=stdin)
            self.assertEqual((0, b''), (result.code, result.err))
            found.append((name, json.loads(result.out)))
        return found

    def one(self, *arguments, stdin=b''):
        """The only part that each reader found."""
        found = self.read(*arguments, stdin=stdin)
        self.assertEqual([1, 1, 1], [len(parts) for _, parts in found], found)
        return [(name, parts[0]) for name, parts in found]

    def test_values(self):
        fields = {'a': '1', 'naïve': '百度，一下', 'empty': '', 'sp ace': ' in  it', 'line': 'one\r\ntwo\n',
                  'boundary': '\r\n--------------------------', 'semi': 'x;y', 'json': '{"a": [1, "é"]}'}
        arguments = [part for name, value in fields.items() for part in ('--form-string', f'{name}={value}')]
        for _, parts in self.read(*arguments):
            self.assertEqual(fields, {part['name']: part['value'] for part in parts})

    def test_values_that_are_quoted(self):
        for _, part in self.one('-F', r'a="b;c\"d\\e "'):
            self.assertEqual('b;c"d\\e ', part['value'])

    def test_several_of_one_name(self):
        for _, parts in self.read('-F', 'a=1', '-F', 'a=2', '-F', 'b=3'):
            self.assertEqual([('a', '1'), ('a', '2'), ('b', '3')], sorted((part['name'], part['value']) for part in parts))

    def same(self, part, content):
        self.assertEqual((len(content), hashlib.sha256(content).hexdigest()), (part['size'], part['digest']), part)

    def test_files(self):
        content = bytes(range(256)) * 999 + b'\r\n--'
        for name, kind in (('data.bin', 'application/octet-stream'), ('Zażółć gęślą.txt', 'text/plain'), ('a.html', 'text/html')):
            for reader, part in self.one('-F', f'f=@{self.file(name, content)}'):
                self.same(part, content)
                self.assertEqual(('f', name, kind), (part['name'], part['filename'], part['type']))

    def test_files_of_no_content(self):
        path = self.file('nothing.txt', b'')
        for _, part in self.one('-F', f'f=@{path}'):
            self.same(part, b'')
            self.assertEqual('nothing.txt', part['filename'])
        for reader, part in self.one('-F', 'f=@-', stdin=b''):
            # Without a type, which curl sends none of either, formidable takes it for a value.
            if reader != 'formidable':
                self.same(part, b'')

    def test_files_from_standard_input(self):
        for _, part in self.one('-F', 'f=@-;filename=in.txt', stdin=b'content'):
            self.same(part, b'content')
            self.assertEqual(('in.txt', 'text/plain'), (part['filename'], part['type']))
        for _, part in self.one('-F', 'f=<-', stdin=b'content'):
            self.assertEqual('content', part['value'])

    def test_types(self):
        path = self.file('typed', b'content')
        for _, part in self.one('-F', f'f=@{path};type=image/png;filename="other.txt"'):
            self.assertEqual(('image/png', 'other.txt'), (part['type'], part['filename']))
        for _, part in self.one('-F', f'f=@{path};type=text/csv; charset=latin1'):
            self.assertEqual('text/csv', part['type'].partition(';')[0])

    def test_headers(self):
        path = self.file('headed', b'content')
        for reader, part in self.one('-F', f'f=@{path};headers="X-One: 1";headers="X-Two: zwö"'):
            self.same(part, b'content')
            if reader == 'werkzeug':
                self.assertIn(['X-One', '1'], part['headers'])
                self.assertIn(['X-Two', 'zwö'], part['headers'])

    def test_names_that_browsers_escape(self):
        """Quotes and line ends go out percent-encoded, as from a browser; only formidable undoes that for quotes."""
        for _, part in self.one('-F', 'a"b\r\nc\n%22=v'):
            self.assertEqual(('a%22b%0D%0Ac%0A%22', 'v'), (part['name'], part['value']))
        path = self.file('q', b'content')
        for reader, part in self.one('-F', f'f=@{path};filename="a\\"b;c=d,é.txt"'):
            quote = '"' if reader == 'formidable' else '%22'
            self.assertEqual(f'a{quote}b;c=d,é.txt', part['filename'])

    def test_names_with_backslashes(self):
        """They go out as from a browser, and arrive where they escape nothing."""
        for _, part in self.one('-F', 'a\\b=v'):
            self.assertEqual(('a\\b', 'v'), (part['name'], part['value']))
        for reader, part in self.one('--form-escape', '-F', 'a\\b=v'):
            self.assertEqual('a\\\\b' if reader == 'formidable' else 'a\\b', part['name'])

    def test_names_that_are_quoted_strings(self):
        for reader, part in self.one('--form-escape', '-F', 'a"b=v'):
            # formidable's names end at the first quote.
            self.assertEqual('a\\' if reader == 'formidable' else 'a"b', part['name'])

    def test_much(self):
        path = self.folder / 'much'
        with open(path, 'wb') as file:
            file.truncate(LARGE)
        digest = hashlib.sha256(bytes(LARGE)).hexdigest()
        url = self.server.readers()['busboy']
        result, peak = self.client.send('--body', '-F', f'f=@{path}', url)
        self.assertEqual((LARGE, digest), tuple(json.loads(result.out)[0][key] for key in ('size', 'digest')))
        self.assertLess(peak, MEMORY_KIB)

    # Parts within parts

    def message(self, *arguments):
        """The form as an e-mail's content."""
        server = origin.Origin()
        self.addCleanup(server.stop)
        with wire.Tap(server.port) as tap:
            result = self.client.run(*arguments, f'http://127.0.0.1:{tap.port}/')
        self.assertEqual((0, b''), (result.code, result.err))
        head, _, body = bytes(tap.connections[0]).partition(b'\r\n')[2].partition(b'\r\n\r\n')
        if b'\r\nTransfer-Encoding: chunked' in head:
            body = wire.unchunk(body)
        return email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(head + b'\r\n\r\n' + body)

    def test_several_files_in_one_part(self):
        one, two = self.file('one.txt', b'1'), self.file('two.bin', b'\0\r\n2')
        form = self.message('-F', 'before=b', '-F', f'f=@{one},{two};type=x/y')
        self.assertEqual('multipart/form-data', form.get_content_type())
        before, files = form.iter_parts()
        self.assertEqual(('b', 'multipart/mixed'), (before.get_content().strip(), files.get_content_type()))
        self.assertEqual('f', files['Content-Disposition'].params['name'])
        found = [(part.get_filename(), part.get_content_type(), part.get_payload(decode=True)) for part in files.iter_parts()]
        self.assertEqual([('one.txt', 'text/plain', b'1'), ('two.bin', 'x/y', b'\0\r\n2')], found)

    def test_a_tree(self):
        form = self.message('-F', '=(;type=multipart/alternative', '-F', '=plain', '-F', '= <b>html</b>;type=text/html',
                            '-F', '=(;type=multipart/related', '-F', 'x=deep', '-F', '=)', '-F', '=)', '-F', 'a=after')
        alternative, after = form.iter_parts()
        self.assertEqual('multipart/alternative', alternative.get_content_type())
        plain, html, related = alternative.iter_parts()
        self.assertEqual(['text/plain', 'text/html', 'multipart/related'],
                         [part.get_content_type() for part in (plain, html, related)])
        self.assertEqual(b'deep', next(related.iter_parts()).get_payload(decode=True))
        self.assertEqual(b'after', after.get_payload(decode=True))

    def test_encoders(self):
        content = 'naïve = café\r\n'.encode() * 20 + bytes(range(256))
        path = self.file('encoded', content)
        for encoder in ('base64', 'quoted-printable', 'binary', '8bit'):
            with self.subTest(encoder):
                part, = self.message('-F', f'f=@{path};encoder={encoder}').iter_parts()
                self.assertEqual(encoder, part['Content-Transfer-Encoding'])
                decoded = part.get_payload(decode=True)
                self.assertEqual(content, decoded)
