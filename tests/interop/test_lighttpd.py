"""lighttpd."""

import unittest

from contract import Contract
from server import Server

CONFIGURATION = '''
server.modules = ("mod_cgi", "mod_alias")
server.document-root = "{root}/site"
server.bind = "127.0.0.1"
server.port = {port}
server.errorlog = "{root}/log"
server.upload-dirs = ("{root}")
# Without it a CGI program's output is collected first, and sent with its length.
server.stream-response-body = 2
index-file.names = ("index.html")
mimetype.assign = (".html" => "text/html", ".txt" => "text/plain", "" => "application/octet-stream")
alias.url = ("/cgi-bin/" => "{root}/cgi-bin/")
$HTTP["url"] =~ "^/cgi-bin/" {{ cgi.assign = ("" => "") }}
$SERVER["socket"] == "127.0.0.1:{closing_port}" {{ server.max-keep-alive-requests = 0 }}
'''


class Lighttpd(Server):
    """Its own event loop and writer; a CGI program's output comes chunked."""
    program = 'lighttpd'
    chunked_path = '/cgi-bin/stream'
    echo_path = '/cgi-bin/echo'

    def command(self):
        self.cgi_scripts()
        configuration = self.root / 'lighttpd.conf'
        configuration.write_text(CONFIGURATION.format(root=self.root, port=self.port, closing_port=self.closing_port))
        return [self.executable, '-D', '-f', configuration]


class TestLighttpd(Contract, unittest.TestCase):
    """What all servers have to do, by lighttpd."""
    server_class = Lighttpd
