"""What all servers share: a folder of their own, ports of their own, a start that waits and a stop that is sure."""

import os
import pathlib
import shutil
import signal
import socket
import stat
import subprocess
import tempfile
import time

from site_files import write_site

# Every server made, for the end of an interrupted run.
ALL = []
START_TRIES = 200
START_PAUSE = 0.05
# A server that has to be asked twice to stop is not asked a third time.
STOP_PATIENCE = 5


class Missing(Exception):
    """The server's program is not installed."""


class Server:
    """A real server on loopback, with the site of site_files.py.

    A subclass names its `program` and says in `command()` how to start it, in the foreground. It listens on
    `port`, where connections persist, and on `closing_port`, where it closes after each response. The optional
    paths below say what else it can do; one that is None comes with the reason in `cannot`.
    """
    program = None
    #: a page of site_files.TEXT that comes chunked
    chunked_path = None
    #: a resource that sends back what is posted to it
    echo_path = None
    #: a folder that takes what is put there
    upload_path = None
    #: the site again, in the first of the content codings that are accepted, by the coding's name
    coded_paths = {}
    #: the site for those who say who they are by Basic, and by Digest
    basic_path = None
    digest_path = None
    #: whether it answers Range, and sends ETag
    ranges = True
    etags = True
    #: findings beyond advice that are true of what it sends
    true_findings = ()
    #: why not, by the name of what is missing
    cannot = {}

    def __init__(self):
        self.executable = find(self.program)
        self.root = pathlib.Path(tempfile.mkdtemp(prefix='rawget-interop-'))
        self.processes = []
        ALL.append(self)
        try:
            # Servers that start as root serve as somebody else.
            self.root.chmod(0o755)
            self.site = self.root / 'site'
            write_site(self.site)
            self.port, self.closing_port = free_ports(2)
            self.log_file = self.root / 'log'
        except BaseException:
            self.stop()
            raise

    def command(self):
        """The command line that runs the server in the foreground."""
        raise NotImplementedError

    def commands(self):
        """All command lines, for a server that takes one process for each port."""
        return [self.command()]

    def start(self):
        """Starts the server, and returns when it accepts connections."""
        with open(self.log_file, 'ab') as log:
            for command in self.commands():
                # A session of its own, so that the workers can be stopped with it.
                self.processes.append(subprocess.Popen(
                    [str(part) for part in command], stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.root,
                    start_new_session=True))
        for port in self.all_ports():
            self._wait_for(port)

    def all_ports(self):
        """The ports that it listens on once it has started."""
        return self.port, self.closing_port

    def _wait_for(self, port):
        for _ in range(START_TRIES):
            if any(process.poll() is not None for process in self.processes):
                break
            try:
                socket.create_connection(('127.0.0.1', port), 1).close()
                return
            except OSError:
                time.sleep(START_PAUSE)
        raise RuntimeError(f'{self.program} did not start: {self.log()}')

    def log(self):
        """The end of what the server said."""
        return self.log_file.read_text(errors='replace')[-2000:] if self.log_file.exists() else ''

    def stop(self):
        """Stops the server and removes its folder; may be called at any time, and twice."""
        while self.processes:
            stop_group(self.processes.pop())
        shutil.rmtree(self.root, ignore_errors=True)

    def script(self, name, text):
        """Writes a script into the folder cgi-bin."""
        path = self.root / 'cgi-bin' / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        path.chmod(path.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)
        return path

    def upload_folder(self):
        """The folder that uploads are kept in, which the server may write."""
        folder = self.root / 'uploads'
        folder.mkdir(exist_ok=True)
        folder.chmod(0o777)
        return folder

    def kept(self, name):
        """The file that what was put under `name` is kept in."""
        return self.upload_folder() / name

    def cgi_scripts(self):
        """Two CGI programs: one streams the text, one sends back what it gets.

        The second takes all before it gives any: a server may not read from it until it has sent it everything.
        """
        self.script('stream', '#!/bin/sh\nprintf "Content-Type: text/plain\\r\\n\\r\\n"\n'
                              f'exec cat {self.site}/text.txt\n')
        self.script('echo', '#!/bin/sh\nfile=$(mktemp) && cat > "$file"\n'
                            'printf "Content-Type: application/octet-stream\\r\\n\\r\\n"\ncat "$file"; rm "$file"\n')


def stop_all():
    """Stops every server that was made."""
    for server in ALL:
        server.stop()


def stop_group(process):
    """Ends a process and all that it started."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, sign)
        except ProcessLookupError:
            pass
        try:
            process.wait(STOP_PATIENCE)
        except subprocess.TimeoutExpired:
            continue
    process.wait()


def find(program):
    """The path of a program; servers live where a user's PATH often does not look."""
    path = shutil.which(program) or shutil.which(program, path='/usr/sbin:/sbin:/usr/local/sbin')
    if path is None:
        raise Missing(f'{program} is not installed')
    return path


def free_ports(count):
    """Ports that nobody listens on, all different."""
    sockets = [socket.create_server(('127.0.0.1', 0)) for _ in range(count)]
    ports = [held.getsockname()[1] for held in sockets]
    for held in sockets:
        held.close()
    return ports
