#!/usr/bin/env python3
"""Writes src/public_suffix/list.txt from the public suffix list (Python 3.11, standard library only).

  curl -O https://publicsuffix.org/list/public_suffix_list.dat && python3 tests/public_suffix.py public_suffix_list.dat

The list names each rule whole: half of it is the same few ends of names. Here a line has a name, and after it the
labels by which rules go on below that name: `kawasaki.jp !city *`. Lines and labels are sorted by their bytes, so
that a line is found by halving; the first line has no name and the top-level domains. Labels are A-labels.
"""

import collections
import os
import sys

LIST = os.path.join(os.path.dirname(os.path.abspath(__file__)), '../src/public_suffix/list.txt')

HEAD = '''// This Source Code Form is subject to the terms of the Mozilla Public
// License, v. 2.0. If a copy of the MPL was not distributed with this
// file, You can obtain one at https://mozilla.org/MPL/2.0/.
//
// The public suffix list of https://publicsuffix.org/list/, put in order by tests/public_suffix.py.
'''


def main():
    with open(sys.argv[1], encoding='utf-8') as source:
        lines = [line.strip() for line in source]
    origin = ''.join(f'{line}\n' for line in lines if line.startswith(('// VERSION:', '// COMMIT:')))
    below = collections.defaultdict(set)
    for rule in (line.split()[0] for line in lines if line and not line.startswith('//')):
        mark = '!' if rule.startswith('!') else ''
        label, _, parent = rule.removeprefix('!').partition('.')
        if '*' in parent:
            sys.exit(f'{rule}: a wildcard that is not the first label')
        below[ascii_name(parent)].add(mark + ascii_name(label))
    with open(LIST, 'w', encoding='ascii') as out:
        out.write(f'{HEAD}{origin}\n')
        for parent in sorted(below):
            out.write(f'{parent} {" ".join(sorted(below[parent]))}\n')


def ascii_name(name):
    """The labels of `name` as A-labels; the list has them in the form that encodes them."""
    return '.'.join(label if label.isascii() else 'xn--' + label.encode('punycode').decode()
                    for label in name.lower().split('.'))


if __name__ == '__main__':
    main()
