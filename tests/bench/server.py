"""A server that costs little: ready-made bytes by sendfile(2), one thread a connection.

python3 server.py FOLDER PORT

It sends every file with its length but these: `NAME.chunked` holds chunks and is sent as often as `NAME.repeat`
says, then comes the last chunk; `NAME.message` holds a whole response. `text.CHARSET` is text in that charset, and
`text.CODING` has that content coding. What is sent to `/sink` is read and forgotten; what is sent to `/echo`, with its
length, comes back meanwhile.
"""

import os
import socket
import sys
import threading

SLICE = 1 << 21
BLOCK = bytearray(1 << 20)


def main():
    folder, port = sys.argv[1], int(sys.argv[2])
    with socket.create_server(('127.0.0.1', port), backlog=64) as listener:
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=serve, args=(connection, folder), daemon=True).start()


def serve(connection, folder):
    """Answers one request and closes."""
    try:
        with connection:
            request = b''
            while b'\r\n\r\n' not in request:
                block = connection.recv(1 << 16)
                if not block:
                    return
                request += block
            path = request.split(b' ')[1].decode()
            if path.startswith('/sink'):
                forget(connection, request)
            elif path.startswith('/echo'):
                echo(connection, request)
            else:
                answer(connection, folder + path)
            connection.shutdown(socket.SHUT_WR)
            while connection.recv(1 << 16):
                pass
    except OSError:
        # The client has gone.
        pass


def answer(connection, path):
    if os.path.exists(path + '.message'):
        send(connection, path + '.message')
    elif os.path.exists(path + '.chunked'):
        connection.sendall(b'HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\n'
                           b'Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n')
        with open(path + '.repeat', encoding='ascii') as repeat:
            times = int(repeat.read())
        for _ in range(times):
            send(connection, path + '.chunked')
        connection.sendall(b'0\r\n\r\n')
    elif os.path.exists(path):
        connection.sendall(f'HTTP/1.1 200 OK\r\n{kind(path)}\r\nContent-Length: {os.path.getsize(path)}\r\n'
                           'Connection: close\r\n\r\n'.encode())
        send(connection, path)
    else:
        connection.sendall(b'HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n')


def kind(path):
    """The field lines that say what a file is."""
    extension = path.rpartition('/text.')[2] if '/text.' in path else ''
    if extension in ('gzip', 'br', 'zstd'):
        return f'Content-Type: text/plain; charset=utf-8\r\nContent-Encoding: {extension}'
    return f'Content-Type: text/plain; charset={extension}' if extension else 'Content-Type: application/octet-stream'


def forget(connection, request):
    """Reads content by its length, or by its last chunk, and says that it came."""
    length, begin = announced(request)
    if length is not None:
        left = length - len(begin)
        while left > 0 and (size := connection.recv_into(BLOCK, min(left, len(BLOCK)))):
            left -= size
    else:
        tail = begin[-5:]
        while tail != b'0\r\n\r\n' and (size := connection.recv_into(BLOCK)):
            tail = (tail + bytes(BLOCK[max(0, size - 5):size]))[-5:]
    connection.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n')


def echo(connection, request):
    """Sends content back while it comes."""
    length, begin = announced(request)
    connection.sendall(f'HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n'.encode() + begin)
    left = length - len(begin)
    while left > 0 and (size := connection.recv_into(BLOCK, min(left, len(BLOCK)))):
        connection.sendall(memoryview(BLOCK)[:size])
        left -= size


def announced(request):
    """The Content-Length of a request, if it has one, and the content that came with the head."""
    head, _, begin = request.partition(b'\r\n\r\n')
    for line in head.split(b'\r\n'):
        if line.lower().startswith(b'content-length:'):
            return int(line.split(b':')[1]), begin
    return None, begin


def send(connection, path):
    with open(path, 'rb') as file:
        offset, size = 0, os.fstat(file.fileno()).st_size
        while offset < size:
            offset += os.sendfile(connection.fileno(), file.fileno(), offset, min(SLICE, size - offset))


if __name__ == '__main__':
    main()
