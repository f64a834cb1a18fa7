/* SPDX-License-Identifier: MIT */
#include "record/schema.h"

/*
 * Native name, ECS name, type; in the order of kinds.h. The native names are the
 * members of the JSON objects. What ECS has no name for goes below "sysmon.".
 */
#define BY_NAME true
static const struct smi_field port_fields[] = {
	{ "id", "event.id", SM_TYPE_STR },
	{ "address", "destination.ip", SM_TYPE_STR },
	{ "hostname", "destination.domain", SM_TYPE_STR },
	{ "port", "destination.port", SM_TYPE_INT },
	{ "protocol", "network.transport", SM_TYPE_STR },
	{ "state", "sysmon.port.state", SM_TYPE_STR },
	{ "reason", "sysmon.port.reason", SM_TYPE_STR },
	{ "service", "service.name", SM_TYPE_STR },
	{ "rtt_ms", "sysmon.port.rtt_ms", SM_TYPE_REAL },
	{ "pid", "process.pid", SM_TYPE_INT },
	{ "process", "process.name", SM_TYPE_STR },
	{ "user", "process.user.name", SM_TYPE_STR },
	{ "time", "@timestamp", SM_TYPE_TIME },
	{ "product", "sysmon.port.product", SM_TYPE_STR },
	{ "version", "service.version", SM_TYPE_STR },
	{ "banner", "sysmon.port.banner", SM_TYPE_STR },
	{ "info", "sysmon.port.info", SM_TYPE_STR },
	{ "tls.version", "tls.version", SM_TYPE_STR },
	{ "tls.cipher", "tls.cipher", SM_TYPE_STR },
	{ "tls.alpn", "tls.next_protocol", SM_TYPE_STR },
	{ "tls.subject", "tls.server.x509.subject.distinguished_name",
	  SM_TYPE_STR },
	{ "tls.issuer", "tls.server.x509.issuer.distinguished_name",
	  SM_TYPE_STR },
	{ "tls.san", "tls.server.x509.alternative_names", SM_TYPE_STRS },
	{ "tls.not_before", "tls.server.x509.not_before", SM_TYPE_TIME },
	{ "tls.not_after", "tls.server.x509.not_after", SM_TYPE_TIME },
	{ "tls.self_signed", "sysmon.port.tls.self_signed", SM_TYPE_BOOL },
	{ "tls.sha256", "tls.server.hash.sha256", SM_TYPE_STR },
	{ "exe", "process.executable", SM_TYPE_STR },
	{ "unit", "sysmon.port.unit", SM_TYPE_STR },
	{ "service_method", "sysmon.port.service_method", SM_TYPE_STR },
	{ "state_code", "", SM_TYPE_INT },
	{ "rtt_ns", "", SM_TYPE_INT },
	{ "banner_raw", "", SMI_TYPE_RAW },
	{ "asked", "", SM_TYPE_BOOL },
	{ "spoke", "", SM_TYPE_BOOL },
	{ "said", "", SM_TYPE_BOOL },
	{ "anyone", "", SM_TYPE_BOOL },
	{ "tunnel", "", SM_TYPE_STR },
	{ "listen_address", "", SM_TYPE_STR },
	{ "unheard", "", SM_TYPE_BOOL },
	{ "use", "", SM_TYPE_INT },
};

