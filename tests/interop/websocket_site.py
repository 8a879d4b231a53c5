"""A WebSocket server by Python's websockets: websocket_site.py PORT TLS_PORT CERTIFICATE KEY

What comes is sent back. /hello greets and closes, /close/CODE closes with that code, /ping waits for a Pong, /large sends
a message of 64 MiB in fragments, /bytes tells of the length of what comes.
"""

import asyncio
import ssl
import sys

import websockets

PIECE = b'x' * (1 << 20)


async def handle(socket):
    # Its place has changed.
    path = getattr(socket, 'path', None) or socket.request.path
    if path == '/hello':
        await socket.send('grüß dich\nund tschüß')
        await socket.send(b'\0\xff')
        return
    if path.startswith('/close/'):
        await socket.close(int(path.removeprefix('/close/')), 'as asked')
        return
    if path == '/ping':
        await (await socket.ping(b'are you there'))
        await socket.send('you are')
        return
    if path == '/large':
        await socket.send(PIECE.decode() for _ in range(64))
        return
    async for message in socket:
        if path == '/bytes':
            await socket.send(f'{type(message).__name__} {len(message)}')
        else:
            await socket.send(message)


async def main():
    port, tls_port, certificate, key = sys.argv[1:]
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    options = {'max_size': None, 'subprotocols': ['chat'], 'ping_interval': None}
    async with websockets.serve(handle, '127.0.0.1', int(port), **options), \
            websockets.serve(handle, '127.0.0.1', int(tls_port), ssl=context, **options):
        await asyncio.Future()

asyncio.run(main())
