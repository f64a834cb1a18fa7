# SPDX-License-Identifier: MIT
# SM_NLS: sentences in other languages, by gettext(3) of the C library. msgfmt(1) makes
# their catalogues; where it is not there, or by --disable-nls, all is English.
AC_DEFUN([SM_NLS],
[AC_ARG_ENABLE([nls],
	[AS_HELP_STRING([--disable-nls], [English only])])
AC_ARG_VAR([MSGFMT], [makes the catalogues of translations])
nls_summary=no
AS_IF([test "x$enable_nls" != xno],
	[AC_CHECK_PROGS([MSGFMT], [msgfmt])
	 sm_nls=yes
	 AC_SEARCH_LIBS([dgettext], [intl], [], [sm_nls="dgettext(3) is missing"])
	 AS_IF([test -z "$MSGFMT"],
		[sm_nls="msgfmt(1) of gettext is missing"])
	 AS_IF([test "x$sm_nls" = xyes],
		[nls_summary="yes (fr)"],
		[test "x$enable_nls" = xyes],
		[AC_MSG_ERROR([$sm_nls])],
		[nls_summary="no ($sm_nls)"])])
AS_IF([test "x$sm_nls" = xyes],
	[AC_DEFINE([ENABLE_NLS], [1], [Define to 1 to translate sentences.])])
AM_CONDITIONAL([ENABLE_NLS], [test "x$sm_nls" = xyes])])
