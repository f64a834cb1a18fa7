# SPDX-License-Identifier: MIT
# SM_WITH_BPF
# Programs that run in the kernel: compiled here, loaded at run time without another
# library. Three states as in sm-with.m4. Sets BPF_CLANG and BPFTOOL; defines
# SMI_WITH_BPF.
AC_DEFUN([SM_WITH_BPF], [
	AC_ARG_WITH([bpf], [AS_HELP_STRING([--with-bpf],
		[read processes by BPF; needs clang, bpftool and the headers of
		 libbpf to build (auto)])], [], [with_bpf=auto])
	AC_ARG_VAR([BPF_CLANG], [a clang that compiles for BPF])
	AC_ARG_VAR([BPFTOOL], [bpftool, which makes a program part of the library])
	sm_have_bpf=no
	AS_IF([test "x$with_bpf" != xno], [
		AC_CHECK_PROGS([BPF_CLANG], [clang], [no])
		AC_PATH_PROG([BPFTOOL], [bpftool], [no],
			     [$PATH$PATH_SEPARATOR/usr/sbin$PATH_SEPARATOR/sbin])
		AC_CHECK_HEADER([bpf/skel_internal.h], [sm_have_skel=yes],
				[sm_have_skel=no], [#include <errno.h>])
		AS_IF([test "$sm_have_skel" = yes && test "x$BPF_CLANG" != xno &&
		       test "x$BPFTOOL" != xno],
		      [AC_CACHE_CHECK([whether BPF programs can be built],
			[sm_cv_bpf], [
			# The whole way of one of ours.
			sm_cv_bpf=no
			AS_IF([$BPF_CLANG -O2 -g -target bpf \
				 -I"$srcdir/lib/process/bpf" -c \
				 "$srcdir/lib/process/bpf/procs.bpf.c" \
				 -o conftest.bpf.o 2>&AS_MESSAGE_LOG_FD &&
			       $BPFTOOL gen skeleton -L conftest.bpf.o \
				 >conftest.lskel.h 2>&AS_MESSAGE_LOG_FD &&
			       test -s conftest.lskel.h], [sm_cv_bpf=yes])
			rm -f conftest.bpf.o conftest.lskel.h
		      ])
		      sm_have_bpf=$sm_cv_bpf])
		AS_IF([test "$sm_have_bpf$with_bpf" = noyes],
		      [AC_MSG_ERROR([--with-bpf needs clang, bpftool and the header
				     <bpf/skel_internal.h> of libbpf])])
	])
	with_bpf_summary=$sm_have_bpf
	AS_IF([test "$sm_have_bpf" = yes],
	      [AC_DEFINE([SMI_WITH_BPF], [1], [Build with BPF programs.])])
	AM_CONDITIONAL([WITH_BPF], [test "$sm_have_bpf" = yes])
])
