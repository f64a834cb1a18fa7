# SPDX-License-Identifier: MIT

# SM_TRY_CFLAGS(VARIABLE, [FLAG...])
# Appends each flag that the compiler and the linker take without a warning; asks
# about one at a time only where it does not take them all.
AC_DEFUN([SM_TRY_CFLAGS], [
	sm_save_CFLAGS=$CFLAGS
	AC_MSG_CHECKING([whether $CC takes all of $1])
	CFLAGS="$CFLAGS -Werror $2"
	AC_LINK_IFELSE([AC_LANG_PROGRAM([], [])], [
		AC_MSG_RESULT([yes])
		$1="$$1 $2"
	], [
		AC_MSG_RESULT([no])
		for sm_flag in $2; do
			AC_MSG_CHECKING([whether $CC takes $sm_flag])
			CFLAGS="$sm_save_CFLAGS -Werror $sm_flag"
			AC_LINK_IFELSE([AC_LANG_PROGRAM([], [])], [
				AC_MSG_RESULT([yes])
				$1="$$1 $sm_flag"
			], [AC_MSG_RESULT([no])])
		done
	])
	CFLAGS=$sm_save_CFLAGS
])

# Sets WARN_CFLAGS. A warning is an error only with --enable-werror: what a later
# compiler warns of must not break somebody's build.
AC_DEFUN([SM_WARNINGS], [
	AC_ARG_ENABLE([werror],
		[AS_HELP_STRING([--enable-werror],
			[warnings are errors (for those who change the code)])])
	WARN_CFLAGS=
	SM_TRY_CFLAGS([WARN_CFLAGS], [-Wall -Wextra -Wshadow -Wstrict-prototypes \
		-Wmissing-prototypes -Wmissing-declarations \
		-Wold-style-definition -Wpointer-arith -Wwrite-strings -Wundef \
		-Wcast-qual -Wnested-externs -Wredundant-decls -Winit-self \
		-Wdate-time -Wformat=2 -Wlogical-op \
		-Wduplicated-cond -Wimplicit-fallthrough -Wvla -Walloca \
		-Wframe-larger-than=16384 -Wno-unused-parameter \
		-Wno-missing-field-initializers])
	AS_IF([test "x$enable_werror" = xyes],
	      [WARN_CFLAGS="$WARN_CFLAGS -Werror"])
	AC_SUBST([WARN_CFLAGS])
])
