#!/bin/sh
# SPDX-License-Identifier: MIT
# 65,535 TCP ports, 50 of them open: us beside nmap -sT, on loopback and over a
# veth pair, in namespaces of our own. Whole processes, alternately; what they find
# is compared with what listens before a time counts.
#	BENCH_RUNS=5 make bench
set -u
runs=${BENCH_RUNS:-20}
show=$builddir/tests/api/scan_show

skip() {
	echo "ports: left out: $*"
	exit 0
}
[ "$(id -u)" -eq 0 ] || skip "network namespaces need root"
for tool in ip nmap python3; do
	command -v $tool >/dev/null 2>&1 || skip "$tool is not installed"
done

a=sm-bench-a$$ b=sm-bench-b$$
dir=$(mktemp -d) || exit 1
pids=
end() {
	exec 8>&- 9>&-
	for pid in $pids; do
		wait "$pid"
	done
	ip netns del $a 2>/dev/null
	ip netns del $b 2>/dev/null
	rm -rf "$dir"
}
trap end EXIT
ip netns add $a && ip netns add $b || skip "network namespaces are not allowed"
ip link add v$$ netns $a type veth peer name w$$ netns $b || exit 1
ip -n $a addr add 192.0.2.1/24 dev v$$ && ip -n $b addr add 192.0.2.2/24 dev w$$
for ns in $a $b; do
	ip -n $ns link set lo up
done
ip -n $a link set v$$ up && ip -n $b link set w$$ up

zeros=$(yes 0 | head -50)
listen() { # namespace, number, address
	mkfifo "$dir/in$2"
	# shellcheck disable=SC2086
	ip netns exec "$1" "$show" -l "$3" $zeros <"$dir/in$2" >"$dir/open$2" &
	pids="$pids $!"
}
listen $a 0 127.0.0.1
exec 8>"$dir/in0"
listen $b 1 192.0.2.2
exec 9>"$dir/in1"
until grep -q ready "$dir/open0" && grep -q ready "$dir/open1"; do
	sleep 0.1
done

ip netns exec $a python3 "$srcdir/tests/bench/bench-ports.py" "$runs" \
	"$SYSMON" 127.0.0.1 "$dir/open0" 192.0.2.2 "$dir/open1"
