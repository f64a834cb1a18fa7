/* SPDX-License-Identifier: CC0-1.0 */
/*
 * The largest processes of this machine, in C++: what the library gives is freed by
 * its owner, and the callback is a lambda.
 *     processes [COUNT]
 */
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <sysmon/sysmon.h>
#include <vector>

namespace
{

struct unref {
	void operator()(sm_ctx *ctx) const
	{
		sm_ctx_unref(ctx);
	}
};

struct process {
	std::string name;
	std::int32_t pid;
	std::uint64_t rss;
};

/* Nothing that is thrown may pass through the library. */
template <class F> int call(const sm_event *ev, void *f) noexcept
{
	try {
		(*static_cast<F *>(f))(*ev);
		return SM_CONTINUE;
	} catch (...) {
		return 1;
	}
}

template <class F> int list_processes(sm_ctx *ctx, F f)
{
	return sm_list_processes(ctx, nullptr, call<F>, &f);
}

} // namespace

int main(int argc, char **argv)
{
	std::size_t count = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 5;
	std::vector<process> all;
	sm_ctx *made = nullptr;
	int r = sm_ctx_new(&made);
	std::unique_ptr<sm_ctx, unref> ctx(made);

	if (r < 0)
		return 4;
	r = list_processes(ctx.get(), [&](const sm_event &ev) {
		const sm_proc *p = sm_record_proc(sm_event_record(&ev));

		if (p && sm_event_kind(&ev) == SM_EVENT_RECORD)
			all.push_back({ sm_proc_name(p), sm_proc_pid(p),
					sm_proc_rss_bytes(p) });
	});
	if (r != 0) {
		std::fprintf(stderr, "processes: %s\n",
			     sm_ctx_errmsg(ctx.get()));
		return 3;
	}
	std::sort(all.begin(), all.end(),
		  [](const process &a, const process &b) {
			  return a.rss > b.rss;
		  });
	all.resize(std::min(count, all.size()));
	for (const process &p : all)
		std::printf("%8d %10llu KiB  %s\n", p.pid,
			    static_cast<unsigned long long>(p.rss / 1024),
			    p.name.c_str());
	return 0;
}
