// The WebSocket server of websocket_site.py by Node's ws: node websocket_site.js PORT TLS_PORT CERTIFICATE KEY
'use strict';
const fs = require('fs');
const http = require('http');
const https = require('https');
const { WebSocketServer } = require('ws');

const [port, tlsPort, certificate, key] = process.argv.slice(2);
const piece = 'x'.repeat(1 << 20);

function handle(socket, request) {
  const path = request.url;
  if (path === '/hello') {
    socket.send('grüß dich\nund tschüß');
    socket.send(Buffer.from([0, 255]));
    socket.close(1000);
  } else if (path.startsWith('/close/')) {
    socket.close(Number(path.slice(7)), 'as asked');
  } else if (path === '/ping') {
    socket.on('pong', () => { socket.send('you are'); socket.close(1000); });
    socket.ping('are you there');
  } else if (path === '/large') {
    for (let number = 0; number < 64; number++) socket.send(piece, { fin: number === 63, compress: true });
    socket.close(1000);
  } else {
    socket.on('message', (data, isBinary) => {
      if (path === '/bytes') socket.send(`${isBinary ? 'bytes' : 'str'} ${data.length}`);
      else socket.send(data, { binary: isBinary });
    });
  }
}

const handleProtocols = (protocols) => (protocols.has('chat') ? 'chat' : false);
const options = { perMessageDeflate: { threshold: 0 }, handleProtocols, maxPayload: 0 };
for (const server of [
  http.createServer().listen(port, '127.0.0.1'),
  https.createServer({ cert: fs.readFileSync(certificate), key: fs.readFileSync(key) }).listen(tlsPort, '127.0.0.1'),
]) {
  new WebSocketServer({ server, ...options }).on('connection', handle);
}
