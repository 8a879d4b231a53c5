"""The files that every server serves."""

import functools
import hashlib
import random

#: UTF-8, in several scripts, longer than any server's buffer.
TEXT = 'Zażółć gęślą jaźń; 百度一下，你就知道; naïve café; 😀\n'.encode() * 900
#: No text by any measure.
DATA = bytes(range(256)) + random.Random(7).randbytes(300_000)
PAGE = '<!doctype html><meta charset=utf-8><title>Grüße</title><p>Seite\n'.encode()
LARGE = 1 << 30

#: as much as an upload has, in blocks of UPLOAD_BLOCK; run.py may say more
UPLOAD_BLOCK = bytes(range(251)) * 4177
UPLOAD_SIZE = 256 << 20


def write_upload(path):
    """Writes a file of UPLOAD_SIZE, and gives its SHA-256."""
    digest = hashlib.sha256()
    with open(path, 'wb') as file:
        left = UPLOAD_SIZE
        while left:
            block = UPLOAD_BLOCK[:left]
            digest.update(block)
            file.write(block)
            left -= len(block)
    return digest.hexdigest()


def digest_of(path):
    """The SHA-256 of a file."""
    with open(path, 'rb') as file:
        return hashlib.file_digest(file, 'sha256').hexdigest()


def write_site(folder):
    """Writes the files; the large one is sparse, with marks, so that a block lost or moved shows."""
    folder.mkdir()
    (folder / 'index.html').write_bytes(PAGE)
    (folder / 'text.txt').write_bytes(TEXT)
    (folder / 'data.bin').write_bytes(DATA)
    (folder / 'page.shtml').write_bytes(b'<!--# include file="/text.txt" -->')
    with open(folder / 'large.bin', 'wb') as large:
        for offset, mark in marks():
            large.seek(offset)
            large.write(mark)


def marks():
    """The large file's bytes that are not zero; the last mark is its end."""
    for number in range(1, 17):
        mark = b'mark %d' % number
        yield number * (LARGE // 16) - len(mark), mark


@functools.cache
def large_digest():
    """The SHA-256 of the large file."""
    digest, done, zeros = hashlib.sha256(), 0, bytes(1 << 20)
    for offset, mark in marks():
        while done < offset:
            step = min(len(zeros), offset - done)
            digest.update(zeros[:step])
            done += step
        digest.update(mark)
        done += len(mark)
    return digest.hexdigest()
