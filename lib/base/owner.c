/* SPDX-License-Identifier: MIT */
#include "base/owner.h"

#include <sys/mman.h>
#include <unistd.h>

static size_t page_size(void)
{
	return (size_t)sysconf(_SC_PAGESIZE);
}

void smi_owner_init(struct smi_owner *o)
{
	void *page = mmap(NULL, page_size(), PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	*o = (struct smi_owner){ .pid = getpid() };
	if (page == MAP_FAILED)
		return;
	if (madvise(page, page_size(), MADV_WIPEONFORK) < 0) {
		munmap(page, page_size());
		return;
	}
	o->page = page;
	*o->page = 1;
}

void smi_owner_done(struct smi_owner *o)
{
	if (o->page)
		munmap(o->page, page_size());
	o->page = NULL;
}

bool smi_owner_is_other(const struct smi_owner *o)
{
	return o->pid != getpid();
}
