// Tells what a form has, as busboy and as formidable read it: node form_site.js PORT
'use strict';
const crypto = require('crypto');
const http = require('http');
const { Writable } = require('stream');
const busboy = require('busboy');
const { formidable } = require('formidable');

// Digests what it is given.
class Digester extends Writable {
  size = 0;
  hash = crypto.createHash('sha256');
  _write(data, encoding, done) {
    this.size += data.length;
    this.hash.update(data);
    done();
  }
}

function file(name, filename, type, { size, hash }) {
  return { name, filename, type, size, digest: hash.digest('hex') };
}

function byBusboy(request, done) {
  const parts = [];
  const parser = busboy({ headers: request.headers, preservePath: true, defParamCharset: 'utf8' });
  parser.on('field', (name, value, { mimeType }) => parts.push({ name, value, type: mimeType }));
  parser.on('file', (name, stream, { filename, mimeType }) => {
    const digester = new Digester();
    stream.pipe(digester).on('finish', () => parts.push(file(name, filename, mimeType, digester)));
  });
  parser.on('close', () => setImmediate(() => done(null, parts)));
  parser.on('error', done);
  request.pipe(parser);
}

function byFormidable(request, done) {
  const digesters = new Map();
  const form = formidable({
    allowEmptyFiles: true, minFileSize: 0, maxFileSize: Infinity, multiples: true,
    fileWriteStreamHandler(file) {
      const digester = new Digester();
      digesters.set(file, digester);
      return digester;
    },
  });
  form.parse(request, (error, fields, files) => {
    if (error) return done(error);
    const parts = Object.entries(fields).flatMap(([name, values]) => [values].flat().map((value) => ({ name, value })));
    for (const [name, list] of Object.entries(files)) {
      for (const one of [list].flat()) {
        parts.push(file(name, one.originalFilename, one.mimetype, digesters.get(one) || new Digester()));
      }
    }
    done(null, parts);
  });
}

http.createServer((request, response) => {
  const read = request.url === '/busboy' ? byBusboy : byFormidable;
  try {
    read(request, (error, parts) => {
      response.writeHead(error ? 400 : 200, { 'Content-Type': 'application/json' });
      response.end(error ? String(error) : JSON.stringify(parts));
    });
  } catch (error) {
    response.writeHead(400).end(String(error));
  }
}).listen(Number(process.argv[2]), '127.0.0.1');
