# SPDX-License-Identifier: MIT
# Switches with three states: auto (used when it is there), yes (an error when it
# is not), no.

# SM_WITH_DLOPEN(NAME, VAR, HEADER, LIB, SONAME, WHAT)
# A library that is opened at run time. Only its header is needed. Defines
# SMI_WITH_VAR and SMI_SONAME_VAR: the soname of -lLIB where that can be linked,
# else SONAME.
AC_DEFUN([SM_WITH_DLOPEN], [
	AC_ARG_WITH([$1], [AS_HELP_STRING([--with-$1],
		[$6; opened at run time (auto)])], [], [with_$1=auto])
	AS_IF([test "x$with_$1" != xno], [
		AC_CHECK_HEADER([$3], [sm_have_$1=yes], [sm_have_$1=no])
		AS_IF([test "$sm_have_$1$with_$1" = noyes],
		      [AC_MSG_ERROR([--with-$1 needs the header <$3>])])
	], [sm_have_$1=no])
	with_$1_summary=no
	AS_IF([test "$sm_have_$1" = yes], [
		AC_CACHE_CHECK([for the soname of lib$4], [sm_cv_soname_$1], [
			sm_cv_soname_$1=$5
			sm_save_LIBS=$LIBS
			LIBS="-Wl,--no-as-needed -l$4 $LIBS"
			AC_LINK_IFELSE([AC_LANG_PROGRAM([], [])], [
				sm_found=$($READELF -d conftest$EXEEXT 2>/dev/null |
					$SED -n '/NEEDED/s/.*\(lib$4\.so@<:@.0-9@:>@*\).*/\1/p' |
					head -n 1)
				test -z "$sm_found" || sm_cv_soname_$1=$sm_found
			])
			LIBS=$sm_save_LIBS
		])
		AC_DEFINE([SMI_WITH_$2], [1], [Build with $6.])
		AC_DEFINE_UNQUOTED([SMI_SONAME_$2], ["$sm_cv_soname_$1"],
			[What is opened for it at run time.])
		with_$1_summary="yes ($sm_cv_soname_$1)"
	])
	AM_CONDITIONAL([WITH_$2], [test "$sm_have_$1" = yes])
])

# Check is needed by "make check" only.
AC_DEFUN([SM_WITH_CHECK], [
	AC_ARG_WITH([check], [AS_HELP_STRING([--without-check],
		[leave out the tests that are written with Check (auto)])], [],
		[with_check=auto])
	sm_have_check=no
	AS_IF([test "x$with_check" != xno], [
		PKG_CHECK_MODULES([CHECK], [check >= 0.12], [sm_have_check=yes], [
			AS_IF([test "x$with_check" = xyes],
			      [AC_MSG_ERROR([--with-check: pkg-config does not know check])])
		])
	])
	AS_CASE([$with_check$sm_have_check],
		[*yes], [with_check_summary=yes],
		[no*], [with_check_summary="no: make check leaves out most tests"],
		[with_check_summary="no: make check will ask for it (or --without-check)"])
	AM_CONDITIONAL([WITH_CHECK], [test "$sm_have_check" = yes])
	AM_CONDITIONAL([WITHOUT_CHECK], [test "x$with_check" = xno])
])
