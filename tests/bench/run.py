#!/usr/bin/env python3
"""rawget beside curl, wget and nc, on loopback (Linux, Python 3.11, standard library only).

  cargo build --release && python3 tests/bench/run.py --client target/release/rawget [--against OLD]

What is compared is processor time, user and system, of the client's process; time on the clock says little where
server and client share a machine. In each round every client runs once, one after the other, every other round the
other way round, and a ratio is taken within the round; the table shows the medians. Below 1 rawget takes less. The floor is a program that makes the system
calls of a workload and does nothing else. `--against` takes an earlier build along, so that a loss is seen in the same
run. The last columns are rawget's peak memory and page faults.

Each client's output is checked against the bytes that it must give before it is timed. Files come from nginx where
it is installed, all else from a small server of our own; the files lie in memory. What is not installed is left out.
"""

import argparse
import dataclasses
import hashlib
import os
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

import floor
import workloads as work

MIB = work.MIB
PATIENCE = 120
OTHERS = ('before', 'curl', 'wget', 'nc', 'floor')

NGINX = '''
{user}
daemon off; master_process off; pid {root}/pid; error_log stderr crit;
events {{ worker_connections 64; }}
http {{
  access_log off; sendfile on; tcp_nopush on; default_type application/octet-stream; keepalive_requests 100000;
  client_body_temp_path {root}/t1; proxy_temp_path {root}/t2; fastcgi_temp_path {root}/t3;
  uwsgi_temp_path {root}/t4; scgi_temp_path {root}/t5;
  server {{ listen 127.0.0.1:{files}; root {root}/files; {tls} }}
}}
'''


@dataclasses.dataclass
class Site:
    """The folder of inputs, and the port of each server."""
    root: str
    ports: dict