static const struct smi_field process_fields[] = {
	{ "id", "process.entity_id", SM_TYPE_STR },
	{ "pid", "process.pid", SM_TYPE_INT },
	{ "ppid", "process.parent.pid", SM_TYPE_INT },
	{ "name", "process.name", SM_TYPE_STR },
	{ "user", "process.real_user.name", SM_TYPE_STR },
	{ "uid", "process.real_user.id", SM_TYPE_INT },
	{ "euser", "process.user.name", SM_TYPE_STR },
	{ "euid", "process.user.id", SM_TYPE_INT },
	{ "state", "sysmon.process.state", SM_TYPE_STR },
	{ "cpu_percent", "sysmon.process.cpu.pct", SM_TYPE_REAL },
	{ "cpu_percent_lifetime", "sysmon.process.cpu.lifetime_pct",
	  SM_TYPE_REAL },
	{ "memory_percent", "sysmon.process.memory.pct", SM_TYPE_REAL },
	{ "rss", "sysmon.process.memory.rss", SM_TYPE_INT },
	{ "threads", "sysmon.process.threads", SM_TYPE_INT },
	{ "start", "process.start", SM_TYPE_TIME },
	{ "exe", "process.executable", SM_TYPE_STR },
	{ "cmdline", "process.command_line", SM_TYPE_STR },
	{ "args", "process.args", SM_TYPE_STRS },
	{ "cgroup", "sysmon.process.cgroup", SM_TYPE_STR },
	{ "container", "container.id", SM_TYPE_STR },
	{ "kernel_thread", "sysmon.process.kernel_thread", SM_TYPE_BOOL },
	{ "unreadable", "sysmon.process.unreadable", SM_TYPE_STRS },
	{ "time", "@timestamp", SM_TYPE_TIME },
	{ "session", "process.session_leader.pid", SM_TYPE_INT, BY_NAME },
	{ "tty", "sysmon.process.tty", SM_TYPE_STR, BY_NAME },
	{ "nice", "sysmon.process.nice", SM_TYPE_INT, BY_NAME },
	{ "scheduler", "sysmon.process.scheduler", SM_TYPE_STR, BY_NAME },
	{ "minor_faults", "sysmon.process.memory.minor_faults", SM_TYPE_INT,
	  BY_NAME },
	{ "major_faults", "sysmon.process.memory.major_faults", SM_TYPE_INT,
	  BY_NAME },
	{ "swap", "sysmon.process.memory.swap", SM_TYPE_INT, BY_NAME },
	{ "tracer_pid", "sysmon.process.tracer_pid", SM_TYPE_INT, BY_NAME },
	{ "capabilities", "process.thread.capabilities.effective", SM_TYPE_STRS,
	  BY_NAME },
	{ "seccomp", "sysmon.process.seccomp", SM_TYPE_STR, BY_NAME },
	{ "no_new_privs", "sysmon.process.no_new_privs", SM_TYPE_BOOL,
	  BY_NAME },
	{ "depth", "sysmon.process.depth", SM_TYPE_INT, BY_NAME },
	{ "open_files", "sysmon.process.open_files", SM_TYPE_INT, BY_NAME },
	{ "open_files_limit", "sysmon.process.open_files_limit", SM_TYPE_INT,
	  BY_NAME },
	{ "hidden_from", "sysmon.process.hidden_from", SM_TYPE_STRS, BY_NAME },
	{ "seen_by", "sysmon.process.seen_by", SM_TYPE_STRS, BY_NAME },
	{ "mounted_over", "sysmon.process.mounted_over", SM_TYPE_STR, BY_NAME },
	{ "listening", "sysmon.process.listening", SM_TYPE_STRS, BY_NAME },
	{ "connections", "sysmon.process.connections", SM_TYPE_STRS, BY_NAME },
	{ "read_bytes", "sysmon.process.io.read_bytes", SM_TYPE_INT, BY_NAME },
	{ "write_bytes", "sysmon.process.io.write_bytes", SM_TYPE_INT,
	  BY_NAME },
	{ "pss", "sysmon.process.memory.pss", SM_TYPE_INT, BY_NAME },
	{ "uss", "sysmon.process.memory.uss", SM_TYPE_INT, BY_NAME },
	{ "cwd", "process.working_directory", SM_TYPE_STR, BY_NAME },
	{ "root", "sysmon.process.root", SM_TYPE_STR, BY_NAME },
	{ "exe_device", "sysmon.process.exe_device", SM_TYPE_STR, BY_NAME },
	{ "exe_inode", "sysmon.process.exe_inode", SM_TYPE_INT, BY_NAME },
	{ "exe_deleted", "sysmon.process.exe_deleted", SM_TYPE_BOOL, BY_NAME },
	{ "namespaces", "sysmon.process.namespaces", SM_TYPE_STRS, BY_NAME },
	{ "unit", "sysmon.process.unit", SM_TYPE_STR, BY_NAME },
	{ "slice", "sysmon.process.slice", SM_TYPE_STR, BY_NAME },
	{ "runtime", "container.runtime", SM_TYPE_STR, BY_NAME },
	{ "gid", "process.real_group.id", SM_TYPE_INT, BY_NAME },
	{ "egid", "process.group.id", SM_TYPE_INT, BY_NAME },
	{ "voluntary_switches", "sysmon.process.voluntary_switches",
	  SM_TYPE_INT, BY_NAME },
	{ "involuntary_switches", "sysmon.process.involuntary_switches",
	  SM_TYPE_INT, BY_NAME },
	{ "cpu", "sysmon.process.cpu.number", SM_TYPE_INT, BY_NAME },
	{ "cpus_allowed", "sysmon.process.cpu.allowed", SM_TYPE_STR, BY_NAME },
	{ "oom_score", "sysmon.process.oom_score", SM_TYPE_INT, BY_NAME },
	{ "login_user", "sysmon.process.login_user", SM_TYPE_STR, BY_NAME },
	{ "event", "event.action", SM_TYPE_STR, BY_NAME },
	{ "exit_code", "process.exit_code", SM_TYPE_INT, BY_NAME },
	{ "exit_signal", "sysmon.process.exit_signal", SM_TYPE_INT, BY_NAME },
	{ "ancestors", "sysmon.process.ancestors", SM_TYPE_STRS, BY_NAME },
	{ "read_rate", "sysmon.process.io.read_rate", SM_TYPE_INT, BY_NAME },
	{ "write_rate", "sysmon.process.io.write_rate", SM_TYPE_INT, BY_NAME },
	{ "ionice", "sysmon.process.io.priority", SM_TYPE_STR, BY_NAME },
	{ "package", "package.name", SM_TYPE_STR, BY_NAME },
	{ "state_code", "", SM_TYPE_INT },
	{ "name_raw", "", SMI_TYPE_RAW },
	{ "cmdline_raw", "", SMI_TYPE_RAW },
	{ "boot_id", "", SM_TYPE_STR },
	{ "start_ticks", "", SM_TYPE_INT },
	{ "cpu_ns", "", SM_TYPE_INT },
	{ "cpu_when", "", SM_TYPE_INT },
	{ "exe_nlink", "", SM_TYPE_INT },
	{ "exe_dir_mode", "", SM_TYPE_INT },
	{ "cap_eff", "", SM_TYPE_INT },
	{ "bystander", "", SM_TYPE_BOOL },
	{ "args_wiped", "", SM_TYPE_BOOL },
	{ "std_sockets", "", SM_TYPE_INT },
	{ "io_uring", "", SM_TYPE_BOOL },
	{ "std_peers", "", SM_TYPE_INT },
	{ "std_peer", "", SM_TYPE_STR },
	{ "raw_sockets", "", SM_TYPE_STRS },
	{ "exe_mode", "", SM_TYPE_INT },
	{ "exe_uid", "", SM_TYPE_INT },
	{ "exe_ctime", "", SM_TYPE_TIME },
	{ "exe_dir_uid", "", SM_TYPE_INT },
	{ "exe_replaced", "", SM_TYPE_BOOL },
	{ "script_deleted", "", SM_TYPE_STR },
	{ "environ", "", SM_TYPE_STRS },
	{ "maps", "", SM_TYPE_STRS },
	{ "maps_bytes", "", SM_TYPE_INT },
	{ "maps_jit", "", SM_TYPE_INT },
	{ "parent_name", "", SM_TYPE_STR },
	{ "parent_exe", "", SM_TYPE_STR },
	{ "parent_uid", "", SM_TYPE_INT },
	{ "tracer_name", "", SM_TYPE_STR },
	{ "our_spaces", "", SM_TYPE_INT },
	{ "preload_file", "", SM_TYPE_STR },
	{ "descriptors_limit", "", SM_TYPE_INT },
	{ "oom_near", "", SM_TYPE_INT },
	{ "relay", "", SM_TYPE_STR },
	{ "relay_pid", "", SM_TYPE_INT },
	{ "unpackaged", "", SM_TYPE_BOOL },
	{ "blocks", "", SM_TYPE_INT },
	{ "not_whole", "", SM_TYPE_INT },
	{ "exe_unmapped", "", SM_TYPE_INT },
	{ "exe_elsewhere", "", SM_TYPE_INT },
};

