"""What checks over TLS begin with: a client that speaks it, and certificates made for the occasion."""

import shutil
import tempfile
import unittest

from certificates import Authority
from contract import client_with_tls


class WithAuthority:
    """Beside a TestCase: `authority` has signed the certificate `good` for `names`."""
    names = 'DNS:localhost,IP:127.0.0.1'

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.client = client_with_tls()
        if shutil.which('openssl') is None:
            raise unittest.SkipTest('openssl is not installed')
        folder = tempfile.mkdtemp(prefix='rawget-trust-')
        cls.addClassCleanup(shutil.rmtree, folder, ignore_errors=True)
        cls.authority = Authority(folder)
        cls.authority.leaf('good', cls.names)
