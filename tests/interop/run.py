#!/usr/bin/env python3
"""Runs rawget against real HTTP servers and proxies on loopback (Python 3.11, standard library only).

  python3 tests/interop/run.py --client target/release/rawget
  python3 tests/interop/run.py --client target/release/rawget -k nginx -k test_range
  python3 tests/interop/run.py --client target/release/rawget --allow-missing

Every server gets a configuration, a document root and ports of its own, all temporary, and is stopped
at the end. To add a server: a file `test_NAME.py` with a `Server` (server.py) and a test case that mixes
in the checks all servers share (contract.py); its own checks stand beside.
"""

import argparse
import atexit
import os
import signal
import sys
import unittest

import site_files
from client import Client
from contract import Running
from server import stop_all


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--client', required=True, help='the rawget to test')
    parser.add_argument('--allow-missing', action='store_true',
                        help='skip a server that is not installed, instead of failing')
    parser.add_argument('-k', dest='patterns', action='append', default=[], metavar='PART',
                        help='only the checks whose name has PART in it; may be given several times, all must match')
    parser.add_argument('--upload', type=int, metavar='MIB', default=site_files.UPLOAD_SIZE >> 20,
                        help='how much is uploaded to each server (%(default)s)')
    parser.add_argument('-v', '--verbose', action='store_true', help='name every check')
    arguments = parser.parse_args()

    # unittest goes on after other exceptions than the one of Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    # A shell's background job ignores it, and so would the clients, which are interrupted by some checks.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    # An interrupted run skips the classes' own clean-up.
    atexit.register(stop_all)
    Running.client = Client(os.path.abspath(arguments.client))
    site_files.UPLOAD_SIZE = arguments.upload << 20
    Running.allow_missing = arguments.allow_missing

    here = os.path.dirname(os.path.abspath(__file__))
    suite = unittest.TestSuite(
        test for test in flat(unittest.defaultTestLoader.discover(here))
        if all(part.lower() in test.id().lower() for part in arguments.patterns))
    count = suite.countTestCases()
    result = unittest.TextTestRunner(verbosity=2 if arguments.verbose else 1, buffer=True).run(suite)
    failed = len({test for test, _ in result.failures + result.errors}) + len(result.unexpectedSuccesses)
    skipped = len(result.skipped)
    for test, reason in result.skipped:
        print(f'skipped: {test.id()}: {reason}')
    if count == 0:
        sys.exit('no check has such a name')
    print(f'{max(0, result.testsRun - failed - skipped)} passed, {failed} failed, {skipped} skipped')
    sys.exit(0 if result.wasSuccessful() else 1)


def flat(suite):
    """The single checks of a suite of suites."""
    for test in suite:
        if isinstance(test, unittest.TestSuite):
            yield from flat(test)
        else:
            yield test


if __name__ == '__main__':
    main()
