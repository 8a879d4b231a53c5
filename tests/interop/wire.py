"""The wire as it is: a relay that keeps what the client sent, and an exchange without any client."""

import re
import socket
import threading

BLOCK = 1 << 16
PATIENCE = 60


class Tap:
    """A relay before a server, that remembers each connection's bytes from the client."""

    def __init__(self, port):
        self.upstream = port
        #: for each connection, in order, the bytes that the client sent
        self.connections = []
        self._threads = []
        self._listener = socket.create_server(('127.0.0.1', 0))
        self.port = self._listener.getsockname()[1]
        self._accepting = threading.Thread(target=self._accept, daemon=True)

    def __enter__(self):
        self._accepting.start()
        return self

    def __exit__(self, *_):
        # Waking accept() by a connection is the portable way; it is not counted.
        self._closing = True
        socket.create_connection(('127.0.0.1', self.port)).close()
        self._accepting.join(PATIENCE)
        self._listener.close()
        for thread in self._threads:
            thread.join(PATIENCE)

    _closing = False

    def _accept(self):
        while True:
            client, _ = self._listener.accept()
            if self._closing:
                client.close()
                return
            server = socket.create_connection(('127.0.0.1', self.upstream))
            sent = bytearray()
            self.connections.append(sent)
            for source, sink, record in ((client, server, sent), (server, client, None)):
                thread = threading.Thread(target=pump, args=(source, sink, record), daemon=True)
                self._threads.append(thread)
                thread.start()


def pump(source, sink, record):
    """Carries bytes one way until the end, which it carries too."""
    try:
        while block := source.recv(BLOCK):
            if record is not None:
                record += block
            sink.sendall(block)
    except OSError:
        pass
    try:
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def exchange(port, request):
    """Sends a request's bytes and returns all that comes until the server closes."""
    with socket.create_connection(('127.0.0.1', port), PATIENCE) as connection:
        connection.sendall(request)
        blocks = []
        while block := connection.recv(BLOCK):
            blocks.append(block)
    return b''.join(blocks)


def without_date(head):
    """The head with what changes from one second to the next left out."""
    return re.sub(rb'(?im)^(Date|Age): [^\r\n]*', rb'\1: ...', head)


def unchunk(coded):
    """The data of a chunked body, whole and well-formed, or a ValueError."""
    data, rest = b'', coded
    while True:
        line, end, rest = rest.partition(b'\r\n')
        size = int(line.split(b';')[0], 16)
        if not end:
            raise ValueError('no chunk-size line')
        if size == 0:
            if rest != b'\r\n':
                raise ValueError(f'after the last chunk: {rest[:80]!r}')
            return data
        if len(rest) < size + 2 or rest[size:size + 2] != b'\r\n':
            raise ValueError('a chunk without its end')
        data, rest = data + rest[:size], rest[size + 2:]
