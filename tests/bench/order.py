#!/usr/bin/env python3
"""Writes the linker script that puts the functions of a plain run side by side (Linux, valgrind, nginx, openssl).

  cargo rustc --release --bin rawget -- -C strip=none && python3 tests/bench/order.py --client target/release/rawget

What a run calls lies strewn over the program otherwise, and each stretch of 64 KiB that one function is called in is
mapped. What each request on a kept connection calls comes first: side by side it stays in the processor's caches, which
saves a twentieth of the time. The names are those of this build, without their hashes; a name that no function has any more
does no harm. Run it again when the parts that every run goes through have changed much.
"""

import argparse
import collections
import os
import re
import subprocess
import tempfile

import run as bench
import workloads as work

SCRIPT = os.path.join(os.path.dirname(os.path.abspath(__file__)), '../../src/order.ld')
LONGEST = 100
# What more functions than these have in common, as the code of a generic one for each of its types, would bring in
# many that are not called: they are named with their hashes.
ALIKE = 8
# The requests on a kept connection.
MANY = 60

# What has a charset to be found, as most pages have.
PAGE = b'HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 1024\r\n\r\n' + b'<p>a page</p>\n'.ljust(1024)

HEAD = '''/* The functions that a plain run calls, side by side: fewer pages are mapped. What only unwinding reads is left out.
   Written by tests/bench/order.py; src/build.rs says when it is used. */
SECTIONS {
  /DISCARD/ : { *(.eh_frame .gcc_except_table .gcc_except_table.*) }
  .text.first : {
'''
CONSTRUCTORS = '''    *(.text.startup .text.startup.*)
'''
TAIL = '''  }
} INSERT BEFORE .text;
'''


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--client', required=True, help='a release build that has its symbols')
    client = os.path.abspath(parser.parse_args().client)
    known = symbols(client)
    with tempfile.TemporaryDirectory(prefix='rawget-order-') as root:
        work.all_workloads(root, 1)
        with open(f'{root}/files/page.message', 'wb') as message:
            message.write(PAGE)
        servers, site = bench.start_servers(root)
        try:
            groups = [patterns(client, known, root, runs, least) for least, runs in all_runs(site)]
        finally:
            for server in servers:
                server.terminate()
                server.wait()
    taken = set()
    with open(SCRIPT, 'w', encoding='ascii') as script:
        script.write(HEAD)
        script.write(CONSTRUCTORS)
        for group in groups:
            script.write('    *(\n' + ''.join(f'      .text*.{name}\n' for name in sorted(group - taken)) + '    )\n')
            taken |= group
        script.write(TAIL)


def all_runs(site):
    """What each request does, what every run does, what many do besides, and what TLS adds: runs, and how often a
    function must be called in one of them."""
    files, own, tls = (site.ports[name] for name in ('files', 'own', 'tls'))
    trust = ['--body', '--cacert', f'{site.root}/ca.pem', f'https://localhost:{tls}']
    return [(MANY // 2, [['--body', '--keep-alive', f'127.0.0.1:{files}', *['/small'] * MANY]]),
            (1, [['--body', f'127.0.0.1:{files}', '/small'], ['--body', f'127.0.0.1:{own}', '/page']]),
            (1, [[f'127.0.0.1:{files}', '/small'], ['-o', os.devnull, f'http://127.0.0.1:{files}/large'],
                 ['-i', f'127.0.0.1:{own}', '/head'], ['--body', f'127.0.0.1:{own}', '/chunks8']]),
            (1, [[*trust, '/small'], [*trust, '/large']])]


def symbols(client):
    """The functions that the program has of its own: for each name all that it has, since functions with the same code
    are one, and the linker keeps any of them."""
    listing = subprocess.run(['nm', '--defined-only', client], stdout=subprocess.PIPE, text=True, check=True).stdout
    names = collections.defaultdict(set)
    for address, kind, name in map(str.split, listing.splitlines()):
        if kind in 'tT':
            names[address].add(name)
    return {name: same for same in names.values() for name in same}


def patterns(client, known, root, runs, least):
    """What matches the names of the functions that are called so often in one of the runs."""
    called = set()
    for arguments in runs:
        profile = f'{root}/profile'
        subprocess.run(['valgrind', '-q', '--tool=callgrind', '--demangle=no', f'--callgrind-out-file={profile}',
                        client, *arguments], stdout=subprocess.DEVNULL, check=True)
        with open(profile, encoding='utf-8') as lines:
            called.update(name for name, calls in counted(lines).items() if calls >= least)
    alike = collections.Counter(map(pattern, known))
    wanted = set().union(*(known[name] for name in called if name in known))
    return {pattern(name) if alike[pattern(name)] <= ALIKE else name for name in wanted}


def counted(lines):
    """How often each function of a profile is called; what nothing calls counts as once."""
    names, calls, callee = {}, collections.Counter(), None
    for line in lines:
        if match := re.match(r'c?fn=(\(\d+\))(?: (\S+))?', line):
            number, name = match.groups()
            callee = names.setdefault(number, name)
            calls[callee] += 0
        elif line.startswith('calls='):
            calls[callee] += int(line.removeprefix('calls=').split()[0])
    return {name: count or 1 for name, count in calls.items()}


def pattern(name):
    """A name without what differs from one compiler to the next."""
    if name.startswith('_R'):
        name = re.sub(r'Cs[0-9A-Za-z]+_', 'Cs*_', re.sub(r'\.\d+$', '.*', name))
    else:
        name = re.sub(r'17h[0-9a-f]{16}E.*', '17h*', name)
    return name if len(name) <= LONGEST else name[:LONGEST] + '*'


if __name__ == '__main__':
    main()
