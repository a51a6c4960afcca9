# The filter is on and is one of ours: what both profiles refuse is refused, each with its own error.
set -eu
grep -q '^Seccomp:[[:space:]]*2$' /proc/self/status
grep -q '^NoNewPrivs:[[:space:]]*1$' /proc/self/status
python3 - <<'P'
import ctypes, errno, platform
libc = ctypes.CDLL(None, use_errno=True)
UPPER = 1 << 32
def call(number, *args):
    ctypes.set_errno(0)
    result = libc.syscall(ctypes.c_long(number), *[ctypes.c_ulong(a) for a in args])
    return "allowed" if result >= 0 else errno.errorcode[ctypes.get_errno()]
x86 = platform.machine() == "x86_64"
unshare, socket, keyctl, bpf, personality = (272, 41, 250, 321, 135) if x86 else (97, 198, 219, 280, 92)
wrong = 0
for what, got, want in [
    ("unshare user", call(unshare, 0x10000000), ["EPERM"]),
    ("clone3", call(435, 0, 0), ["ENOSYS"]),
    ("io_uring_setup", call(425, 1, 0), ["EPERM"]),
    ("keyctl", call(keyctl, 0, 0), ["EPERM"]),
    ("bpf", call(bpf, 0, 0, 0), ["EPERM"]),
    ("fsopen", call(430, 0, 0), ["EPERM"]),
    ("AF_ALG", call(socket, 38, 5, 0), ["EAFNOSUPPORT"]),
    ("AF_VSOCK", call(socket, 40, 1, 0), ["EAFNOSUPPORT"]),
    ("AF_VSOCK with bit 32", call(socket, UPPER | 40, 1, 0), ["EAFNOSUPPORT"]),
    ("no address randomisation", call(personality, 0x40000), ["EPERM"]),
    ("the same with bit 32", call(personality, UPPER | 0x40000), ["EPERM"]),
    ("a call of the year 2040", call(900), ["ENOSYS"]),
]:
    if got not in want:
        print(f"{what}: {got}, not {want[0]}")
        wrong = 1
raise SystemExit(wrong)
P
