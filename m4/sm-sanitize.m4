# SPDX-License-Identifier: MIT

# --enable-sanitizers=address,undefined sets SANITIZE_CFLAGS, for all that is
# compiled and linked, and the conditional ENABLE_SANITIZERS.
AC_DEFUN([SM_SANITIZERS], [
	AC_ARG_ENABLE([sanitizers],
		[AS_HELP_STRING([--enable-sanitizers=LIST],
			[build with sanitizers: address,undefined (default of
			 the option), thread, ...])])
	AS_CASE([$enable_sanitizers],
		[no|""], [enable_sanitizers=],
		[yes], [enable_sanitizers=address,undefined])
	SANITIZE_CFLAGS=
	AS_IF([test -n "$enable_sanitizers"], [
		SANITIZE_CFLAGS="-fsanitize=$enable_sanitizers"
		AS_CASE([,$enable_sanitizers,], [*,undefined,*],
			[SANITIZE_CFLAGS="$SANITIZE_CFLAGS -fno-sanitize-recover=undefined"])
		SANITIZE_CFLAGS="$SANITIZE_CFLAGS -fno-omit-frame-pointer"
		sm_save_CFLAGS=$CFLAGS
		CFLAGS="$CFLAGS $SANITIZE_CFLAGS"
		AC_MSG_CHECKING([whether $CC has the sanitizers $enable_sanitizers])
		AC_LINK_IFELSE([AC_LANG_PROGRAM([], [])], [AC_MSG_RESULT([yes])], [
			AC_MSG_RESULT([no])
			AC_MSG_ERROR([the compiler cannot build with $SANITIZE_CFLAGS])
		])
		CFLAGS=$sm_save_CFLAGS
	])
	AC_SUBST([SANITIZE_CFLAGS])
	AM_CONDITIONAL([ENABLE_SANITIZERS], [test -n "$enable_sanitizers"])
])

# --enable-coverage sets COVERAGE_CFLAGS.
AC_DEFUN([SM_COVERAGE], [
	AC_ARG_ENABLE([coverage],
		[AS_HELP_STRING([--enable-coverage],
			[count the lines and branches that the tests reach
			 (see "make coverage")])])
	COVERAGE_CFLAGS=
	AS_IF([test "x$enable_coverage" = xyes],
	      [COVERAGE_CFLAGS="--coverage -O0 -fprofile-update=atomic"])
	AC_SUBST([COVERAGE_CFLAGS])
	AM_CONDITIONAL([ENABLE_COVERAGE], [test "x$enable_coverage" = xyes])
])