@dataclasses.dataclass
class Spent:
    """What one run took: seconds of processor time, and minor page faults."""
    cpu: float
    faults: int


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--client', required=True, help='the rawget to measure')
    parser.add_argument('--against', help='an earlier rawget to compare with')
    parser.add_argument('--rounds', type=int, default=7,
                        help='rounds of the large workloads; small ones get ten times as many')
    parser.add_argument('--mib', type=int, default=256, help='size of a large body')
    parser.add_argument('--only', help='words that names of workloads have, with commas between')
    parser.add_argument('--quick', action='store_true',
                        help='one round of small bodies: shows that all runs, not how fast')
    arguments = parser.parse_args()
    if arguments.quick:
        arguments.rounds, arguments.mib = 1, 8

    # A polite kill unwinds the stack, so that the servers and the files go too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    memory = '/dev/shm' if os.path.isdir('/dev/shm') else None
    with tempfile.TemporaryDirectory(prefix='rawget-bench-', dir=memory) as root:
        rows = work.all_workloads(root, max(1, arguments.mib * MIB // work.UNIT))
        if arguments.only:
            rows = [row for row in rows if any(word in row.name for word in arguments.only.split(','))]
        servers, site = start_servers(root)
        try:
            wrong = run(arguments, rows, site)
        finally:
            for server in servers:
                server.terminate()
            for server in servers:
                server.wait()
    sys.exit(1 if wrong else 0)


def run(arguments, rows, site):
    """Prints the table; returns the workloads where rawget's output was wrong."""
    heads = ''.join(f"{'/' + name:>8}" for name in OTHERS)
    print(f"{'processor time':24}{'ms':>9}{heads}{'MiB':>7}{'faults':>8}")
    ours = {'rawget': os.path.abspath(arguments.client)}
    if arguments.against:
        ours['before'] = os.path.abspath(arguments.against)
    wrong = []
    for row in rows:
        commands = work.commands(ours, row, site)
        checked = {name: command for name, command in commands.items() if is_right(name, command, row, site)}
        for name in commands.keys() - checked.keys():
            print(f'{row.name}: the output of {name} is not what it should be')
        if 'rawget' not in checked:
            wrong.append(row)
            continue
        rounds = arguments.rounds * (10 if row.is_small and not arguments.quick else 1)
        # Alternated, so that what else the machine does weighs on all alike.
        spent = {name: [] for name in checked}
        order = list(checked.items())
        for _ in range(rounds):
            for name, command in order:
                spent[name].append(measure(command, row, site)[0])
            # A client also pays for how the one before it left the machine.
            order.reverse()
            if row.floor:
                spent.setdefault('floor', []).append(least(row, site))
        print_row(row, spent, peak(checked['rawget'], row, site))
    return wrong


def is_right(name, command, row, site):
    """Whether a client puts out what it must; nc also puts out the head, and a report has no bytes to hold it to."""
    found = measure(command, row, site, check=True)[1]
    return found == row.expected or (name == 'nc' or not row.expected) and not found.startswith('exit')


def print_row(row, spent, peak_memory):
    def ratio(name):
        if name not in spent:
            return f"{'-':>8}"
        pairs = zip(spent['rawget'], spent[name])
        return f'{statistics.median(ours.cpu / theirs.cpu for ours, theirs in pairs):8.2f}'

    ours = spent['rawget']
    cpu, faults = (statistics.median(getattr(each, field) for each in ours) for field in ('cpu', 'faults'))
    ratios = ''.join(map(ratio, OTHERS))
    print(f'{row.name:24}{cpu * 1e3:9.2f}{ratios}{peak_memory:>7}{faults:8.0f}', flush=True)


def peak(pipeline, row, site):
    """The peak memory in MiB; time(1) tells it, since a child of ours begins with what Python takes."""
    if not work.find('time'):
        return '-'
    report = f'{site.root}/peak'
    timed = [*pipeline[:-1], [work.find('time'), '-f', '%M', '-o', report, *pipeline[-1]]]
    measure(timed, row, site)
    with open(report, encoding='ascii') as file:
        return f'{int(file.read().split()[-1]) / 1024:.1f}'


def measure(pipeline, row, site, check=False):
    """Runs a pipeline; gives what it took, and with `check` the digest of what it put out."""
    out = f'{site.root}/out'
    for name in (out, f'{site.root}/out.har', f'{site.root}/trace'):
        if os.path.exists(name):
            os.remove(name)
    shutil.rmtree(f'{site.root}/saved', ignore_errors=True)
    digest = hashlib.sha256()
    read_end = None
    if row.sink == 'pipe' or (check and row.sink == 'null'):
        read_end, last = os.pipe()
    else:
        last = os.open(os.devnull, os.O_WRONLY)
    processes = start(pipeline, last)
    stop = threading.Timer(PATIENCE, lambda: [process.kill() for process in processes])
    stop.start()
    if read_end is not None:
        drain(read_end, digest if check else None)
    # What feeds or filters counts as little as it can: a pipeline is there for all clients, but for iconv.
    spent = [wait(process, check) for process in processes]
    stop.cancel()
    if not check:
        is_fed = row.upload.startswith('-') or pipeline[0][0] == 'printf'
        counted = spent[1:] if is_fed else spent
        total = Spent(max(sum(each.cpu for each in counted), 1e-6), counted[0].faults)
        return total, ''
    if row.sink == 'file' and os.path.exists(out):
        with open(out, 'rb') as written:
            drain(os.dup(written.fileno()), digest)
    codes = [process.returncode for process in processes]
    return None, f'exit codes {codes}' if any(codes) else digest.hexdigest()


def least(row, site):
    """What the system calls of a workload take by themselves."""
    spent = floor.usage(row.floor, site.ports[row.served], row.upload)
    return Spent(max(spent.ru_utime + spent.ru_stime, 1e-6), spent.ru_minflt)


def start(pipeline, last):
    """Starts each command of a pipeline, the last with `last` for its output."""
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
    return processes


def wait(process, check):
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0 and not check:
        sys.exit(f'{shlex.join(process.args)} ended with {process.returncode}')
    return Spent(usage.ru_utime + usage.ru_stime, usage.ru_minflt)


def drain(descriptor, digest):
    """Reads to the end, and closes."""
    block = bytearray(MIB)
    while size := os.readv(descriptor, [block]):
        if digest is not None:
            digest.update(memoryview(block)[:size])
    os.close(descriptor)


def start_servers(root):
    ports = {'own': free_port(), 'files': free_port(), 'tls': free_port()}
    here = os.path.dirname(os.path.abspath(__file__))
    servers = [subprocess.Popen([sys.executable, f'{here}/server.py', f'{root}/files', str(ports['own'])])]
    nginx = work.find('nginx')
    has_tls = nginx and work.find('openssl')
    if has_tls:
        make_certificate(root)
    if nginx:
        tls = f"listen 127.0.0.1:{ports['tls']} ssl; ssl_certificate {root}/ca.pem; ssl_certificate_key {root}/key.pem;"
        with open(f'{root}/nginx.conf', 'w', encoding='utf-8') as configuration:
            user = 'user root;' if os.geteuid() == 0 else ''
            configuration.write(NGINX.format(root=root, files=ports['files'], tls=tls if has_tls else '', user=user))
        servers.append(subprocess.Popen([nginx, '-e', 'stderr', '-p', root, '-c', f'{root}/nginx.conf']))
    else:
        ports['files'] = ports['own']
    for name, port in ports.items():
        if name != 'tls' or has_tls:
            wait_for(port)
    return servers, Site(root, ports)


def make_certificate(root):
    subprocess.run(['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes',
                    '-days', '2', '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost',
                    '-keyout', f'{root}/key.pem', '-out', f'{root}/ca.pem'],
                   check=True, stderr=subprocess.DEVNULL)


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
