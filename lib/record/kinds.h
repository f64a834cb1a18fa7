/* SPDX-License-Identifier: MIT */
#ifndef SMI_RECORD_KINDS_H
#define SMI_RECORD_KINDS_H

/*
 * The fields of each kind by number. The order is that of the field tables in
 * schema.c, and public: nothing moves, new ones are appended before _NFIELDS.
 * What follows _NFIELDS is carried by the record and shown by no field number:
 * raw bytes, and what checks and sentences need.
 */
enum smi_port_field {
	SMI_PORT_ID,
	SMI_PORT_ADDRESS,
	SMI_PORT_HOSTNAME,
	SMI_PORT_NUMBER,
	SMI_PORT_PROTOCOL,
	SMI_PORT_STATE, /* text; the number is SMI_PORT_STATE_CODE */
	SMI_PORT_REASON,
	SMI_PORT_SERVICE,
	SMI_PORT_RTT_MS,
	SMI_PORT_PID,
	SMI_PORT_PROCESS,
	SMI_PORT_USER,
	SMI_PORT_TIME,
	SMI_PORT_PRODUCT,
	SMI_PORT_VERSION,
	SMI_PORT_BANNER, /* text; the bytes are SMI_PORT_BANNER_RAW */
	SMI_PORT_INFO,
	SMI_PORT_TLS_VERSION,
	SMI_PORT_TLS_CIPHER,
	SMI_PORT_TLS_ALPN,
	SMI_PORT_TLS_SUBJECT,
	SMI_PORT_TLS_ISSUER,
	SMI_PORT_TLS_SAN,
	SMI_PORT_TLS_NOT_BEFORE,
	SMI_PORT_TLS_NOT_AFTER,
	SMI_PORT_TLS_SELF_SIGNED,
	SMI_PORT_TLS_SHA256,
	SMI_PORT_EXE,  /* of the process that listens */
	SMI_PORT_UNIT, /* systemd's, that process's */
	SMI_PORT_SERVICE_METHOD,
	SMI_PORT_NFIELDS,
	SMI_PORT_STATE_CODE = SMI_PORT_NFIELDS,
	SMI_PORT_RTT_NS,
	/* Where services are asked for; a flag is there only where it is set. */
	SMI_PORT_BANNER_RAW,
	SMI_PORT_ASKED,	 /* it was, to the end */
	SMI_PORT_SPOKE,	 /* it sent something */
	SMI_PORT_SAID,	 /* service is what it said, not what has its number */
	SMI_PORT_ANYONE, /* it serves without asking who asks */
	SMI_PORT_TUNNEL, /* how TLS came to be: "tls", "starttls" */
	/* Of a port of this machine, where the kernel lists its sockets. */
	SMI_PORT_LISTEN_ADDRESS, /* what its listener is bound to */
	SMI_PORT_UNHEARD,	 /* nobody here listens, asked again */
	SMI_PORT_USE,		 /* of a scan's shares: enum smi_port_use */
	SMI_PORT_NVALUES
};

