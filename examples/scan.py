#!/usr/bin/env python3
# SPDX-License-Identifier: CC0-1.0
"""scan.py TARGET [PORTS]: open ports, by ctypes: nothing is compiled."""
import ctypes
import os
import sys

lib = ctypes.CDLL(os.environ.get("LIBSYSMON") or "libsysmon.so.0")
CALLBACK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)
P, S, INT = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int
# Pointers are cut to 32 bits where the types are not told.
for name, result, *args in (
        ("sm_ctx_new", INT, ctypes.POINTER(P)),
        ("sm_ctx_unref", None, P),
        ("sm_ctx_errmsg", S, P),
        ("sm_scan_opts_new", INT, P, ctypes.POINTER(P)),
        ("sm_scan_opts_free", None, P),
        ("sm_scan_opts_add_target", INT, P, S),
        ("sm_scan_opts_set_ports", INT, P, S),
        ("sm_scan_ports", INT, P, P, CALLBACK, P),
        ("sm_event_record", P, P),
        ("sm_record_port", P, P),
        ("sm_port_address", S, P),
        ("sm_port_number", ctypes.c_uint16, P),
        ("sm_port_service", S, P)):
    function = getattr(lib, name)
    function.restype, function.argtypes = result, args


def open_ports(target, ports):
    """Yields (address, port, service); raises OSError with the library's sentence."""
    ctx, opts, found = P(), P(), []
    if lib.sm_ctx_new(ctypes.byref(ctx)) < 0:
        raise MemoryError

    @CALLBACK
    def see(event, _):
        port = lib.sm_record_port(lib.sm_event_record(event))
        if port:
            found.append((lib.sm_port_address(port).decode(),
                          lib.sm_port_number(port),
                          lib.sm_port_service(port).decode()))
        return 0

    try:
        result = lib.sm_scan_opts_new(ctx, ctypes.byref(opts))
        if result == 0:
            # An error stays in opts: the scan fails with it.
            lib.sm_scan_opts_add_target(opts, os.fsencode(target))
            lib.sm_scan_opts_set_ports(opts, ports.encode())
            result = lib.sm_scan_ports(ctx, opts, see, None)
        if result < 0:
            raise OSError(-result, lib.sm_ctx_errmsg(ctx).decode())
    finally:
        lib.sm_scan_opts_free(opts)
        lib.sm_ctx_unref(ctx)
    return found


def main():
    if len(sys.argv) < 2:
        sys.exit("usage: scan.py TARGET [PORTS]")
    try:
        found = open_ports(sys.argv[1], (sys.argv[2:] or ["top-1000"])[0])
    except OSError as error:
        print(f"scan.py: {error.strerror}", file=sys.stderr)
        sys.exit(3)
    for address, port, service in found:
        print(address, port, service)


if __name__ == "__main__":
    main()
