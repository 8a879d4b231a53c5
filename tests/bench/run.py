#!/usr/bin/env python3
"""rawget beside curl and wget, on loopback (Linux, Python 3.11, standard library only).

  cargo build --release && python3 tests/bench/run.py --client target/release/rawget

What is compared is processor time, user and system, of the client's process (of both processes of a pipeline);
time on the clock says little where server and client share a machine. In each round every client runs once, one
after the other, and a ratio is taken within the round; the table shows the medians. Below 1 rawget takes less.
Each client's output is checked against the bytes that it must give before it is timed.

Files come from nginx where it is installed, chunks and the long head from a small server of our own; the files
lie in memory.
"""

import argparse
import dataclasses
import hashlib
import os
import random
import shlex
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time

MIB = 1 << 20
UNIT = 4 * MIB
CHUNK = 8 << 10
PATIENCE = 60

NGINX = '''
{user}
daemon off; master_process off; pid {root}/pid; error_log stderr crit;
events {{ worker_connections 64; }}
http {{
  access_log off; sendfile on; tcp_nopush on; default_type application/octet-stream;
  client_body_temp_path {root}/t1; proxy_temp_path {root}/t2; fastcgi_temp_path {root}/t3;
  uwsgi_temp_path {root}/t4; scgi_temp_path {root}/t5;
  server {{
    listen 127.0.0.1:{port}; root {root}/files;
    location /gbk/ {{ default_type "text/plain; charset=gbk"; }}
  }}
}}
'''


@dataclasses.dataclass
class Workload:
    """What is fetched, where it goes, and what must arrive there."""
    name: str
    path: str
    sink: str
    expected: str
    from_own_server: bool = False
    is_small: bool = False


