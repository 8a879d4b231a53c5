"""A peer on loopback that does what a function says, over TCP or TLS: what no real server does on demand."""

import socket
import ssl
import struct
import threading

# Only a peer that hangs waits so long.
PATIENCE = 60


class Connection:
    """One connection as the peer sees it."""

    def __init__(self, stream):
        self.stream = stream
        self.received = b''

    def head(self):
        """The next request's head, its empty line included; none at the end."""
        while b'\r\n\r\n' not in self.received:
            piece = self.stream.recv(1 << 16)
            if not piece:
                head, self.received = self.received, b''
                return head
            self.received += piece
        head, line, self.received = self.received.partition(b'\r\n\r\n')
        return head + line

    def content(self, head):
        """The content that this head announces by its length."""
        for line in head.lower().split(b'\r\n'):
            if line.startswith(b'content-length:'):
                length = int(line.partition(b':')[2])
                while len(self.received) < length:
                    self.received += self.stream.recv(1 << 16)
                content, self.received = self.received[:length], self.received[length:]
                return content
        return b''

    def some(self):
        """The next bytes; none at the end."""
        if self.received:
            piece, self.received = self.received, b''
            return piece
        return self.stream.recv(1 << 16)

    def send(self, text):
        """Sends bytes, or text with its line ends as CRLF."""
        self.stream.sendall(text if isinstance(text, bytes) else text.replace('\n', '\r\n').encode())

    def await_end(self):
        """Reads until the client sends no more; gives all of it."""
        pieces = []
        while piece := self.some():
            pieces.append(piece)
        return b''.join(pieces)

    def finish(self):
        """Says that nothing more is sent, by TLS's close_notify where there is TLS."""
        if isinstance(self.stream, ssl.SSLSocket):
            self.stream.settimeout(0)
            try:
                self.stream.unwrap()
            except ssl.SSLError:
                # It is said; what the client says to it is not waited for.
                pass
            self.stream.settimeout(PATIENCE)
        self.stream.shutdown(socket.SHUT_WR)

    def reset(self):
        """Resets the connection."""
        self.stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
        self.stream.close()


class Peer:
    """Calls `serve` with each connection, one after the other or all at once, until the block ends.

    What `serve` raises ends its connection; that the client leaves early is nothing to speak of.
    """

    def __init__(self, serve, authority=None):
        self.serve, self.context, self.connections = serve, None, 0
        if authority:
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.load_cert_chain(authority.path('good.pem'), authority.path('good.key'))
        self.listener = socket.create_server(('127.0.0.1', 0))
        self.port = self.listener.getsockname()[1]
        self.threads = []

    def __enter__(self):
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        # A thread in accept(2) does not see the socket close, but sees it shut down.
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for thread in self.threads:
            thread.join(PATIENCE)

    def _accept(self):
        while True:
            try:
                stream, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            thread = threading.Thread(target=self._run, args=(stream,), daemon=True)
            self.threads.append(thread)
            thread.start()

    def _run(self, stream):
        stream.settimeout(PATIENCE)
        stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            if self.context:
                stream = self.context.wrap_socket(stream, server_side=True)
            self.serve(Connection(stream))
        except (OSError, ValueError):
            pass
        finally:
            stream.close()