enum smi_proc_field {
	SMI_PROC_ID,
	SMI_PROC_PID,
	SMI_PROC_PPID,
	SMI_PROC_NAME,
	SMI_PROC_USER,
	SMI_PROC_UID,
	SMI_PROC_EUSER,
	SMI_PROC_EUID,
	SMI_PROC_STATE, /* one letter; the number is SMI_PROC_STATE_CODE */
	SMI_PROC_CPU_PERCENT,
	SMI_PROC_CPU_PERCENT_LIFETIME,
	SMI_PROC_MEMORY_PERCENT,
	SMI_PROC_RSS,
	SMI_PROC_THREADS,
	SMI_PROC_START,
	SMI_PROC_EXE,
	SMI_PROC_CMDLINE,
	SMI_PROC_ARGS,
	SMI_PROC_CGROUP,
	SMI_PROC_CONTAINER,
	SMI_PROC_KERNEL_THREAD,
	SMI_PROC_UNREADABLE,
	SMI_PROC_TIME,
	SMI_PROC_SESSION,
	SMI_PROC_TTY,
	SMI_PROC_NICE,
	SMI_PROC_SCHEDULER,
	SMI_PROC_MINOR_FAULTS,
	SMI_PROC_MAJOR_FAULTS,
	SMI_PROC_SWAP,
	SMI_PROC_TRACER_PID,
	SMI_PROC_CAPABILITIES, /* names; the bits are SMI_PROC_CAP_EFF */
	SMI_PROC_SECCOMP,
	SMI_PROC_NO_NEW_PRIVS,
	SMI_PROC_DEPTH, /* in the tree, a root has 0 */
	SMI_PROC_OPEN_FILES,
	SMI_PROC_OPEN_FILES_LIMIT,
	SMI_PROC_HIDDEN_FROM, /* the views, where a process is hidden */
	SMI_PROC_SEEN_BY,
	SMI_PROC_MOUNTED_OVER, /* what lies on its directory in /proc */
	SMI_PROC_LISTENING,
	SMI_PROC_CONNECTIONS,
	SMI_PROC_READ_BYTES,
	SMI_PROC_WRITE_BYTES,
	SMI_PROC_PSS,
	SMI_PROC_USS,
	SMI_PROC_CWD,
	SMI_PROC_ROOT,
	SMI_PROC_EXE_DEVICE,
	SMI_PROC_EXE_INODE,
	SMI_PROC_EXE_DELETED,
	SMI_PROC_NAMESPACES,
	SMI_PROC_UNIT,
	SMI_PROC_SLICE,
	SMI_PROC_RUNTIME,
	SMI_PROC_GID,
	SMI_PROC_EGID,
	SMI_PROC_VOLUNTARY_SWITCHES,
	SMI_PROC_INVOLUNTARY_SWITCHES,
	SMI_PROC_CPU,
	SMI_PROC_CPUS_ALLOWED,
	SMI_PROC_OOM_SCORE,
	SMI_PROC_LOGIN_USER,
	SMI_PROC_EVENT, /* "fork", "exec", "exit" */
	SMI_PROC_EXIT_CODE,
	SMI_PROC_EXIT_SIGNAL,
	SMI_PROC_ANCESTORS, /* "sshd(812)", the parent first */
	SMI_PROC_READ_RATE,
	SMI_PROC_WRITE_RATE,
	SMI_PROC_IONICE,
	SMI_PROC_PACKAGE, /* of its program */
	SMI_PROC_NFIELDS,
	SMI_PROC_STATE_CODE = SMI_PROC_NFIELDS,
	SMI_PROC_NAME_RAW,
	SMI_PROC_CMDLINE_RAW,
	SMI_PROC_BOOT_ID,
	SMI_PROC_START_TICKS,
	SMI_PROC_CPU_NS,       /* that all its threads used */
	SMI_PROC_CPU_WHEN,     /* at this monotonic time */
	SMI_PROC_EXE_NLINK,    /* of the running file */
	SMI_PROC_EXE_DIR_MODE, /* st_mode of the directory it lies in */
	SMI_PROC_CAP_EFF,      /* bit by number, capabilities(7) */
	SMI_PROC_BYSTANDER,    /* not asked for: only to see what runs at all */
	SMI_PROC_ARGS_WIPED,   /* zeros where its arguments were */
	SMI_PROC_STD_SOCKETS,  /* which of descriptors 0, 1, 2: bit by number */
	SMI_PROC_IO_URING,     /* a descriptor is one of io_uring(7) */
	SMI_PROC_STD_PEERS,    /* which of 0, 1, 2 are network sockets that have
				  a peer: bit by number */
	SMI_PROC_STD_PEER,     /* the first of these, as in connections */
	SMI_PROC_RAW_SOCKETS,  /* raw and packet sockets, as in listening */
	SMI_PROC_EXE_MODE,     /* st_mode of the running file */
	SMI_PROC_EXE_UID,
	SMI_PROC_EXE_CTIME, /* of its inode */
	SMI_PROC_EXE_DIR_UID,
	SMI_PROC_EXE_REPLACED, /* another file has the path of the deleted one */
	SMI_PROC_SCRIPT_DELETED, /* the path that it was started with */
	SMI_PROC_ENVIRON,    /* NAME=value, of the variables that may be told */
	SMI_PROC_MAPS,	     /* lines by enum smi_map_kind, "" for none */
	SMI_PROC_MAPS_BYTES, /* of no file, to write and to run */
	SMI_PROC_MAPS_JIT,   /* libraries that make code: 1 few pages, 2 much */
	SMI_PROC_PARENT_NAME,
	SMI_PROC_PARENT_EXE,
	SMI_PROC_PARENT_UID,
	SMI_PROC_TRACER_NAME, /* its program, or its name */
	SMI_PROC_OUR_SPACES, /* enum smi_space: namespaces that are ours, too */
	SMI_PROC_PRELOAD_FILE, /* of process 1: what ld.so.preload(5) holds */
	SMI_PROC_DESCRIPTORS_LIMIT, /* how many it may have, where it has many */
	SMI_PROC_OOM_NEAR,	    /* oom_score, where it holds much memory */
	SMI_PROC_RELAY, /* what joins a shell and a connection, and which */
	SMI_PROC_RELAY_PID,
	SMI_PROC_UNPACKAGED, /* no package has its program */
	SMI_PROC_BLOCKS, /* reads were late: 1 of some of its files, 2 of all */
	SMI_PROC_NOT_WHOLE,	/* enum smi_not_whole: what it counts as */
	SMI_PROC_EXE_UNMAPPED,	/* its memory has nothing of its program: 1 that
				   can be run, 2 at all */
	SMI_PROC_EXE_ELSEWHERE, /* for us the path of its program is another
				   file's */
	SMI_PROC_NVALUES
};

