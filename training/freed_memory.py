"""Memory that a step frees is kept for the next one: to give it back and fetch it anew costs a fifth of a step."""

import ctypes
import platform

__all__ = ["keep_freed_memory"]

# mallopt(3): numbers of the parameters, and values that turn the giving back off.
M_TRIM_THRESHOLD, NEVER = -1, -1
M_MMAP_MAX, NONE = -4, 0


def keep_freed_memory() -> None:
    """Let the C library keep what this process frees; where it is not glibc, as on macOS, nothing changes.

    Tensors of a batch are so large that glibc fetches each from the system and gives it back at once, and the system
    clears every page anew.
    """
    if platform.libc_ver()[0] == "glibc":
        c_library = ctypes.CDLL(None)
        c_library.mallopt(M_TRIM_THRESHOLD, NEVER)
        c_library.mallopt(M_MMAP_MAX, NONE)