#define LINE_FIELDS                                                            \
	{ "id", "event.id", SM_TYPE_STR },                                     \
		{ "file", "log.file.path", SM_TYPE_STR },                      \
		{ "line", "sysmon.log.line", SM_TYPE_INT },                    \
		{ "offset", "sysmon.log.offset", SM_TYPE_INT },                \
		{ "time", "@timestamp", SM_TYPE_TIME },                        \
		{ "host", "host.name", SM_TYPE_STR },                          \
		{ "program", "process.name", SM_TYPE_STR },                    \
		{ "pid", "process.pid", SM_TYPE_INT },                         \
	{                                                                      \
		"message", "message", SM_TYPE_STR                              \
	}

static const struct smi_field line_fields[] = {
	LINE_FIELDS,
	{ "raw", "", SMI_TYPE_RAW },
};

static const struct smi_field event_fields[] = {
	LINE_FIELDS,
	{ "rule", "rule.id", SM_TYPE_STR },
	{ "action", "event.action", SM_TYPE_STR },
	{ "outcome", "event.outcome", SM_TYPE_STR },
	{ "failure", "sysmon.event.failure", SM_TYPE_BOOL },
	{ "source_ip", "source.ip", SM_TYPE_STR },
	{ "source_port", "source.port", SM_TYPE_INT },
	{ "source_host", "source.domain", SM_TYPE_STR },
	{ "user", "user.name", SM_TYPE_STR },
	{ "count", "sysmon.event.count", SM_TYPE_INT },
	{ "outcome_code", "", SM_TYPE_INT },
	{ "raw", "", SMI_TYPE_RAW },
};