/* What can be run of a process's memory and lies in no file as it was installed. */
enum smi_map_kind {
	SMI_MAP_WRITABLE,  /* of no file, to write and to run at once */
	SMI_MAP_ANONYMOUS, /* of no file, to run */
	SMI_MAP_STACK,
	SMI_MAP_HEAP,
	SMI_MAP_MEMFD,
	SMI_MAP_DELETED,
	SMI_MAP_TEMP, /* a file where everybody may make one */
	SMI_MAP_NKINDS
};

enum smi_space {
	SMI_SPACE_PID = 1 << 0,
	SMI_SPACE_MNT = 1 << 1,
	SMI_SPACE_USER = 1 << 2,
};

/* The fields that lines and events share have the same numbers. */
enum smi_line_field {
	SMI_LINE_ID,
	SMI_LINE_FILE,
	SMI_LINE_NUMBER,
	SMI_LINE_OFFSET,
	SMI_LINE_TIME,
	SMI_LINE_HOST,
	SMI_LINE_PROGRAM,
	SMI_LINE_PID,
	SMI_LINE_MESSAGE,
	SMI_LINE_NFIELDS,
	SMI_LINE_RAW = SMI_LINE_NFIELDS,
	SMI_LINE_NVALUES
};

enum smi_event_field {
	SMI_EVENT_ID,
	SMI_EVENT_FILE,
	SMI_EVENT_NUMBER,
	SMI_EVENT_OFFSET,
	SMI_EVENT_TIME,
	SMI_EVENT_HOST,
	SMI_EVENT_PROGRAM,
	SMI_EVENT_PID,
	SMI_EVENT_MESSAGE,
	SMI_EVENT_RULE,
	SMI_EVENT_ACTION,
	SMI_EVENT_OUTCOME, /* text; the number is SMI_EVENT_OUTCOME_CODE */
	SMI_EVENT_FAILURE,
	SMI_EVENT_SOURCE_IP,
	SMI_EVENT_SOURCE_PORT,
	SMI_EVENT_SOURCE_HOST,
	SMI_EVENT_USER,
	SMI_EVENT_COUNT,
	SMI_EVENT_NFIELDS,
	SMI_EVENT_OUTCOME_CODE = SMI_EVENT_NFIELDS,
	SMI_EVENT_RAW,
	SMI_EVENT_NVALUES
};

enum smi_finding_field {
	SMI_FINDING_ID,
	SMI_FINDING_KEY,
	SMI_FINDING_RULE,
	SMI_FINDING_KIND,
	SMI_FINDING_TITLE,
	SMI_FINDING_SEVERITY, /* text; the number is SMI_FINDING_SEVERITY_CODE */
	SMI_FINDING_SUBJECT,
	SMI_FINDING_SOURCE_IP,
	SMI_FINDING_USER,
	SMI_FINDING_PID,
	SMI_FINDING_PORT,
	SMI_FINDING_FIRST,
	SMI_FINDING_LAST,
	SMI_FINDING_COUNT,
	SMI_FINDING_STATE, /* text; the number is SMI_FINDING_STATE_CODE */
	SMI_FINDING_ATTACK,
	SMI_FINDING_EVIDENCE,
	SMI_FINDING_WHY,
	SMI_FINDING_NEXT_STEP,
	SMI_FINDING_NFIELDS,
	SMI_FINDING_SEVERITY_CODE = SMI_FINDING_NFIELDS,
	SMI_FINDING_STATE_CODE,
	/* How many at the end of the evidence are not in the count. */
	SMI_FINDING_UNCOUNTED,
	/* The sentences before they are filled, and name, value, name, value
	 * for the placeholders that are no fields of a finding. */
	SMI_FINDING_TITLE_TEMPLATE,
	SMI_FINDING_WHY_TEMPLATE,
	SMI_FINDING_NEXT_STEP_TEMPLATE,
	SMI_FINDING_ARGS,
	SMI_FINDING_NVALUES
};

