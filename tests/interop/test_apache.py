"""Apache httpd, by Debian's name for it."""

import os
import pathlib
import unittest

from coded import Coded
from contract import Contract
from guarded import Basic, Digest, write_digest_users, write_users
from server import Missing, Server
from uploads import Uploads

MODULES = ('mpm_prefork', 'authz_core', 'mime', 'dir', 'alias', 'cgi', 'dav', 'dav_fs', 'dav_lock', 'authn_core',
           'authn_file', 'authz_user', 'auth_basic', 'auth_digest', 'deflate', 'brotli', 'filter')
FOLDERS = ('/usr/lib/apache2/modules', '/usr/lib64/httpd/modules', '/usr/lib/httpd/modules')

CONFIGURATION = '''
{modules}
ServerRoot {root}
ServerName localhost
PidFile {root}/pid
ErrorLog {root}/log
Mutex file:{root}
{user}
StartServers 2
MinSpareServers 1
MaxSpareServers 4
Listen 127.0.0.1:{port}
Listen 127.0.0.1:{closing_port}
DocumentRoot {root}/site
DirectoryIndex index.html
TypesConfig /dev/null
AddType text/html .html
AddType text/plain .txt
AddType application/octet-stream .bin
ScriptAlias /cgi-bin/ {root}/cgi-bin/
Alias /uploads/ {root}/uploads/
DavLockDB {root}/uploads/.lock
<Directory {root}/uploads>
  Dav On
</Directory>
Alias /gzip/ {root}/site/
<Location /gzip/>
  SetOutputFilter DEFLATE
</Location>
Alias /br/ {root}/site/
<Location /br/>
  SetOutputFilter BROTLI_COMPRESS
</Location>
Alias /basic/ {root}/site/
<Location /basic/>
  AuthType Basic
  AuthName apache
  AuthUserFile {root}/users
  Require valid-user
</Location>
ScriptAlias /digest/cgi-bin/ {root}/cgi-bin/
Alias /digest/ {root}/site/
<Location /digest/>
  AuthType Digest
  AuthName apache
  AuthDigestProvider file
  AuthUserFile {root}/digest-users
  Require valid-user
</Location>
KeepAlive On
<VirtualHost 127.0.0.1:{closing_port}>
  KeepAlive Off
</VirtualHost>
'''


class Apache(Server):
    """Started directly, with a configuration of its own; a CGI program's output comes chunked."""
    program = 'apache2'
    chunked_path = '/cgi-bin/stream'
    echo_path = '/cgi-bin/echo'
    upload_path = '/uploads/'
    basic_path = '/basic/'
    coded_paths = {'gzip': '/gzip/', 'br': '/br/'}
    digest_path = '/digest/'

    def command(self):
        self.cgi_scripts()
        self.upload_folder()
        write_users(self.root / 'users')
        write_digest_users(self.root / 'digest-users', realm='apache')
        folder = next((pathlib.Path(path) for path in FOLDERS if os.path.isdir(path)), None)
        if folder is None:
            raise Missing("Apache's modules are not installed")
        # Some builds have a module compiled in.
        modules = '\n'.join(f'LoadModule {name}_module {folder}/mod_{name}.so'
                            for name in MODULES if (folder / f'mod_{name}.so').exists())
        configuration = self.root / 'apache.conf'
        configuration.write_text(CONFIGURATION.format(
            modules=modules, user='User www-data\nGroup www-data' if os.geteuid() == 0 else '', root=self.root,
            port=self.port, closing_port=self.closing_port))
        return [self.executable, '-f', configuration, '-DFOREGROUND']


class TestApache(Basic, Digest, Coded, Uploads, Contract, unittest.TestCase):
    """What all servers have to do, by Apache."""
    server_class = Apache