static const struct smi_field finding_fields[] = {
	{ "id", "event.id", SM_TYPE_STR },
	{ "key", "sysmon.finding.key", SM_TYPE_STR },
	{ "rule", "rule.id", SM_TYPE_STR },
	{ "kind", "sysmon.finding.kind", SM_TYPE_STR },
	{ "title", "message", SM_TYPE_STR },
	{ "severity", "sysmon.finding.severity", SM_TYPE_STR },
	{ "subject", "sysmon.finding.subject", SM_TYPE_STR },
	{ "source_ip", "source.ip", SM_TYPE_STR },
	{ "user", "user.name", SM_TYPE_STR },
	{ "pid", "process.pid", SM_TYPE_INT },
	{ "port", "destination.port", SM_TYPE_INT },
	{ "first", "event.start", SM_TYPE_TIME },
	{ "last", "event.end", SM_TYPE_TIME },
	{ "count", "sysmon.finding.count", SM_TYPE_INT },
	{ "state", "sysmon.finding.state", SM_TYPE_STR },
	{ "attack", "threat.technique.id", SM_TYPE_STRS },
	{ "evidence", "sysmon.finding.evidence", SM_TYPE_RECORDS },
	{ "why", "event.reason", SM_TYPE_STR },
	{ "next_step", "sysmon.finding.next_step", SM_TYPE_STR },
	{ "severity_code", "", SM_TYPE_INT },
	{ "state_code", "", SM_TYPE_INT },
	{ "uncounted", "", SM_TYPE_INT },
	{ "title_template", "", SM_TYPE_STR },
	{ "why_template", "", SM_TYPE_STR },
	{ "next_step_template", "", SM_TYPE_STR },
	{ "args", "", SM_TYPE_STRS },
};

static const struct smi_field notice_fields[] = {
	{ "text", "message", SM_TYPE_STR },
	{ "source", "sysmon.notice.source", SM_TYPE_STR },
	{ "errno", "error.code", SM_TYPE_INT },
	{ "template", "", SM_TYPE_STR },
	{ "args", "", SM_TYPE_STRS },
};

