"""A run of the client that is typed to and read from while it goes on."""

import os
import selectors
import subprocess
import time

from client import PATIENCE


class Live:
    """The client under way; killed at the end of the block, where it has not ended before."""

    def __init__(self, client, *arguments):
        self.process = subprocess.Popen([client.path, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, env=client.environment())
        self.output, self.said = b'', b''
        self.deadline = time.monotonic() + PATIENCE

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            try:
                pipe.close()
            except OSError:
                pass

    def type(self, line):
        """Gives these bytes to standard input."""
        self.process.stdin.write(line)
        self.process.stdin.flush()

    def end_input(self):
        """Nothing more is typed."""
        self.process.stdin.close()

    def await_output(self, wanted):
        """Reads standard output until these bytes are in it."""
        while wanted not in self.output:
            if not self._read(self.process.stdout):
                raise AssertionError(f'it ended without {wanted!r}: {self.output!r} {self.errors()!r}')

    def close_output(self):
        """Nobody reads any more, as after head(1)."""
        self.process.stdout.close()

    def drain_output(self):
        """Reads standard output to its end, and forgets it."""
        while self._read(self.process.stdout):
            self.output = b''

    def errors(self):
        """All that is said on standard error."""
        while self._read(self.process.stderr):
            pass
        return self.said

    def await_exit(self):
        """The exit code."""
        return self.process.wait(max(0.1, self.deadline - time.monotonic()))

    def kill(self):
        """Ends it."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def _read(self, pipe):
        with selectors.DefaultSelector() as selector:
            selector.register(pipe, selectors.EVENT_READ)
            if not selector.select(max(0, self.deadline - time.monotonic())):
                self.kill()
                raise AssertionError(f'nothing came in time: {self.output!r} {self.said!r}')
        piece = os.read(pipe.fileno(), 1 << 16)
        if pipe is self.process.stdout:
            self.output += piece
        else:
            self.said += piece
        return piece
