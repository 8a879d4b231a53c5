"""Certificates made for the occasion."""

import pathlib
import subprocess

NOW = ('20240101000000Z', '20480101000000Z')
P256 = ('ec', '-pkeyopt', 'ec_paramgen_curve:P-256')


class Authority:
    """Makes certificates with openssl in a folder of its own."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.sign('ca', 'basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign', issuer=None)

    def sign(self, name, extensions, issuer='ca', dates=NOW, key=P256):
        self.openssl('req', '-new', '-newkey', *key, '-nodes',
                     '-keyout', f'{name}.key', '-out', f'{name}.csr', '-subj', f'/CN={name}')
        (self.folder / f'{name}.cnf').write_text(
            '[ca]\ndefault_ca=d\n[d]\nnew_certs_dir=.\n' f'database={name}.db\nserial={name}.srl\n'
            'default_md=sha256\npolicy=p\nunique_subject=no\n[p]\ncommonName=optional\n' f'[v]\n{extensions}\n')
        (self.folder / f'{name}.db').write_text('')
        (self.folder / f'{name}.srl').write_text(f'{4096 + len(list(self.folder.iterdir())):04X}\n')
        by = ['-selfsign', '-keyfile', f'{name}.key'] if issuer is None else \
             ['-cert', f'{issuer}.pem', '-keyfile', f'{issuer}.key']
        self.openssl('ca', '-batch', '-notext', '-config', f'{name}.cnf', '-in', f'{name}.csr', '-out', f'{name}.pem',
                     '-startdate', dates[0], '-enddate', dates[1], '-extensions', 'v', *by)

    def leaf(self, name, san, **how):
        self.sign(name, 'basicConstraints=critical,CA:FALSE\nextendedKeyUsage=serverAuth,clientAuth\n'
                        + (f'subjectAltName={san}' if san else ''), **how)

    def path(self, name):
        return str(self.folder / name)

    def openssl(self, *arguments):
        return subprocess.run(['openssl', *arguments], cwd=self.folder, check=True, capture_output=True).stdout

    def pin(self, name):
        public = self.openssl('pkey', '-in', f'{name}.key', '-pubout', '-outform', 'DER')
        digest = subprocess.run(['openssl', 'dgst', '-sha256', '-binary'], input=public, check=True, capture_output=True)
        return 'sha256//' + subprocess.run(['openssl', 'base64'], input=digest.stdout, check=True,
                                           capture_output=True).stdout.decode().strip()
