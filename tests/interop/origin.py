"""A server of this process, which says back what it was asked."""

import hashlib
import http.server
import json
import ssl
import threading

BLOCK = 1 << 16
#: what /large consists of, so many times
LARGE_BLOCK = bytes(range(256)) * 256
LARGE_COUNT = 512
LARGE_DIGEST = hashlib.sha256(LARGE_BLOCK * LARGE_COUNT).hexdigest()


class Asked(http.server.BaseHTTPRequestHandler):
    """Answers with the request: its method, target and fields, and the size and digest of its content."""
    protocol_version = 'HTTP/1.1'

    def do_GET(self):
        if self.path.endswith('/large'):
            self.answer_head(200, 'application/octet-stream', len(LARGE_BLOCK) * LARGE_COUNT)
            for _ in range(LARGE_COUNT):
                self.wfile.write(LARGE_BLOCK)
            return
        size, digest = 0, hashlib.sha256()
        for block in self.content():
            size += len(block)
            digest.update(block)
        fields = [[name, value] for name, value in self.headers.items()]
        body = json.dumps({'method': self.command, 'target': self.path, 'fields': fields, 'size': size,
                           'digest': digest.hexdigest()}).encode()
        self.answer_head(200, 'application/json', len(body))
        self.wfile.write(body)

    do_POST = do_PUT = do_GET

    def content(self):
        """The request's content, block by block."""
        if self.headers.get('Transfer-Encoding', '').lower() == 'chunked':
            while size := int(self.rfile.readline().split(b';')[0], 16):
                yield self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            return
        left = int(self.headers.get('Content-Length', 0))
        while left and (block := self.rfile.read(min(left, BLOCK))):
            left -= len(block)
            yield block

    def answer_head(self, status, content_type, length):
        self.send_response(status)
        self.send_header('Content-Type', content_type)
        self.send_header('Content-Length', str(length))
        self.end_headers()

    def log_message(self, *arguments):
        pass


class Origin(http.server.ThreadingHTTPServer):
    """Listens on loopback, over TLS where there is a context."""
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, context=None, handler=Asked):
        super().__init__(('127.0.0.1', 0), handler)
        self.context = context
        self.port = self.server_address[1]
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def finish_request(self, request, client_address):
        try:
            if self.context is None:
                super().finish_request(request, client_address)
                return
            with self.context.wrap_socket(request, server_side=True) as secured:
                super().finish_request(secured, client_address)
        except (OSError, ssl.SSLError, ValueError):
            # What fails is the client's to tell.
            pass

    def stop(self):
        self.shutdown()
        self.server_close()


def secure_context(authority, name):
    """A context for TLS with the certificate of that name."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority.path(f'{name}.pem'), authority.path(f'{name}.key'))
    return context
