#!/usr/bin/env python3
"""Holds each dependency's licence and source against .cargo/deny.toml.

`cargo deny check licenses sources` does this and more, but takes minutes to build and CI starts bare. Its
check of advisories needs a database from the network; run it by hand before a release.
"""

import json
import pathlib
import re
import subprocess
import sys
import tomllib


def allowed(expression, allow):
    """Whether an SPDX expression can be met with the licences in `allow`; AND binds closer than OR."""
    # Crates from before the field had a grammar write OR as a slash.
    tokens = re.findall(r'[()]|[^\s()]+', expression.replace('/', ' OR '))

    def either():
        met = both()
        while tokens and tokens[0] == 'OR':
            tokens.pop(0)
            met |= both()
        return met

    def both():
        met = one()
        while tokens and tokens[0] == 'AND':
            tokens.pop(0)
            met &= one()
        return met

    def one():
        if not tokens:
            raise ValueError(expression)
        name = tokens.pop(0)
        if name == '(':
            met = either()
            if not tokens or tokens.pop(0) != ')':
                raise ValueError(expression)
            return met
        if tokens[:1] == ['WITH']:
            name = ' '.join([name, tokens.pop(0), tokens.pop(0)])
        return name in allow

    met = either()
    if tokens:
        raise ValueError(expression)
    return met


def main():
    top = pathlib.Path(__file__).parent.parent
    allow = set(tomllib.loads((top / '.cargo/deny.toml').read_text())['licenses']['allow'])
    assert allowed('MIT OR (GPL-3.0 AND MIT)', {'MIT'}) and not allowed('(MIT OR Zlib) AND GPL-3.0', {'MIT'})
    metadata = json.loads(subprocess.run(
        ['cargo', 'metadata', '--locked', '--format-version', '1'], cwd=top, check=True, stdout=subprocess.PIPE).stdout)
    problems = []
    for package in metadata['packages']:
        name = f"{package['name']} {package['version']}"
        if not (package['source'] or 'registry+').startswith('registry+'):
            problems.append(f"{name}: comes from {package['source']}")
        licence = package['license']
        if not licence or not allowed(licence, allow):
            problems.append(f'{name}: licence {licence or "not stated"}')
    print(f"{len(metadata['packages'])} packages")
    sys.exit('\n'.join(problems) or 0)


if __name__ == '__main__':
    main()
