"""What is measured: the inputs, and the command of each client for each workload."""

import dataclasses
import gzip
import hashlib
import os
import random
import shutil
import subprocess
import typing

import floor

MIB = 1 << 20
UNIT = 4 * MIB
KEPT = 1000


@dataclasses.dataclass
class Workload:
    """What is fetched, where it goes, what must arrive there, and who is compared."""
    name: str
    path: str
    expected: str
    sink: str = 'pipe'
    served: str = 'files'
    # The clients beside rawget that can do the same.
    others: tuple = ('curl',)
    options: tuple = ('--body',)
    curl_options: tuple = ()
    is_small: bool = False
    # How often the target is asked for, on one connection.
    times: int = 1
    # What reads the output of curl, and of curl alone.
    curl_filter: tuple = ()
    # The file that goes up, by a pipe of its own where its name begins with a dash.
    upload: str = ''
    needs: tuple = ()
    # Does it by system calls alone.
    floor: typing.Callable | None = None


def all_workloads(root, units):
    """Writes what is served under `root`/files; large bodies have `units` times 4 MiB."""
    files = f'{root}/files'
    os.makedirs(files)
    chance = random.Random(1)
    noise = chance.randbytes(UNIT)
    write = Writer(files)
    small = write('small', noise[:1024])
    large = write('large', noise, units)
    none = hashlib.sha256(b'').hexdigest()
    head = write_head(files)
    text = chinese(chance, MIB)
    lines = ''.join(chance.choices('the quick brown fox jumps\n', k=UNIT)).encode()
    rows = [
        Workload('small page', '/small', small, 'null', is_small=True, others=('curl', 'wget', 'nc')),
        Workload('head of 1000 fields', '/head', head, 'null', 'own', ('curl', 'nc'), (), ('-i',), True),
        Workload('small page, https', '/small', small, 'null', 'tls', is_small=True, needs=('openssl', 'nginx')),
        Workload('large to a pipe', '/large', large, others=('curl', 'wget')),
        Workload('large to /dev/null', '/large', large, 'null', others=('curl', 'wget')),
        Workload('large to a file', '/large', large, 'file', others=('curl', 'wget'), options=()),
        Workload('large to a pipe, https', '/large', large, served='tls', needs=('openssl', 'nginx')),
    ]
    for size in (1, 8, 64):
        digest = write_chunks(files, noise, size << 10, units)
        rows.append(Workload(f'chunks of {size} KiB', f'/chunks{size}', digest, served='own'))
    for charset in ('GBK', 'Shift_JIS', 'UTF-8'):
        coded = text.encode(charset, 'replace')
        write(f'text.{charset}', coded, max(1, units // 2))
        decoded = hashlib.sha256(coded.decode(charset).encode() * max(1, units // 2)).hexdigest()
        rows.append(Workload(charset, f'/text.{charset}', decoded, served='own',
                             curl_filter=('iconv', '-f', charset, '-t', 'UTF-8'), needs=('iconv',)))
    for coding, tool in (('gzip', ''), ('br', 'brotli'), ('zstd', 'zstd')):
        digest = hashlib.sha256(lines * max(1, units // 2)).hexdigest()
        if write_coded(files, coding, lines * max(1, units // 2)):
            rows.append(Workload(coding, f'/text.{coding}', digest, served='own', curl_options=('--compressed',),
                                 options=('--body', '--compressed')))
    kept = hashlib.sha256(noise[:1024] * KEPT).hexdigest()
    rows += [
        Workload(f'{KEPT} on one connection', '/small', kept, 'null', is_small=True, times=KEPT,
                 options=('--body', '--keep-alive')),
        Workload(f'{KEPT} in a pipeline', '/small', kept, 'null', is_small=True, times=KEPT,
                 options=('--body', '--pipeline')),
        Workload('a file up', '/sink', none, served='own', upload=f'{files}/large', curl_options=('-H', 'Expect:'),
                 floor=floor.upload),
        Workload('a pipe up', '/sink', none, served='own', upload=f'-{files}/large', curl_options=('-H', 'Expect:')),
        Workload('a file up and back', '/echo', large, served='own', upload=f'{files}/large',
                 curl_options=('-H', 'Expect:')),
        # The reports are held against what curl takes for the same bytes without one, but for the trace.
        Workload('--explain', '/large', '', 'null', options=('--explain',)),
        Workload('--save', '/large', large, 'file', options=('--save', f'{root}/saved')),
        Workload('--har', '/large', large, 'file', options=('--har', f'{root}/out.har')),
        Workload('--trace', '/large', large, 'file', options=('--trace', f'{root}/trace'),
                 curl_options=('--trace', f'{root}/trace')),
    ]
    return [row for row in rows if all(find(program) for program in row.needs)]


class Writer:
    """Writes files of which the digest is wanted."""

    def __init__(self, folder):
        self.folder = folder

    def __call__(self, name, unit, times=1):
        digest = hashlib.sha256()
        with open(f'{self.folder}/{name}', 'wb') as file:
            for _ in range(times):
                file.write(unit)
                digest.update(unit)
        return digest.hexdigest()


def write_head(files):
    """A response whose head has a thousand field lines; gives the digest of all of it."""
    fields = b''.join(b'X-Field-%d: the value of field number %d\r\n' % (number, number) for number in range(998))
    message = b'HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n%b\r\nhello\n' % fields
    return Writer(files)('head.message', message)


def write_chunks(files, noise, size, units):
    """Chunks of `size` bytes, to be sent `units` times; gives the digest of what they hold."""
    chunks = [noise[start:start + size] for start in range(0, UNIT, size)]
    name = f'chunks{size >> 10}'
    write = Writer(files)
    write(f'{name}.chunked', b''.join(b'%x\r\n%b\r\n' % (len(chunk), chunk) for chunk in chunks))
    write(f'{name}.repeat', str(units).encode())
    digest = hashlib.sha256()
    for _ in range(units):
        digest.update(noise)
    return digest.hexdigest()


def write_coded(files, coding, content):
    """Writes `content` in a coding, where a program for it is installed; says whether it is."""
    tools = {'gzip': None, 'br': ['brotli', '-q', '5', '-c'], 'zstd': ['zstd', '-q', '-c']}
    tool = tools[coding]
    if tool is None:
        coded = gzip.compress(content, 6)
    elif find(tool[0]):
        coded = subprocess.run(tool, input=content, stdout=subprocess.PIPE, check=True).stdout
    else:
        return False
    Writer(files)(f'text.{coding}', coded)
    return True


def chinese(chance, size):
    """Lines of common characters that GBK and Shift_JIS both have, about `size` bytes in either."""
    rows = [bytes([row, cell]).decode('gb2312') for row in range(0xB0, 0xD7) for cell in range(0xA1, 0xFA)]
    common = [c for c in rows if c.encode('shift_jis', 'replace') != b'?']
    lines, length = [], 0
    while length < size:
        line = '<p class="item">' + ''.join(chance.choices(common, k=40)) + '</p>\n'
        lines.append(line)
        length += len(line) + 40
    return ''.join(lines)


def commands(clients, workload, site):
    """The command of each client that is installed and can do this; a list of commands is a pipeline."""
    port = site.ports[workload.served]
    scheme = 'https' if workload.served == 'tls' else 'http'
    url = f'{scheme}://localhost:{port}' if scheme == 'https' else f'127.0.0.1:{port}'
    trust = ['--cacert', f'{site.root}/ca.pem'] if scheme == 'https' else []
    to_file = ['-o', f'{site.root}/out'] if workload.sink == 'file' else []
    source = upload(workload)
    up = ['-T', '-' if source else workload.upload] if workload.upload else []
    found = {}
    for name, program in clients.items():
        paths = [workload.path] * workload.times
        found[name] = [*source, [program, *workload.options, *trust, *to_file, *up, url, *paths]]
    curl = find('curl')
    if curl and 'curl' in workload.others:
        full = (url if scheme == 'https' else f'http://{url}') + workload.path
        outputs = [piece for _ in range(workload.times) for piece in (*to_file, full)]
        command = [curl, '-q', '-sS', '--noproxy', '*', *workload.curl_options, *trust, *up, *outputs]
        found['curl'] = [*source, command]
        if workload.curl_filter:
            found['curl'].append(list(workload.curl_filter))
    wget = find('wget')
    if wget and 'wget' in workload.others:
        target = to_file[1] if to_file else '-'
        found['wget'] = [[wget, '-q', '--no-config', '--no-proxy', '-O', target, f'http://{url}{workload.path}']]
    if find('nc') and 'nc' in workload.others:
        request = f'GET {workload.path} HTTP/1.1\r\nHost: {url}\r\nConnection: close\r\n\r\n'
        found['nc'] = [['printf', '%s', request], [find('nc'), '127.0.0.1', str(port)]]
    return found


def upload(workload):
    """What feeds the client's standard input, as the beginning of a pipeline."""
    return [['cat', workload.upload[1:]]] if workload.upload.startswith('-') else []


def find(program):
    """Where a program is; servers may lie where only the administrator looks."""
    return shutil.which(program) or shutil.which(program, path='/usr/sbin:/sbin')
