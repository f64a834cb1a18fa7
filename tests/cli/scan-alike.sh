#!/bin/sh
# SPDX-License-Identifier: MIT
# Hosts that answer for all ports, over a veth pair and on this machine itself: their
# ports are told in one row, and as soon as one of them is closed, one by one.
. "$srcdir/tests/cli/lib.sh"
[ "$(id -u)" = 0 ] || skip 'network namespaces need root'
for tool in ip nft python3; do
	command -v $tool >/dev/null || skip "needs $tool"
done

a=sm-alike-a$$ b=sm-alike-b$$
away=
end()
{
	[ -z "$away" ] || kill "$away" 2>/dev/null
	ip netns del $a 2>/dev/null
	ip netns del $b 2>/dev/null
	cleanup
}
trap end EXIT
ip netns add $a 2>/dev/null || skip 'network namespaces are not allowed'
ip netns add $b || exit 99
ip link add al$$ netns $a type veth peer name bl$$ netns $b 2>/dev/null ||
	skip 'a veth pair cannot be made here'
ip -n $a addr add 192.0.2.1/24 dev al$$
ip -n $b addr add 192.0.2.2/24 dev bl$$
for ns in $a $b; do
	ip -n $ns link set lo up
done
ip -n $a link set al$$ up
ip -n $b link set bl$$ up

# Port 2007 takes what comes to 1 to 2000 and 3001 to 3150, and says nothing; 1500 is
# closed, and what comes to 3151 to 3300 is lost.
ip netns exec $b nft -f - <<'NFT' || skip 'nft has no redirect here'
table inet t {
	chain pre {
		type nat hook prerouting priority -100;
		tcp dport 1500 accept
		tcp dport 1-2000 redirect to :2007
		tcp dport 3001-3150 redirect to :2007
	}
	chain in {
		type filter hook prerouting priority -150;
		tcp dport 3151-3300 drop
	}
}
NFT
ip netns exec $b python3 "$srcdir/tests/cli/scan-alike.py" >"$tmp/ready" &
away=$!
until [ -s "$tmp/ready" ]; do
	sleep 0.05
done
timeout 120 ip netns exec $a \
	python3 "$srcdir/tests/cli/scan-alike.py" "$SYSMON" "$tmp" \
	>"$tmp/out" 2>"$tmp/err"
got=$?
true_that 'hosts that are all open have one row' [ $got -eq 0 ]
finish
