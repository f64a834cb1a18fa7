#!/bin/sh
# SPDX-License-Identifier: MIT
# Rules: listed, checked, explained.
. "$srcdir/tests/cli/lib.sh"
cd "$tmp" || exit 99
line='Aug  4 10:00:01 web sshd[411]: Failed password for root from 203.0.113.9 port 51515 ssh2'

gives 0 rules list
shows sshd
hides 'No findings'
gives 0 rules list --format ndjson
shows '"type":"rule"'
gives 0 rules explain "$line"
shows '*'
refuses 2 'list, check' rules
refuses 2 'rule file' rules check
refuses 2 'one log line' rules explain
refuses 2 'list takes no argument' rules list x

cat >good.yaml <<'Y'
id: app-login-failed
title: Failed login for {user}
program: [app]
action: login_failed
patterns:
  - '^bad password for (?<user>\S+) from (?<source_ip>\S+)$'
match:
  - 'Aug  4 10:00:01 web app[1]: bad password for eve from 203.0.113.9'
Y
gives 0 rules check good.yaml
true_that 'a good rule has no remark' [ ! -s err ]
shows app-login-failed
gives 0 rules list --rules good.yaml --format ndjson
shows app-login-failed
hides sshd
# How far a pattern got, and who else would take it.
gives 0 rules explain --rules good.yaml \
	'Aug  4 10:00:01 web app[1]: bad password for eve at 203.0.113.9'
shows 'fits up to "bad password for eve ", where the line goes on with "at 203'
shows 'the pattern with "from (?<source_ip>'
gives 0 rules explain --rules good.yaml \
	'Aug  4 10:00:01 web other: bad password for eve from 203.0.113.9'
shows 'for other programs (app); its pattern 1 would fit'

# What is hardly meant is a remark, and no error.
sed 's/\^bad/bad/' good.yaml >loose.yaml
gives 0 rules check loose.yaml
says 'loose.yaml:6: remark: pattern 1 has no ^'
gives 0 rules check builtin
true_that 'built-in rules have no remark' [ ! -s err ]
gives 0 rules check builtin:nginx,sshd
true_that 'some built-in rules have no remark' [ ! -s err ]
gives 0 rules list --rules builtin:sshd --rules builtin:sshd
shows sshd-login-failed
shows brute-force
hides postfix-relay-denied
gives 2 rules list --rules builtin:sshd,nothing
says 'no built-in rules are called "nothing": there are accounts, apache'
gives 2 rules list --rules builtin:
says 'no built-in rules are called ""'

sed 's/(?<user>/(?<user/' good.yaml >regex.yaml
sed 's/^action:/actoin:/' good.yaml >key.yaml
for f in regex.yaml key.yaml; do
	gives 2 rules check $f
	says "$f:"
	gives 2 logs --rules $f none.log
	says "$f:"
	true_that 'nothing is printed' [ ! -s out ]
done
refuses 2 none.yaml logs --rules none.yaml none.log
refuses 2 sigma logs --rules sigma:x none.log

# Filters and jails of fail2ban.
mkdir -p f2b/filter.d
printf '%s\n' '[Definition]' 'failregex = ^ web no <HOST>$' >f2b/filter.d/own.conf
printf '%s\n' '[Definition]' 'failregex = <HOST>(' >f2b/filter.d/bad.conf
printf '%s\n' '[own]' 'enabled = true' 'filter = %(__name__)s' 'maxretry = 2' \
	'findtime = 1m' "logpath = $PWD/j*.log" 'ignoreip = 192.0.2.9/32' \
	'ignoreself = false' \
	'[off]' 'enabled = false' >f2b/jail.conf
for i in 1 2 9 9; do
	echo "Aug  4 10:00:0$i web no 192.0.2.$i"
	echo "Aug  4 10:00:0$i web no 192.0.2.2"
done >j1.log
gives 0 logs --fail2ban-dir f2b --rules fail2ban:own j1.log --format ndjson
true_that 'each failure is an event' \
	[ "$(grep -c '^{"type":"event".*"rule":"fail2ban-own"' out)" = 8 ]
shows '"kind":"brute_force","title":"5 failed logins from 192.0.2.2"'
gives 0 logs --fail2ban-dir f2b --rules fail2ban-jails: --format ndjson
true_that 'the jail reads its own logs' grep -q '"source":".*j1.log"' out
true_that 'what it would ban is one finding' \
	[ "$(grep -c '"type":"finding"' out)" = 1 ]
true_that 'it is about the address' \
	grep -q '"type":"finding".*"source_ip":"192.0.2.2"' out
true_that 'and names the jail' \
	grep -q '"title":"5 failures from 192.0.2.2 in the jail own"' out
true_that 'and its limits' \
	grep -q '"why":"The jail own of fail2ban bans whoever makes 2 failures within 60 s."' out
gives 2 rules check --fail2ban-dir f2b fail2ban:bad
says 'f2b/filter.d/bad.conf:2:'
gives 0 rules check f2b/filter.d/own.conf
refuses 2 'filter.d/gone.conf' logs --fail2ban-dir f2b --rules fail2ban:gone j1.log
refuses 2 'goes before' logs --fail2ban-dir f2b --rules fail2ban:own --fail2ban-dir . j1.log
finish