enum smi_notice_field {
	SMI_NOTICE_TEXT,
	SMI_NOTICE_SOURCE,
	SMI_NOTICE_ERRNO,
	SMI_NOTICE_NFIELDS,
	SMI_NOTICE_TEMPLATE = SMI_NOTICE_NFIELDS,
	SMI_NOTICE_ARGS,
	SMI_NOTICE_NVALUES
};

enum smi_coverage_field {
	SMI_COVERAGE_SOURCE,
	SMI_COVERAGE_LINES,
	SMI_COVERAGE_MATCHED,
	SMI_COVERAGE_UNPARSED,
	SMI_COVERAGE_SKIPPED,
	SMI_COVERAGE_FIRST,
	SMI_COVERAGE_LAST,
	SMI_COVERAGE_BYTES,
	SMI_COVERAGE_UNTIMED, /* from here on only where there are some */
	SMI_COVERAGE_BACKWARDS,
	SMI_COVERAGE_YEAR_GUESSED,
	SMI_COVERAGE_DATE_GUESSED,
	SMI_COVERAGE_AMBIGUOUS,
	SMI_COVERAGE_NONEXISTENT,
	SMI_COVERAGE_HARMLESS,
	SMI_COVERAGE_SILENT_FROM, /* the longest gap of an hour or more */
	SMI_COVERAGE_SILENT_TO,
	SMI_COVERAGE_NFIELDS,
	SMI_COVERAGE_NVALUES = SMI_COVERAGE_NFIELDS
};

enum smi_summary_field {
	SMI_SUMMARY_ID, /* the run */
	SMI_SUMMARY_HOST_ID,
	SMI_SUMMARY_HOSTNAME,
	SMI_SUMMARY_START,
	SMI_SUMMARY_PORTS,
	SMI_SUMMARY_OPEN,
	SMI_SUMMARY_PROCESSES,
	SMI_SUMMARY_EVENTS,
	SMI_SUMMARY_FINDINGS,
	SMI_SUMMARY_CRITICAL,
	SMI_SUMMARY_HIGH,
	SMI_SUMMARY_MEDIUM,
	SMI_SUMMARY_LOW,
	SMI_SUMMARY_INFO,
	SMI_SUMMARY_NOTICES,
	SMI_SUMMARY_LINES,
	SMI_SUMMARY_BYTES,
	SMI_SUMMARY_WALL_SECONDS,
	SMI_SUMMARY_CPU_SECONDS,
	SMI_SUMMARY_PEAK_MEMORY,     /* bytes */
	SMI_SUMMARY_ALLOWED,	     /* findings that allow entries accepted */
	SMI_SUMMARY_PROCESS_BACKEND, /* what listed processes */
	SMI_SUMMARY_EVENT_SOURCE,    /* what told of their starts and ends */
	SMI_SUMMARY_UNCHECKED,	     /* what was listed and not judged */
	SMI_SUMMARY_BASELINE, /* where it was compared: that run's start */
	SMI_SUMMARY_CHANGES,
	SMI_SUMMARY_NFIELDS,
	/* For people: the order that processes were asked for in, where that is not by
	 * pid. */
	SMI_SUMMARY_PROCESS_ORDER = SMI_SUMMARY_NFIELDS,
	SMI_SUMMARY_NVALUES
};

