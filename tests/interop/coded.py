"""The checks of servers that code what they send."""

import gzip

import site_files
from contract import TARGET


class Coded:
    """Mixed into a test case beside Running, whose server has `coded_paths`."""

    def coded(self, name, *arguments):
        """For each coding, what comes of the file of that name, which is as whole as its coding says."""
        found = []
        for coding, path in self.server.coded_paths.items():
            result = self.get('-H', f'Accept-Encoding: {coding}', *arguments, TARGET, path + name)
            self.assertEqual(coding, result.field('Content-Encoding'))
            found.append((coding, result))
        return found

    def test_coded_text_is_printed_as_text(self):
        for _, result in self.coded('text.txt'):
            self.assertEqual(site_files.TEXT, result.body)

    def test_coded_raw_is_as_sent(self):
        for coding, result in self.coded('text.txt', '-0', '--raw'):
            self.assertLess(len(result.body), len(site_files.TEXT) // 4)
            if coding == 'gzip':
                self.assertEqual(site_files.TEXT, gzip.decompress(result.body))

    def test_coded_is_saved_as_sent_unless_it_is_asked_for(self):
        file = self.server.root / 'coded'
        for coding, path in self.server.coded_paths.items():
            arguments = ['-H', f'Accept-Encoding: {coding}', '-o', str(file), TARGET, f'{path}text.txt']
            self.get(*arguments)
            self.assertLess(file.stat().st_size, len(site_files.TEXT) // 4)
            self.get('--compressed', *arguments)
            self.assertEqual(site_files.TEXT, file.read_bytes())

    def test_coded_twice_on_one_connection(self):
        for path in self.server.coded_paths.values():
            with self.subTest(path):
                paths = (f'{path}text.txt', f'{path}data.bin', f'{path}index.html')
                self.assertEqual(1, self.connections('--compressed', '--keep-alive', paths=paths,
                                                     body=site_files.TEXT + site_files.DATA + site_files.PAGE))

    def test_coded_is_in_order(self):
        for coding, path in self.server.coded_paths.items():
            result = self.client.run('--check', '-H', f'Accept-Encoding: {coding}', self.target(), f'{path}text.txt')
            self.assertEqual((0, []), (result.code, [line for line in result.out.splitlines() if b': note: ' not in line]))
