"""As root for a user (sudo): becomes this user, and then a command.

It runs in a user namespace, where the user is called root. There it may make network namespaces,
and to everything else it has the rights of the user. Its files are the user's.
"""

import ctypes
import os
import pwd
import signal
from pathlib import Path

CLONE_NEWUSER = 0x10000000


def enter_user_namespace(uid, gid):
    """From now on this process may be root in a new namespace, where root is this user."""
    reader, writer = os.pipe()
    process, child = os.getpid(), os.fork()
    if not child:  # it is still root outside, and says who is who
        os.close(writer)
        if os.read(reader, 1):
            for kind, own in ('uid', uid), ('gid', gid):
                Path(f'/proc/{process}/{kind}_map').write_text(f'0 {own} 1')
        os._exit(0)
    unshare = getattr(ctypes.CDLL(None), 'unshare', None)  # only Linux has it
    is_made = unshare is not None and unshare(CLONE_NEWUSER) == 0
    os.write(writer, b'.' * is_made)
    os.close(writer)
    return os.waitpid(child, 0)[1] == 0 and is_made


def main(*command):
    uid, gid = int(os.environ['SUDO_UID']), int(os.environ['SUDO_GID'])
    user = pwd.getpwuid(uid)
    # The doors know by an empty SUDO_UID that this has been done.
    os.environ.update(SUDO_UID='', HOME=user.pw_dir)
    os.environ['PATH'] = f'{user.pw_dir}/.cargo/bin:{os.environ["PATH"]}'
    if enter_user_namespace(uid, gid):
        os.setgroups([])
        uid = gid = 0
    else:
        os.initgroups(user.pw_name, gid)
    os.setgid(gid)
    os.setuid(uid)
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # Python ignores it
    os.execvp(command[0], command)