static const struct smi_field coverage_fields[] = {
	{ "source", "log.file.path", SM_TYPE_STR },
	{ "lines", "sysmon.coverage.lines", SM_TYPE_INT },
	{ "matched", "sysmon.coverage.matched", SM_TYPE_INT },
	{ "unparsed", "sysmon.coverage.unparsed", SM_TYPE_INT },
	{ "skipped", "sysmon.coverage.skipped", SM_TYPE_INT },
	{ "first", "event.start", SM_TYPE_TIME },
	{ "last", "event.end", SM_TYPE_TIME },
	{ "bytes", "sysmon.coverage.bytes", SM_TYPE_INT },
	{ "untimed", "sysmon.coverage.untimed", SM_TYPE_INT },
	{ "backwards", "sysmon.coverage.backwards", SM_TYPE_INT },
	{ "year_guessed", "sysmon.coverage.year_guessed", SM_TYPE_INT },
	{ "date_guessed", "sysmon.coverage.date_guessed", SM_TYPE_INT },
	{ "ambiguous", "sysmon.coverage.ambiguous", SM_TYPE_INT },
	{ "nonexistent", "sysmon.coverage.nonexistent", SM_TYPE_INT },
	{ "harmless", "sysmon.coverage.harmless", SM_TYPE_INT },
	{ "silent_from", "sysmon.coverage.silent_from", SM_TYPE_TIME },
	{ "silent_to", "sysmon.coverage.silent_to", SM_TYPE_TIME },
};

static const struct smi_field summary_fields[] = {
	{ "id", "sysmon.run.id", SM_TYPE_STR },
	{ "host_id", "host.id", SM_TYPE_STR },
	{ "hostname", "host.hostname", SM_TYPE_STR },
	{ "start", "event.start", SM_TYPE_TIME },
	{ "ports", "sysmon.summary.ports", SM_TYPE_INT },
	{ "open", "sysmon.summary.open", SM_TYPE_INT },
	{ "processes", "sysmon.summary.processes", SM_TYPE_INT },
	{ "events", "sysmon.summary.events", SM_TYPE_INT },
	{ "findings", "sysmon.summary.findings", SM_TYPE_INT },
	{ "critical", "sysmon.summary.critical", SM_TYPE_INT },
	{ "high", "sysmon.summary.high", SM_TYPE_INT },
	{ "medium", "sysmon.summary.medium", SM_TYPE_INT },
	{ "low", "sysmon.summary.low", SM_TYPE_INT },
	{ "info", "sysmon.summary.info", SM_TYPE_INT },
	{ "notices", "sysmon.summary.notices", SM_TYPE_INT },
	{ "lines", "sysmon.summary.lines", SM_TYPE_INT },
	{ "bytes", "sysmon.summary.bytes", SM_TYPE_INT },
	{ "wall_seconds", "sysmon.summary.wall_seconds", SM_TYPE_REAL },
	{ "cpu_seconds", "sysmon.summary.cpu_seconds", SM_TYPE_REAL },
	{ "peak_memory", "sysmon.summary.peak_memory", SM_TYPE_INT },
	{ "allowed", "sysmon.summary.allowed", SM_TYPE_INT },
	{ "process_backend", "sysmon.summary.process_backend", SM_TYPE_STR },
	{ "process_event_source", "sysmon.summary.process_event_source",
	  SM_TYPE_STR },
	{ "unchecked", "sysmon.summary.unchecked", SM_TYPE_STR },
	{ "baseline", "sysmon.summary.baseline", SM_TYPE_TIME },
	{ "changes", "sysmon.summary.changes", SM_TYPE_INT },
	{ "process_order", "", SM_TYPE_STR },
};

static const struct smi_field host_fields[] = {
	{ "address", "destination.ip", SM_TYPE_STR },
	{ "hostname", "destination.domain", SM_TYPE_STR },
	{ "state", "sysmon.host.state", SM_TYPE_STR },
	{ "probes", "sysmon.host.probes", SM_TYPE_INT },
	{ "resent", "sysmon.host.resent", SM_TYPE_INT },
	{ "open", "sysmon.host.open", SM_TYPE_INT },
	{ "closed", "sysmon.host.closed", SM_TYPE_INT },
	{ "filtered", "sysmon.host.filtered", SM_TYPE_INT },
	{ "method", "sysmon.host.method", SM_TYPE_STR },
	{ "lost", "sysmon.host.lost", SM_TYPE_INT },
	{ "srtt_ms", "sysmon.host.srtt_ms", SM_TYPE_REAL },
	{ "rttvar_ms", "sysmon.host.rttvar_ms", SM_TYPE_REAL },
	{ "confidence", "sysmon.host.confidence", SM_TYPE_REAL },
	{ "open_filtered", "sysmon.host.open_filtered", SM_TYPE_INT },
	{ "asked", "", SM_TYPE_INT },
	{ "spoke", "", SM_TYPE_INT },
	{ "heard", "", SM_TYPE_INT },
	{ "unheard", "", SM_TYPE_INT },
};