@dataclasses.dataclass
class Site:
    """The folder of inputs, and the ports of the two servers."""
    root: str
    files_port: int
    own_port: int

    def port(self, workload):
        return self.own_port if workload.from_own_server else self.files_port


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--client', required=True, help='the rawget to measure')
    parser.add_argument('--rounds', type=int, default=7,
                        help='rounds of the large workloads; small ones get ten times as many')
    parser.add_argument('--mib', type=int, default=256, help='size of a large body')
    parser.add_argument('--only', help='names of workloads, with commas between')
    parser.add_argument('--quick', action='store_true',
                        help='one round of small bodies: shows that all runs, not how fast')
    arguments = parser.parse_args()
    if arguments.quick:
        arguments.rounds, arguments.mib = 1, 8

    # A polite kill unwinds the stack, so that the servers and the files go too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    memory = '/dev/shm' if os.path.isdir('/dev/shm') else None
    with tempfile.TemporaryDirectory(prefix='rawget-bench-', dir=memory) as root:
        workloads = make_inputs(root, max(1, arguments.mib * MIB // UNIT))
        if arguments.only:
            workloads = [each for each in workloads if each.name in arguments.only.split(',')]
        servers, site = start_servers(root)
        try:
            wrong = run(arguments, workloads, site)
        finally:
            for server in servers:
                server.terminate()
            for server in servers:
                server.wait()
    sys.exit(1 if wrong else 0)


def run(arguments, workloads, site):
    """Prints the table; returns the workloads where rawget's output was wrong."""
    print(f"{'processor time, ms':24}{'rawget':>9}{'curl':>9}{'wget':>9}{'rawget/curl':>13}{'rawget/wget':>13}")
    wrong = []
    for workload in workloads:
        commands = clients(arguments.client, workload, site)
        checked = {name: command for name, command in commands.items()
                   if measure(command, workload, site, check=True) == workload.expected}
        for name in commands.keys() - checked.keys():
            print(f'{workload.name}: the output of {name} is not what it should be')
        if 'rawget' not in checked:
            wrong.append(workload)
            continue
        rounds = arguments.rounds * (10 if workload.is_small and not arguments.quick else 1)
        # Alternated, so that what else the machine does weighs on all alike.
        spent = {name: [] for name in checked}
        for _ in range(rounds):
            for name, command in checked.items():
                spent[name].append(measure(command, workload, site))
        print_row(workload, spent)
    return wrong


def print_row(workload, spent):
    def cell(name):
        return f'{statistics.median(spent[name]) * 1e3:9.2f}' if name in spent else f"{'-':>9}"

    def ratio(name):
        if name not in spent:
            return f"{'-':>13}"
        return f"{statistics.median(ours / theirs for ours, theirs in zip(spent['rawget'], spent[name])):13.2f}"

    print(f"{workload.name:24}{cell('rawget')}{cell('curl')}{cell('wget')}{ratio('curl')}{ratio('wget')}", flush=True)


def clients(rawget, workload, site):
    """The command of each client that is installed and can do this; a list of commands is a pipeline."""
    port = site.port(workload)
    url = f'http://127.0.0.1:{port}{workload.path}'
    to_file = ['-o', f'{site.root}/out'] if workload.sink == 'file' else []
    show = [] if workload.name == 'head of 1000 fields' else ['--body']
    commands = {'rawget': [[os.path.abspath(rawget), *(to_file or show), f'127.0.0.1:{port}', workload.path]]}
    if shutil.which('curl'):
        head = [] if show else ['-i']
        commands['curl'] = [['curl', '-q', '-sS', '--noproxy', '*', *head, *to_file, url]]
    # wget writes no head to its output, and needs half a minute for a thousand fields.
    if shutil.which('wget') and show:
        commands['wget'] = [['wget', '-q', '--no-config', '--no-proxy', '-O', to_file[1] if to_file else '-', url]]
    if workload.name == 'GBK text':
        commands.pop('wget', None)
        if 'curl' in commands and shutil.which('iconv'):
            commands['curl'].append(['iconv', '-f', 'GBK', '-t', 'UTF-8'])
        else:
            commands.pop('curl', None)
    return commands


def measure(pipeline, workload, site, check=False):
    """Runs a pipeline; gives its processor time in seconds, or with `check` the digest of what it put out."""
    out = f'{site.root}/out'
    if os.path.exists(out):
        os.remove(out)
    digest = hashlib.sha256()
    read_end = None
    if workload.sink == 'pipe' or (check and workload.sink == 'null'):
        read_end, last = os.pipe()
    else:
        last = os.open(os.devnull, os.O_WRONLY)
    environment = {name: value for name, value in os.environ.items() if not name.lower().endswith('_proxy')}
    processes, source = [], subprocess.DEVNULL
    for position, command in enumerate(pipeline):
        is_last = position + 1 == len(pipeline)
        process = subprocess.Popen(command, stdin=source, stdout=last if is_last else subprocess.PIPE,
                                   stderr=subprocess.DEVNULL, env=environment)
        if not isinstance(source, int):
            source.close()
        source = process.stdout
        processes.append(process)
    os.close(last)
    stop = threading.Timer(PATIENCE, lambda: [process.kill() for process in processes])
    stop.start()
    if read_end is not None:
        drain(read_end, digest if check else None)
    spent = 0.0
    for process in processes:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        spent += usage.ru_utime + usage.ru_stime
        if process.returncode != 0 and not check:
            sys.exit(f'{shlex.join(process.args)} ended with {process.returncode}')
    stop.cancel()
    if not check:
        return max(spent, 1e-6)
    if workload.sink == 'file' and os.path.exists(out):
        with open(out, 'rb') as written:
            drain(os.dup(written.fileno()), digest)
    if any(process.returncode != 0 for process in processes):
        return f'exit codes {[process.returncode for process in processes]}'
    return digest.hexdigest()


def drain(descriptor, digest):
    """Reads to the end, and closes."""
    block = bytearray(MIB)
    while size := os.readv(descriptor, [block]):
        if digest is not None:
            digest.update(memoryview(block)[:size])
    os.close(descriptor)


def make_inputs(root, units):
    """Writes what is served and says what must arrive."""
    files = f'{root}/files'
    os.makedirs(f'{files}/gbk')

    def write(name, unit, times=1):
        digest = hashlib.sha256()
        with open(f'{files}/{name}', 'wb') as file:
            for _ in range(times):
                file.write(unit)
                digest.update(unit)
        return digest.hexdigest()

    chance = random.Random(1)
    noise = chance.randbytes(UNIT)
    small = write('small', noise[:1024])
    large = write('large', noise, units)
    chunks = [noise[start:start + CHUNK] for start in range(0, UNIT, CHUNK)]
    write('coded.chunked', b''.join(b'%x\r\n%b\r\n' % (len(chunk), chunk) for chunk in chunks))
    write('coded.repeat', str(units).encode())
    fields = b''.join(b'X-Field-%d: the value of field number %d\r\n' % (number, number) for number in range(998))
    head = write('head.message', b'HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n%b\r\nhello\n' % fields)
    text = chinese(chance, MIB)
    write('gbk/text', text.encode('gbk'), max(1, units // 2))
    decoded = hashlib.sha256(text.encode() * max(1, units // 2)).hexdigest()
    return [
        Workload('small page', '/small', 'null', small, is_small=True),
        Workload('large to a pipe', '/large', 'pipe', large),
        Workload('large to /dev/null', '/large', 'null', large),
        Workload('large to a file', '/large', 'file', large),
        Workload('chunked to a pipe', '/coded', 'pipe', large, from_own_server=True),
        Workload('head of 1000 fields', '/head', 'null', head, from_own_server=True, is_small=True),
        Workload('GBK text', '/gbk/text', 'pipe', decoded),
    ]


def chinese(chance, size):
    """Lines of common characters with some markup between them, about `size` bytes in GBK."""
    common = [bytes([row, cell]).decode('gb2312') for row in range(0xB0, 0xD7) for cell in range(0xA1, 0xFA)]
    lines, length = [], 0
    while length < size:
        line = '<p class="item">' + ''.join(chance.choices(common, k=40)) + '</p>\n'
        lines.append(line)
        length += len(line) + 40
    return ''.join(lines)


def start_servers(root):
    own, files = free_port(), free_port()
    folder = f'{root}/files'
    here = os.path.dirname(os.path.abspath(__file__))
    servers = [subprocess.Popen([sys.executable, f'{here}/server.py', folder, str(own)])]
    nginx = shutil.which('nginx') or shutil.which('nginx', path='/usr/sbin:/sbin')
    if nginx:
        with open(f'{root}/nginx.conf', 'w', encoding='utf-8') as configuration:
            user = 'user root;' if os.geteuid() == 0 else ''
            configuration.write(NGINX.format(root=root, port=files, user=user))
        servers.append(subprocess.Popen([nginx, '-e', 'stderr', '-p', root, '-c', f'{root}/nginx.conf']))
    else:
        files = own
    site = Site(root, files, own)
    for port in {own, files}:
        wait_for(port)
    return servers, site


def free_port():
    with socket.create_server(('127.0.0.1', 0)) as held:
        return held.getsockname()[1]


def wait_for(port):
    for _ in range(200):
        try:
            socket.create_connection(('127.0.0.1', port), 1).close()
            return
        except OSError:
            time.sleep(0.05)
    sys.exit('a server did not start')


if __name__ == '__main__':
    main()
