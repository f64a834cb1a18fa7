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
refuses 2 fail2ban logs --rules fail2ban:sshd none.log
finish
