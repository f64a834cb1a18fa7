#!/bin/sh
# SPDX-License-Identifier: MIT
# Scans over a veth pair between two network namespaces: exactly the listeners are
# open; what a firewall drops is filtered, what it rejects is filtered with the
# reason; nothing of ours is left. The owners are those that ss(8) shows.
set -u

skip() {
	echo "SKIP: $*"
	exit 77
}

[ "$(id -u)" -eq 0 ] || skip "network namespaces need root"
for tool in ip nft ss; do
	command -v $tool >/dev/null 2>&1 || skip "$tool is not installed"
done

a=sm-scan-a$$ b=sm-scan-b$$
show=$builddir/tests/api/scan_show
dir=$(mktemp -d) || exit 1
listeners=
fail=0

end() {
	exec 8>&- 9>&-
	for pid in $listeners; do
		wait "$pid"
	done
	ip netns del $a 2>/dev/null
	ip netns del $b 2>/dev/null
	rm -rf "$dir"
}
trap end EXIT
ip netns add $a 2>/dev/null || skip "network namespaces are not allowed"
ip netns add $b || exit 1

check() { # name, wanted, got
	[ "$2" = "$3" ] && return
	echo "$1: wanted"
	echo "$2" | head -20
	echo "got"
	echo "$3" | head -20
	fail=1
}

up() {
	ip link add v$$ netns $a type veth peer name w$$ netns $b &&
		ip -n $a addr add 192.0.2.1/24 dev v$$ &&
		ip -n $b addr add 192.0.2.2/24 dev w$$ &&
		ip -n $a link set lo up && ip -n $b link set lo up &&
		ip -n $a link set v$$ up && ip -n $b link set w$$ up
}
up || skip "a veth pair cannot be made here"

start() { # namespace, fifo number, address, ports
	ns=$1 n=$2
	shift 2
	mkfifo "$dir/in$n"
	ip netns exec $ns "$show" -l "$@" <"$dir/in$n" >"$dir/ports$n" &
	listeners="$listeners $!"
}
start $b 0 192.0.2.2 22 1005 65535 0 0 0 0 0 0 0 0
exec 8>"$dir/in0"
start $a 1 127.0.0.1 80 0 0 0 0
exec 9>"$dir/in1"
for n in 0 1; do
	i=0
	until grep -q ready "$dir/ports$n"; do
		i=$((i + 1))
		[ $i -lt 100 ] || exit 1
		sleep 0.1
	done
done

wanted=$(grep -v ready "$dir/ports0" | sort -n |
	sed 's/.*/192.0.2.2 & open syn-ack 0/'; echo closed 65524)
for method in connect syn; do
	got=$(ip netns exec $a "$show" -m $method all 192.0.2.2 | sort -n -k2,2)
	check "all ports over veth by $method" \
		"$(echo "$wanted" | sort -n -k2,2)" "$got"
	check "sockets left behind by $method" "" \
		"$(ip netns exec $a ss -tanH | grep -v LISTEN)"
done

# Beside neighbours that are not there, and a broadcast address: a live host loses no
# port, and nothing fails on this side.
for method in connect syn; do
	got=$(ip netns exec $a "$show" -m $method 22,1-1000 192.0.2.2/28 \
		192.0.2.255 |
		awk '$3 == "filtered" && $1 != "192.0.2.2" {
			absent[$4]++
			next
		}
		{ print }
		END { for (why in absent) print why, absent[why] }' | sort)
	check "beside absent neighbours by $method" "192.0.2.2 22 open syn-ack 0
closed 1999
host-unreachable 15000" "$got"
done

ip netns exec $b nft -f - <<NFT
table inet t {
	chain in {
		type filter hook input priority 0;
		tcp dport 1005 drop
		tcp dport 1010 reject with icmpx type admin-prohibited
		tcp dport 1011 reject with icmpx type host-unreachable
		tcp dport 1012 reject with icmpx type port-unreachable
		tcp dport 1013 reject with tcp reset
	}
}
NFT
wanted="192.0.2.2 22 open syn-ack 0
192.0.2.2 1005 filtered no-response 0
192.0.2.2 1010 filtered admin-prohibited 0
192.0.2.2 1011 filtered host-unreachable 0
192.0.2.2 1012 filtered port-unreachable 0
closed 1"
for method in connect syn; do
	got=$(ip netns exec $a "$show" -m $method 22,1005,1010-1013 192.0.2.2 |
		sort -n -k2,2)
	check "behind a firewall by $method" \
		"$(echo "$wanted" | sort -n -k2,2)" "$got"
done

# Over IPv6, and where this machine's own firewall lets no probe out.
ip -n $a addr add 2001:db8::1/64 dev v$$ nodad &&
	ip -n $b addr add 2001:db8::2/64 dev w$$ nodad || fail=1
ip netns exec $a nft -f - <<NFT
table inet t {
	chain out {
		type filter hook output priority 0;
		tcp dport 1006 drop
	}
}
NFT
wanted="2001:db8::2 1005 filtered no-response 0
2001:db8::2 1006 unknown local-error 0
2001:db8::2 1010 filtered admin-prohibited 0
2001:db8::2 1011 filtered host-unreachable 0
2001:db8::2 1012 filtered port-unreachable 0
closed 3"
got=$(ip netns exec $a "$show" -m syn 1004-1006,1010-1014 2001:db8::2 |
	sort -n -k2,2)
check "IPv6 by syn" "$(echo "$wanted" | sort -n -k2,2)" "$got"
ip netns exec $a nft delete table inet t

# 'users:(("scan_show",pid=17,fd=4))' at the end of each line of ss.
wanted=$(ip netns exec $a ss -ltnpH |
	sed -n 's/.* 127.0.0.1:\([0-9]*\) .*pid=\([0-9]*\).*/\1 \2/p' | sort -n)
got=$(ip netns exec $a "$show" all 127.0.0.1 | sort -n -k2,2 |
	sed -n 's/127.0.0.1 \([0-9]*\) open syn-ack \([0-9]*\)/\1 \2/p')
check "owners as ss shows them" "$wanted" "$got"
[ "$(echo "$got" | wc -l)" -eq 5 ] || fail=1
exit $fail
