#!/usr/bin/env luajit
-- SPDX-License-Identifier: CC0-1.0
-- processes.lua: what runs here, by LuaJIT's FFI. A loop that asks for the next event
-- needs no callback, of which LuaJIT has few.
local ffi = require("ffi")

ffi.cdef [[
typedef struct sm_ctx sm_ctx;
typedef struct sm_job sm_job;
typedef struct sm_event sm_event;
typedef struct sm_record sm_record;
typedef struct sm_proc sm_proc;
struct pollfd { int fd; short events, revents; };
int poll(struct pollfd *fds, unsigned long n, int timeout);

int sm_ctx_new(sm_ctx **out);
void sm_ctx_unref(sm_ctx *ctx);
const char *sm_ctx_errmsg(const sm_ctx *ctx);
int sm_job_new_proc(sm_ctx *ctx, const void *opts, sm_job **out);
int sm_job_fd(const sm_job *job);
int sm_job_next(sm_job *job, const sm_event **ev);
void sm_job_free(sm_job *job);
int sm_event_kind(const sm_event *ev);
const sm_record *sm_event_record(const sm_event *ev);
const sm_proc *sm_record_proc(const sm_record *rec);
int32_t sm_proc_pid(const sm_proc *p);
const char *sm_proc_name(const sm_proc *p);
]]

local POLLIN, EAGAIN = 1, 11
local lib = ffi.load(os.getenv("LIBSYSMON") or "libsysmon.so.0")

local function fail(ctx)
	io.stderr:write("processes.lua: ", ffi.string(lib.sm_ctx_errmsg(ctx)), "\n")
	os.exit(3)
end

local made = ffi.new("sm_ctx *[1]")
if lib.sm_ctx_new(made) < 0 then
	os.exit(4)
end
local ctx = ffi.gc(made[0], lib.sm_ctx_unref)
local started = ffi.new("sm_job *[1]")
if lib.sm_job_new_proc(ctx, nil, started) < 0 then
	fail(ctx)
end
local job = started[0]
local ready = ffi.new("struct pollfd[1]", { { lib.sm_job_fd(job), POLLIN, 0 } })
local event = ffi.new("const sm_event *[1]")
while true do
	local r = lib.sm_job_next(job, event)

	if r == 1 then
		local p = lib.sm_record_proc(lib.sm_event_record(event[0]))

		if p ~= nil then
			print(lib.sm_proc_pid(p), ffi.string(lib.sm_proc_name(p)))
		end
	elseif r == -EAGAIN then
		ffi.C.poll(ready, 1, -1)
	elseif r == 0 then
		break
	else
		lib.sm_job_free(job)
		fail(ctx)
	end
end
lib.sm_job_free(job)
