// The site of site_files.py on Node's http server: node node_site.js FOLDER UPLOADS PORT CLOSING_PORT
'use strict';
const crypto = require('crypto');
const fs = require('fs');
const http = require('http');
const path = require('path');

const [folder, uploads, port, closingPort] = process.argv.slice(2);
const types = { '.html': 'text/html', '.txt': 'text/plain' };

const special = {
  '/chunked'(request, response) {
    response.setHeader('Content-Type', 'text/plain');
    fs.createReadStream(path.join(folder, 'text.txt'), { highWaterMark: 1777 }).pipe(response);
  },
  '/echo'(request, response) {
    response.setHeader('Content-Type', 'application/octet-stream');
    request.pipe(response);
  },
  '/interim'(request, response) {
    response.writeEarlyHints({ link: '</style.css>; rel=preload' });
    response.writeProcessing();
    file(request, response, '/index.html');
  },
  '/trailers'(request, response) {
    response.writeHead(200, { 'Content-Type': 'text/plain', Trailer: 'X-Checksum' });
    response.write(fs.readFileSync(path.join(folder, 'text.txt')));
    response.addTrailers({ 'X-Checksum': 'none' });
    response.end();
  },
  '/fields'(request, response) {
    for (let number = 0; number < 1000; number++) response.setHeader(`X-Field-${number}`, `value ${number}`);
    response.end('many\n');
  },
  '/cut'(request, response) {
    response.writeHead(200, { 'Content-Type': 'text/plain', 'Content-Length': 8 });
    response.write('half', () => request.socket.end());
  },
  '/cut-chunk'(request, response) {
    // By hand, since Node only sends whole chunks.
    request.socket.end('HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n8\r\nhalf');
  },
  '/nothing'(request) {
    request.socket.end();
  },
  '/no-content'(request, response) {
    response.writeHead(204).end();
  },
};

// A static file with its validators and one range; the framing is left to Node.
function file(request, response, name) {
  const full = path.join(folder, path.normalize(name === '/' ? '/index.html' : name));
  fs.stat(full, (error, stat) => {
    if (error || !stat.isFile()) return response.writeHead(404, { 'Content-Type': 'text/plain' }).end('No such file.\n');
    const etag = '"' + crypto.createHash('md5').update(`${stat.size} ${stat.mtimeMs}`).digest('hex') + '"';
    const modified = new Date(Math.floor(stat.mtimeMs / 1000) * 1000);
    response.setHeader('ETag', etag);
    response.setHeader('Last-Modified', modified.toUTCString());
    if (request.headers['if-none-match'] === etag || new Date(request.headers['if-modified-since']) >= modified) {
      return response.writeHead(304).end();
    }
    response.setHeader('Content-Type', types[path.extname(full)] || 'application/octet-stream');
    const [status, start, end] = range(request.headers.range, stat.size);
    if (status === 416) return response.writeHead(416, { 'Content-Range': `bytes */${stat.size}` }).end();
    if (status === 206) response.setHeader('Content-Range', `bytes ${start}-${end}/${stat.size}`);
    response.writeHead(status, { 'Content-Length': end - start + 1 });
    if (request.method === 'HEAD') return response.end();
    fs.createReadStream(full, { start, end, highWaterMark: 1 << 20 }).pipe(response);
  });
}

function range(value, size) {
  const match = /^bytes=(\d*)-(\d*)$/.exec(value || '');
  if (!match || match[1] + match[2] === '') return [200, 0, size - 1];
  const start = match[1] === '' ? Math.max(0, size - Number(match[2])) : Number(match[1]);
  const end = match[1] === '' || match[2] === '' ? size - 1 : Math.min(size - 1, Number(match[2]));
  return start > end ? [416, 0, 0] : [206, start, end];
}

// Keeps what is put below /uploads/.
function upload(request, response, name) {
  const kept = fs.createWriteStream(path.join(uploads, path.basename(name)));
  request.pipe(kept).on('close', () => response.writeHead(201).end());
}

function site(request, response) {
  const name = request.url.split('?')[0];
  if (request.method === 'PUT') return upload(request, response, decodeURIComponent(name));
  (special[name] || ((request, response) => file(request, response, decodeURIComponent(name))))(request, response);
}

http.createServer(site).listen(Number(port), '127.0.0.1');
const closing = http.createServer(site);
closing.maxRequestsPerSocket = 1;
closing.listen(Number(closingPort), '127.0.0.1');
