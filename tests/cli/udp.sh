#!/bin/sh
# SPDX-License-Identifier: MIT
# UDP ports: "scan --udp".
. "$srcdir/tests/cli/lib.sh"

command -v python3 >/dev/null || skip 'a server needs python3'
python3 "$srcdir/tests/cli/udp.py" "$tmp/ports" &
listener=$!
n=0
while [ ! -s "$tmp/ports" ] && [ $n -lt 100 ]; do
	n=$((n + 1))
	sleep 0.05
done
read -r open silent moved closed <"$tmp/ports"

row='"address":"127.0.0.1","port":%s,"protocol":"udp","state":"%s","reason":"%s"'
# told PORT STATE REASON
told() {
	# shellcheck disable=SC2059
	shows "$(printf "$row" "$1" "$2" "$3")"
}
gives 0 scan --udp 127.0.0.1 -p "$open,$silent,$moved,$closed" --show all \
	--format ndjson
told "$open" open udp-response
told "$silent" 'open|filtered' no-response
told "$moved" 'open|filtered' no-response
told "$closed" closed port-unreachable
shows '"method":"udp"'
shows '"open_filtered":2'
shows '"banner":"\\x1b[31mhi"'
hides '"type":"finding"'
gives 0 scan --udp 127.0.0.1 -p "$open,$silent,$closed" --format txt
shows "$open"
hides "$closed"
shows '3 ports of 1 host (1 open, 1 open or filtered)'
for format in table csv json; do
	gives 0 scan --udp 127.0.0.1 -p "$open,$silent" --show all \
		--format $format
	shows "$silent"
	shows 'open|filtered'
	hides "$(printf '\033')"
done
gives 0 scan --udp 127.0.0.1 --show all --format ndjson
shows '"port":53,"protocol":"udp"'
shows '"port":51820,"protocol":"udp"'
hides '"port":54,'
gives 0 scan --udp 127.0.0.1 -p snmp,tftp,syslog --show all --format csv
shows ',161,udp,'
shows ',69,udp,'
shows ',514,udp,'
gives 0 scan --udp --threads 2 -s 127.0.0.1 -p "$open,$silent,$closed" \
	--show all --format ndjson
told "$open" open udp-response
told "$closed" closed port-unreachable

# What is of no effect is told.
gives 0 scan --udp -s 127.0.0.1 -p "$open"
says '--services adds nothing to --udp'
gives 0 scan --udp -s -q 127.0.0.1 -p "$open"
true_that '-q says nothing of that' [ ! -s "$tmp/err" ]
refuses 2 'with --udp the probe itself asks' \
	scan --udp -s --service-timeout 100 127.0.0.1
refuses 2 'is for --services' scan --service-timeout 100 127.0.0.1
refuses 2 'is for --services' scan --service-bytes 400 127.0.0.1
# Its first ten are its own.
gives 0 scan --udp 127.0.0.1 -p top-10 --show all --format csv
for port in 53 67 68 123 137 138 161 1900 5353 111; do
	shows ",$port,udp,"
done

refuses 2 'is one of TCP' scan --udp --method connect 127.0.0.1
refuses 2 'is one of TCP' scan --method syn --udp 127.0.0.1
refuses 2 '--udp is for a scan' scan --listeners --udp
finish
