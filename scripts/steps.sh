# SPDX-License-Identifier: MIT
# For scripts/test and scripts/try: silent steps whose output goes to a log, of which
# the end is shown when a step fails.

# step WHAT COMMAND...
step() {
	what=$1
	shift
	"$@" >>"$log" 2>&1 && return
	echo "$what failed. The last lines of $log:" >&2
	tail -n 20 "$log" >&2
	return 1
}

jobs() {
	nproc 2>/dev/null || echo 2
}

# build DIR SETS [CONFIGURE-OPTION]...: installs what is missing, builds out of tree.
build() {
	dir=$1 sets=$2
	shift 2
	mkdir -p "$dir"
	dir=$(cd "$dir" && pwd)
	log=$dir/log
	: >"$log"
	for s in $sets; do
		some=
		case $s in bpf | peers) some=--all-or-some ;; esac
		step "Installing what is needed" \
			"$top/scripts/deps" --install $some "$s" || return
	done
	if [ ! -x "$top/configure" ] || [ "$top/configure.ac" -nt "$top/configure" ]; then
		step "autogen.sh" "$top/autogen.sh" || return
	fi
	# The same options again do not configure again.
	if [ ! -e "$dir/Makefile" ] || [ "$*" != "$(cat "$dir/options" 2>/dev/null)" ]; then
		# A plain shell runs configure and libtool faster than bash does; nobody
		# debugs what is built here.
		step "configure" sh -c 'cd "$0" && CONFIG_SHELL=/bin/sh exec /bin/sh "$@"' \
			"$dir" "$top/configure" --disable-static CFLAGS=-O2 "$@" || return
		echo "$*" >"$dir/options"
	fi
	step "The build" make -C "$dir" -j"$(jobs)"
}