static const struct smi_field rule_fields[] = {
	{ "file", "sysmon.rule.file", SM_TYPE_STR },
	{ "line", "sysmon.rule.line", SM_TYPE_INT },
	{ "id", "rule.id", SM_TYPE_STR },
	{ "title", "rule.name", SM_TYPE_STR },
	{ "severity", "sysmon.rule.severity", SM_TYPE_STR },
	{ "status", "sysmon.rule.status", SM_TYPE_STR },
	{ "reason", "sysmon.rule.reason", SM_TYPE_STR },
};

static const struct smi_field template_fields[] = {
	{ "source", "log.file.path", SM_TYPE_STR },
	{ "program", "process.name", SM_TYPE_STR },
	{ "state", "sysmon.template.state", SM_TYPE_STR },
	{ "count", "sysmon.template.count", SM_TYPE_INT },
	{ "matched", "sysmon.template.matched", SM_TYPE_INT },
	{ "error", "sysmon.template.error", SM_TYPE_INT },
	{ "template", "sysmon.template.template", SM_TYPE_STR },
	{ "sample", "sysmon.template.sample", SM_TYPE_STR },
	{ "harmless", "sysmon.template.harmless", SM_TYPE_INT },
};

static const struct smi_field run_fields[] = {
	{ "run", "sysmon.run.number", SM_TYPE_INT },
	{ "id", "sysmon.run.id", SM_TYPE_STR },
	{ "start", "event.start", SM_TYPE_TIME },
	{ "host_id", "host.id", SM_TYPE_STR },
	{ "hostname", "host.hostname", SM_TYPE_STR },
	{ "sections", "sysmon.run.sections", SM_TYPE_STR },
	{ "ports", "sysmon.summary.ports", SM_TYPE_INT },
	{ "open", "sysmon.summary.open", SM_TYPE_INT },
	{ "processes", "sysmon.summary.processes", SM_TYPE_INT },
	{ "events", "sysmon.summary.events", SM_TYPE_INT },
	{ "findings", "sysmon.summary.findings", SM_TYPE_INT },
	{ "critical", "sysmon.summary.critical", SM_TYPE_INT },
	{ "high", "sysmon.summary.high", SM_TYPE_INT },
	{ "medium", "sysmon.summary.medium", SM_TYPE_INT },
	{ "low", "sysmon.summary.low", SM_TYPE_INT },
	{ "info", "sysmon.summary.info", SM_TYPE_INT },
	{ "notices", "sysmon.summary.notices", SM_TYPE_INT },
	{ "lines", "sysmon.summary.lines", SM_TYPE_INT },
	{ "bytes", "sysmon.summary.bytes", SM_TYPE_INT },
	{ "wall_seconds", "sysmon.summary.wall_seconds", SM_TYPE_REAL },
};

static const struct smi_field change_fields[] = {
	{ "change", "sysmon.change.change", SM_TYPE_STR },
	{ "what", "sysmon.change.what", SM_TYPE_STR },
	{ "subject", "sysmon.change.subject", SM_TYPE_STR },
	{ "severity", "sysmon.change.severity", SM_TYPE_STR },
	{ "before", "sysmon.change.before", SM_TYPE_STR },
	{ "after", "sysmon.change.after", SM_TYPE_STR },
	{ "key", "sysmon.change.key", SM_TYPE_STR },
	{ "since", "sysmon.change.since", SM_TYPE_TIME },
	{ "subject_told", "", SM_TYPE_STR },
	{ "before_told", "", SM_TYPE_STR },
	{ "after_told", "", SM_TYPE_STR },
};

static const struct smi_field ability_fields[] = {
	{ "name", "sysmon.ability.name", SM_TYPE_STR },
	{ "part", "sysmon.ability.part", SM_TYPE_STR },
	{ "status", "sysmon.ability.status", SM_TYPE_STR },
	{ "text", "message", SM_TYPE_STR },
	{ "next_step", "sysmon.ability.next_step", SM_TYPE_STR },
	{ "text_template", "", SM_TYPE_STR },
	{ "next_step_template", "", SM_TYPE_STR },
	{ "args", "", SM_TYPE_STRS },
};

