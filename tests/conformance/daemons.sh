#!/bin/sh
# SPDX-License-Identifier: MIT
# Of honest daemons, as they are installed, no check tells anything of medium severity
# or above. Starts those that are there, for a moment, and ends them.
set -eu
command -v python3 >/dev/null || { echo "SKIP: daemons: no python3"; exit 77; }
tmp=$(mktemp -d /var/tmp/sysmon-daemons.XXXXXX)
pids=
ports=40081
finish()
{
	for p in $pids; do
		kill "$p" 2>/dev/null || :
	done
	for p in $pids; do
		wait "$p" 2>/dev/null || :
	done
	rm -rf "$tmp"
}
trap finish EXIT
chmod 755 "$tmp"

# run NAME COMMAND...: in the background, without our output.
run()
{
	name=$1
	shift
	"$@" >"$tmp/$name.out" 2>&1 </dev/null &
	pids="$pids $!"
	echo "$! $name" >>"$tmp/started"
}
has() { command -v "$1" >/dev/null; }
missing() { echo "SKIP: daemons: $1: not installed"; }
: >"$tmp/started"

if has /usr/sbin/sshd && has ssh-keygen && [ "$(id -u)" = 0 ]; then
	mkdir -p /run/sshd
	ssh-keygen -q -t ed25519 -N '' -f "$tmp/key"
	ports="$ports 40022"
	run sshd /usr/sbin/sshd -D -f /dev/null -h "$tmp/key" -p 40022 \
		-o ListenAddress=127.0.0.1 -o PidFile=none
else
	missing sshd
fi
# A cron of the machine's own is looked at where it runs.
if has /usr/sbin/cron && [ "$(id -u)" = 0 ]; then
	run cron /usr/sbin/cron -f
else
	missing cron
fi
if has /usr/sbin/nginx; then
	cat >"$tmp/nginx.conf" <<-END
		pid $tmp/nginx.pid;
		error_log $tmp/nginx.log;
		events {}
		http {
			access_log off;
			client_body_temp_path $tmp/body;
			proxy_temp_path $tmp/proxy;
			fastcgi_temp_path $tmp/fastcgi;
			uwsgi_temp_path $tmp/uwsgi;
			scgi_temp_path $tmp/scgi;
			server { listen 127.0.0.1:40080; }
		}
	END
	ports="$ports 40080"
	run nginx /usr/sbin/nginx -c "$tmp/nginx.conf" -g 'daemon off;'
else
	missing nginx
fi
initdb=$(ls /usr/lib/postgresql/*/bin/initdb 2>/dev/null | tail -n1)
if [ "$initdb" ] && [ "$(id -u)" = 0 ] && id postgres >/dev/null 2>&1 &&
	has runuser; then
	mkdir "$tmp/pg"
	chown postgres "$tmp/pg"
	runuser -u postgres -- "$initdb" -N -A trust -D "$tmp/pg" >/dev/null 2>&1
	ports="$ports 40432"
	run postgres runuser -u postgres -- "${initdb%initdb}postgres" \
		-D "$tmp/pg" -p 40432 -k "$tmp/pg" -h 127.0.0.1
else
	missing PostgreSQL
fi
if has java; then
	cat >"$tmp/Wait.java" <<-END
		import java.net.*;
		class Wait {
			public static void main(String[] a) throws Exception {
				ServerSocket s = new ServerSocket(40001, 1,
					InetAddress.getLoopbackAddress());
				for (;;)
					s.accept();
			}
		}
	END
	ports="$ports 40001"
	run java java "$tmp/Wait.java"
else
	missing java
fi
if has node; then
	ports="$ports 40000"
	run node node -e 'require("net").createServer().listen(40000, "127.0.0.1")'
else
	missing node
fi
has redis-server && run redis redis-server --port 40379 --bind 127.0.0.1 \
	--save '' --dir "$tmp"
has /usr/sbin/exim4 && run exim /usr/sbin/exim4 -bd -oX 127.0.0.1.40025 -oP "$tmp/exim.pid"
run python python3 -m http.server --bind 127.0.0.1 40081

# Until they can be talked to, or have had their time.
python3 - $ports <<'END'
import socket
import sys
import time

end = time.monotonic() + 10
for port in map(int, sys.argv[1:]):
    while time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            break
        except OSError:
            time.sleep(0.05)
END
"$SYSMON" ps --interval 200 --fields pid,ppid,name --format json >"$tmp/json" || :
python3 - "$tmp/started" "$tmp/json" <<'END'
import json
import sys

with open(sys.argv[1]) as f:
    started = {int(pid): name for pid, name in map(str.split, f)}
with open(sys.argv[2]) as f:
    told = json.load(f)
name_of = dict(started)
rows = told["processes"]
for _ in rows:
    more = {p["pid"]: name_of[p["ppid"]] for p in rows
            if p.get("ppid") in name_of and p["pid"] not in name_of}
    if not more:
        break
    name_of.update(more)
there = sorted({name_of[p["pid"]] for p in rows if p["pid"] in name_of})
bad = [f for f in told["findings"] if f.get("pid") in name_of]
for f in bad:
    print(f'{f["severity"]}: {name_of[f["pid"]]}: {f["title"]}')
bad = [f for f in bad if f["severity"] in ("medium", "high", "critical")
       and f["kind"] not in ("cpu_hog", "memory_hog")]
print(f'{len(there)} daemons ({", ".join(there)}), '
      f'{sum(p["pid"] in name_of for p in rows)} processes, '
      f'{len(bad)} false alarms')
sys.exit(len(bad) > 0 or not there)
END
