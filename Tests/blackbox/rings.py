# Tests/blackbox/rings.py — whether io_uring can be had here, and a sandbox that denies it: seccomp(2)

import ctypes
import os
import struct

#: x86-64 numbers.
IO_URING_SETUP = 425

_SET_NO_NEW_PRIVILEGES, _SET_SECCOMP, _FILTER = 38, 22, 2
_LOAD, _JUMP_IF_EQUAL, _RETURN = 0x20, 0x15, 0x06
_ALLOW, _ERROR = 0x7FFF0000, 0x00050000


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p)]


def are_allowed():
    """Whether this process may set a ring up."""
    libc = ctypes.CDLL(None)
    descriptor = libc.syscall(IO_URING_SETUP, 1, ctypes.create_string_buffer(120))
    if descriptor < 0:
        return False
    os.close(descriptor)
    return True


def deny(number, error):
    """Has the kernel answer system call `number` with `error`, in this process and in what it starts."""
    instructions = b"".join(
        struct.pack("=HBBI", *each)
        for each in (
            (_LOAD, 0, 0, 0),
            (_JUMP_IF_EQUAL, 0, 1, number),
            (_RETURN, 0, 0, _ERROR | error),
            (_RETURN, 0, 0, _ALLOW),
        )
    )
    libc = ctypes.CDLL(None, use_errno=True)
    program = _Program(4, instructions)
    if libc.prctl(_SET_NO_NEW_PRIVILEGES, 1, 0, 0, 0) or libc.prctl(_SET_SECCOMP, _FILTER, ctypes.byref(program)):
        raise OSError(ctypes.get_errno(), "seccomp")