enum smi_host_field {
	SMI_HOST_ADDRESS,
	SMI_HOST_HOSTNAME,
	SMI_HOST_STATE, /* "up", "unknown" */
	SMI_HOST_PROBES,
	SMI_HOST_RESENT,
	SMI_HOST_OPEN,
	SMI_HOST_CLOSED,
	SMI_HOST_FILTERED,
	SMI_HOST_METHOD,
	SMI_HOST_LOST,
	SMI_HOST_SRTT_MS,
	SMI_HOST_RTTVAR_MS,
	SMI_HOST_CONFIDENCE,
	SMI_HOST_OPEN_FILTERED, /* of UDP */
	SMI_HOST_NFIELDS,
	/* Open ports that were asked what they are, and those that said something. */
	SMI_HOST_ASKED = SMI_HOST_NFIELDS,
	SMI_HOST_SPOKE,
	/* Of this machine, all of whose ports are open: with a listener, and not. */
	SMI_HOST_HEARD,
	SMI_HOST_UNHEARD,
	SMI_HOST_NVALUES
};

enum smi_rule_field {
	SMI_RULE_FILE,
	SMI_RULE_LINE,
	SMI_RULE_ID,
	SMI_RULE_TITLE,
	SMI_RULE_SEVERITY,
	SMI_RULE_STATUS,
	SMI_RULE_REASON,
	SMI_RULE_NFIELDS,
	SMI_RULE_NVALUES = SMI_RULE_NFIELDS
};

enum smi_template_field {
	SMI_TEMPLATE_SOURCE,
	SMI_TEMPLATE_PROGRAM,
	SMI_TEMPLATE_STATE, /* "program", "others", "unmatched", "unparsed" */
	SMI_TEMPLATE_COUNT,
	SMI_TEMPLATE_MATCHED,
	SMI_TEMPLATE_ERROR,
	SMI_TEMPLATE_TEMPLATE,
	SMI_TEMPLATE_SAMPLE,
	SMI_TEMPLATE_HARMLESS,
	SMI_TEMPLATE_NFIELDS,
	SMI_TEMPLATE_NVALUES = SMI_TEMPLATE_NFIELDS
};

enum smi_run_field {
	SMI_RUN_NUMBER,
	SMI_RUN_ID,
	SMI_RUN_START,
	SMI_RUN_HOST_ID,
	SMI_RUN_HOSTNAME,
	SMI_RUN_SECTIONS, /* "scan+ps+logs" */
	SMI_RUN_PORTS,	  /* counts and what follows: as in the summary */
	SMI_RUN_OPEN,
	SMI_RUN_PROCESSES,
	SMI_RUN_EVENTS,
	SMI_RUN_FINDINGS,
	SMI_RUN_CRITICAL,
	SMI_RUN_HIGH,
	SMI_RUN_MEDIUM,
	SMI_RUN_LOW,
	SMI_RUN_INFO,
	SMI_RUN_NOTICES,
	SMI_RUN_LINES,
	SMI_RUN_BYTES,
	SMI_RUN_WALL_SECONDS,
	SMI_RUN_NFIELDS,
	SMI_RUN_NVALUES = SMI_RUN_NFIELDS
};

enum smi_ability_field {
	SMI_ABILITY_NAME,
	SMI_ABILITY_PART,
	SMI_ABILITY_STATUS, /* "ok", "limited", "missing" */
	SMI_ABILITY_TEXT,
	SMI_ABILITY_NEXT_STEP,
	SMI_ABILITY_NFIELDS,
	SMI_ABILITY_TEXT_TEMPLATE = SMI_ABILITY_NFIELDS,
	SMI_ABILITY_NEXT_STEP_TEMPLATE,
	SMI_ABILITY_ARGS,
	SMI_ABILITY_NVALUES
};

enum smi_change_field {
	SMI_CHANGE_CHANGE, /* "new", "gone", "changed" */
	SMI_CHANGE_WHAT, /* "port", "listener", "process", "user", "finding" */
	SMI_CHANGE_SUBJECT,
	SMI_CHANGE_SEVERITY, /* of a finding */
	SMI_CHANGE_BEFORE,
	SMI_CHANGE_AFTER,
	SMI_CHANGE_KEY,	  /* of a finding */
	SMI_CHANGE_SINCE, /* the start of the run that it is compared with */
	SMI_CHANGE_NFIELDS,
	/* Of a finding: the same for people, in the language of when they were made. */
	SMI_CHANGE_SUBJECT_TOLD = SMI_CHANGE_NFIELDS,
	SMI_CHANGE_BEFORE_TOLD,
	SMI_CHANGE_AFTER_TOLD,
	SMI_CHANGE_NVALUES
};

/* Of any kind, hidden values included. */
#define SMI_MAX_VALUES 128

#endif
