# SPDX-License-Identifier: MIT

# Sets HARDEN_CPPFLAGS, HARDEN_CFLAGS, HARDEN_LDFLAGS (all that is linked) and
# HARDEN_PROG_LDFLAGS (programs).
AC_DEFUN([SM_HARDENING], [
	AC_ARG_ENABLE([hardening],
		[AS_HELP_STRING([--disable-hardening],
			[no stack protector, FORTIFY, RELRO, PIE, CET])],
		[], [enable_hardening=yes])
	HARDEN_CPPFLAGS=
	HARDEN_CFLAGS=
	HARDEN_LDFLAGS=
	HARDEN_PROG_LDFLAGS=
	AS_IF([test "x$enable_hardening" != xno], [
		SM_TRY_CFLAGS([HARDEN_CFLAGS], [-fstack-protector-strong \
			-fstack-clash-protection -fPIE])
		AS_CASE([$host_cpu],
			[x86_64|i?86], [SM_TRY_CFLAGS([HARDEN_CFLAGS],
				[-fcf-protection])],
			[aarch64], [SM_TRY_CFLAGS([HARDEN_CFLAGS],
				[-mbranch-protection=standard])])
		SM_TRY_CFLAGS([HARDEN_LDFLAGS], [-Wl,-z,relro -Wl,-z,now \
			-Wl,-z,noexecstack])
		SM_TRY_CFLAGS([HARDEN_PROG_LDFLAGS], [-pie])
		AC_CACHE_CHECK([whether FORTIFY_SOURCE can be used],
			[sm_cv_fortify],
			[AC_COMPILE_IFELSE([AC_LANG_SOURCE([
#ifndef __OPTIMIZE__
#error "needs an optimising compiler"
#endif
			])], [sm_cv_fortify=yes], [sm_cv_fortify=no])])
		AS_IF([test "$sm_cv_fortify" = yes &&
		       test -z "$enable_sanitizers"],
			[HARDEN_CPPFLAGS="-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2"])
	])
	AC_SUBST([HARDEN_CPPFLAGS])
	AC_SUBST([HARDEN_CFLAGS])
	AC_SUBST([HARDEN_LDFLAGS])
	AC_SUBST([HARDEN_PROG_LDFLAGS])
])
