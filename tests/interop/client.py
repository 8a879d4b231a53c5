"""Runs the client under test: bounded, with a bare environment, and with an eye on its memory."""

import contextlib
import dataclasses
import hashlib
import os
import subprocess
import tempfile
import time

# Nothing here should take long; this only keeps a client that hangs from hanging the suite.
PATIENCE = 120
BLOCK = 1 << 20


@dataclasses.dataclass
class Result:
    """What a run of the client gave: bytes and exit code."""
    code: int
    out: bytes
    err: bytes

    @property
    def head(self):
        """The response's head, its last line end included."""
        return self.out[:self._head_end()]

    @property
    def body(self):
        """What follows the head and its blank line."""
        return self.out[self._head_end() + 2:]

    def _head_end(self):
        end = self.out.find(b'\r\n\r\n')
        return len(self.out) if end < 0 else end + 2

    @property
    def status(self):
        """The status code as the head says it, or None."""
        parts = self.out.split(b' ', 2)
        return int(parts[1]) if len(parts) > 1 and parts[1][:3].isdigit() else None

    @property
    def final(self):
        """The same without the interim responses before."""
        result = self
        while result.status and result.status < 200:
            result = Result(self.code, result.body, self.err)
        return result

    def field(self, name):
        """The value of the first field of that name, or None."""
        for line in self.head.split(b'\r\n')[1:]:
            key, colon, value = line.partition(b':')
            if colon and key.strip().lower() == name.lower().encode():
                return value.strip().decode('latin-1')
        return None


@dataclasses.dataclass
class Stream:
    """What a run with a large output gave: the output's digest and size, and the peak of memory in KiB."""
    code: int
    digest: str
    size: int
    err: bytes
    peak: int


class Client:
    """The client at `path`."""

    def __init__(self, path):
        self.path = path
        self.home = tempfile.gettempdir()

    def environment(self):
        """No proxy, no locale, no configuration of the user's."""
        return {'PATH': os.environ.get('PATH', '/usr/bin:/bin'), 'HOME': self.home, 'LC_ALL': 'C'}

    def run(self, *arguments, stdin=b'', variables=None):
        """Runs the client to its end, with these environment variables besides."""
        done = subprocess.run([self.path, *arguments], input=stdin, capture_output=True,
                              env=self.environment() | (variables or {}), timeout=PATIENCE)
        return Result(done.returncode, done.stdout, done.stderr)

    def stream(self, *arguments, size):
        """Runs the client with a pipe as its output, `size` bytes of which are expected; the rest of it counts too.

        Memory is looked at while the client cannot have ended: more than a pipe holds is still to come.
        """
        peak, taken, digest = 0, 0, hashlib.sha256()
        with self.start(arguments, subprocess.PIPE) as process:
            while block := process.stdout.read(BLOCK):
                digest.update(block)
                taken += len(block)
                if size - taken > 4 * BLOCK:
                    peak = peak_memory(process.pid) or peak
            err = process.stderr.read()
            code = process.wait(PATIENCE)
        return Stream(code, digest.hexdigest(), taken, err, peak)

    def save(self, *arguments, file):
        """Runs the client, which writes `file`; memory is looked at over and over until it ends."""
        with self.start(arguments, subprocess.PIPE) as process:
            peak = watch(process)
            out, err = process.stdout.read(), process.stderr.read()
        digest, size = hashlib.sha256(), 0
        with open(file, 'rb') as saved:
            while block := saved.read(BLOCK):
                digest.update(block)
                size += len(block)
        return Stream(process.returncode, digest.hexdigest(), size, out + err, peak)

    def send(self, *arguments, content=None, by_pipe=False):
        """Runs the client, which sends the file `content`, if there is one, given by its name or by a pipe; memory is
        looked at over and over until it ends. The result is what run() gives, and the peak in KiB.
        """
        with contextlib.ExitStack() as stack:
            source = None
            if by_pipe:
                source = stack.enter_context(subprocess.Popen(['cat', content], stdout=subprocess.PIPE))
                arguments = ['-T', '-', *arguments]
            elif content:
                arguments = ['-T', content, *arguments]
            process = stack.enter_context(subprocess.Popen(
                [self.path, *arguments], stdin=source.stdout if by_pipe else subprocess.DEVNULL,
                stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=self.environment()))
            if by_pipe:
                # So that cat learns when nobody reads any more.
                source.stdout.close()
            peak = watch(process)
            result = Result(process.returncode, process.stdout.read(), process.stderr.read())
        return result, peak

    def first(self, *arguments, size):
        """Takes the first `size` bytes of the output, then closes it, as head(1) does."""
        with self.start(arguments, subprocess.PIPE) as process:
            out = process.stdout.read(size)
            process.stdout.close()
            err = process.stderr.read()
            code = process.wait(PATIENCE)
        return Result(code, out, err)

    def start(self, arguments, out):
        """Starts the client with this output, to be stopped by the caller."""
        return subprocess.Popen([self.path, *arguments], stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.PIPE,
                                env=self.environment())


def watch(process):
    """Waits for the end of a process, whose output must be small; gives its peak of memory in KiB."""
    peak, deadline = 0, time.monotonic() + PATIENCE
    while process.poll() is None:
        peak = peak_memory(process.pid) or peak
        if time.monotonic() > deadline:
            process.kill()
        time.sleep(0.002)
    return peak


def peak_memory(pid):
    """The peak of resident memory of a process so far, in KiB; None when it has ended.

    Not the rusage of wait4: that counts the parent's pages from before exec as the child's.
    """
    try:
        with open(f'/proc/{pid}/status', encoding='ascii', errors='replace') as status:
            for line in status:
                if line.startswith('VmHWM:'):
                    return int(line.split()[1])
    except OSError:
        pass
    return None