#define KIND(text, table, prefix, id_field)                                    \
	{                                                                      \
		text, table##_fields, prefix##_NFIELDS,                        \
			SMI_COUNT(table##_fields), id_field                    \
	}
#define SAME(table, prefix)                                                    \
	_Static_assert(SMI_COUNT(table##_fields) == prefix##_NVALUES &&        \
			       prefix##_NVALUES <= SMI_MAX_VALUES,             \
		       "field table and kinds.h differ")

SAME(port, SMI_PORT);
SAME(process, SMI_PROC);
SAME(line, SMI_LINE);
SAME(event, SMI_EVENT);
SAME(finding, SMI_FINDING);
SAME(notice, SMI_NOTICE);
SAME(coverage, SMI_COVERAGE);
SAME(summary, SMI_SUMMARY);
SAME(host, SMI_HOST);
SAME(rule, SMI_RULE);
SAME(template, SMI_TEMPLATE);
SAME(run, SMI_RUN);
SAME(change, SMI_CHANGE);
SAME(ability, SMI_ABILITY);

static const struct smi_kind kinds[SMI_NKINDS] = {
	KIND("port", port, SMI_PORT, SMI_PORT_ID),
	KIND("process", process, SMI_PROC, SMI_PROC_ID),
	KIND("line", line, SMI_LINE, SMI_LINE_ID),
	KIND("event", event, SMI_EVENT, SMI_EVENT_ID),
	KIND("finding", finding, SMI_FINDING, SMI_FINDING_ID),
	KIND("notice", notice, SMI_NOTICE, -1),
	KIND("coverage", coverage, SMI_COVERAGE, -1),
	KIND("summary", summary, SMI_SUMMARY, SMI_SUMMARY_ID),
	KIND("host", host, SMI_HOST, -1),
	KIND("rule", rule, SMI_RULE, -1),
	KIND("template", template, SMI_TEMPLATE, -1),
	KIND("run", run, SMI_RUN, SMI_RUN_ID),
	KIND("change", change, SMI_CHANGE, -1),
	KIND("ability", ability, SMI_ABILITY, -1),
};

const struct smi_kind *smi_kind(int kind)
{
	return kind >= 1 && kind <= SMI_NKINDS ? &kinds[kind - 1] : NULL;
}

SM_EXPORT const char *sm_kind_name(int kind)
{
	const struct smi_kind *k = smi_kind(kind);

	return k ? k->name : "";
}

SM_EXPORT int sm_kind_by_name(const char *name)
{
	for (int kind = 1; name && kind <= SMI_NKINDS; kind++)
		if (strcmp(kinds[kind - 1].name, name) == 0)
			return kind;
	return -ENOENT;
}

SM_EXPORT size_t sm_kind_nfields(int kind)
{
	const struct smi_kind *k = smi_kind(kind);

	return k ? k->nfields : 0;
}

int smi_kind_find(const struct smi_kind *k, struct smi_span name)
{
	for (unsigned f = 0; f < k->nfields; f++)
		if (smi_span_eq_str(name, k->fields[f].name))
			return (int)f;
	return -ENOENT;
}

SM_EXPORT int sm_kind_field(int kind, const char *name)
{
	const struct smi_kind *k = smi_kind(kind);

	return k && name ? smi_kind_find(k, smi_span_str(name)) : -ENOENT;
}

static const struct smi_field *public_field(int kind, size_t field)
{
	const struct smi_kind *k = smi_kind(kind);

	return k && field < k->nfields ? &k->fields[field] : NULL;
}

SM_EXPORT const char *sm_kind_field_name(int kind, size_t field)
{
	const struct smi_field *f = public_field(kind, field);

	return f ? f->name : "";
}

SM_EXPORT const char *sm_kind_field_ecs(int kind, size_t field)
{
	const struct smi_field *f = public_field(kind, field);

	return f ? f->ecs : "";
}

SM_EXPORT int sm_kind_field_type(int kind, size_t field)
{
	const struct smi_field *f = public_field(kind, field);

	return f ? f->type : SM_TYPE_NONE;
}
