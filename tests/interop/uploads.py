"""The checks of servers that take large contents."""

import contextlib
import os
import pathlib
import shutil
import tempfile

import site_files
import wire

MEMORY_KIB = 16 << 10


class Uploads:
    """Mixed into a test case beside Running; its server takes PUT below `upload_path`, and keeps what it gets where
    `kept()` says.
    """
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        folder = tempfile.mkdtemp(prefix='rawget-upload-')
        cls.addClassCleanup(shutil.rmtree, folder, ignore_errors=True)
        cls.content = os.path.join(folder, 'content')
        cls.digest = site_files.write_upload(cls.content)

    def upload(self, by_pipe):
        url = f'http://{self.target()}{self.server.upload_path}large'
        result, peak = self.client.send('--body', url, content=self.content, by_pipe=by_pipe)
        kept = self.server.kept('large')
        try:
            self.assertEqual((0, b''), (result.code, result.err))
            self.assertEqual((site_files.UPLOAD_SIZE, self.digest), (os.path.getsize(kept), site_files.digest_of(kept)))
            self.assertGreater(peak, 0, 'its memory was never seen')
            self.assertLess(peak, MEMORY_KIB, 'peak of memory in KiB')
        finally:
            pathlib.Path(kept).unlink(missing_ok=True)

    def test_upload_of_a_file(self):
        self.upload(by_pipe=False)

    def test_upload_from_a_pipe(self):
        self.upload(by_pipe=True)

    def test_upload_under_the_name_of_the_file(self):
        with self.small(b'content') as path:
            self.get('-T', path, f'http://{self.target()}{self.server.upload_path}')
            self.assertEqual(b'content', pathlib.Path(self.server.kept(os.path.basename(path))).read_bytes())

    def test_upload_of_nothing(self):
        with self.small(b'') as path:
            for name in (path, '-'):
                result = self.get('-T', name, f'http://{self.target()}{self.server.upload_path}nothing').final
                self.assertIn(result.status, (200, 201, 204), result.out)
                self.assertEqual(b'', pathlib.Path(self.server.kept('nothing')).read_bytes())

    def test_upload_waits_to_be_asked_for(self):
        """The server says 100 (Continue), and gets the content then."""
        content = b'0123456789abcdef' * 100_000
        with self.small(content) as path, wire.Tap(self.server.port) as tap:
            result = self.client.run('-v', '-H', 'Expect: 100-continue', '-T', path,
                                     f'http://{self.target(tap.port)}{self.server.upload_path}asked')
        self.assertEqual(0, result.code, result.err)
        self.assertIn(b'\n< HTTP/1.1 100 Continue', result.err)
        self.assertNotIn(b'no 100 (Continue)', result.err)
        self.assertTrue(tap.connections[0].endswith(b'\r\n\r\n' + content))
        self.assertEqual(content, pathlib.Path(self.server.kept('asked')).read_bytes())

    @contextlib.contextmanager
    def small(self, content):
        with tempfile.NamedTemporaryFile(prefix='rawget-upload-') as file:
            file.write(content)
            file.flush()
            yield file.name
