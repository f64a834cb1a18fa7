/* SPDX-License-Identifier: MIT */
#include "files-rig.h"
#include "process/fds.h"
#include "process/sockets.h"

#define HTTPS "   1: 0100007F:1388 0900A8C0:01BB 01" REST "502 1 00000000b 1\n"
#define GONE  "   2: 0100007F:1389 0900A8C0:01BB 06" REST "0 1 00000000b 1\n"
#define ZERO6 "00000000000000000000000000000000"
#define ONE6  "00000000000000000000000001000000"
#define DB8   "B80D0120000000000000000001000000"
#define MAP6  "0000000000000000FFFF00000900A8C0"

static const struct {
	const char *link;
	enum smi_fd_kind kind;
	uint64_t inode;
} links[] = {
	{ "socket:[0]", SMI_FD_SOCKET, 0 },
	{ "socket:[18446744073709551615]", SMI_FD_SOCKET, UINT64_MAX },
	{ "socket:[18446744073709551616]", SMI_FD_OTHER, 0 },
	{ "socket:[]", SMI_FD_OTHER, 0 },
	{ "socket:[12", SMI_FD_OTHER, 0 },
	{ "/tmp/socket:[12]", SMI_FD_OTHER, 0 },
	{ "socket:[12] (deleted)", SMI_FD_OTHER, 0 },
	{ "anon_inode:[io_uring]", SMI_FD_IO_URING, 0 },
	{ "anon_inode:[eventpoll]", SMI_FD_OTHER, 0 },
	{ "", SMI_FD_OTHER, 0 },
};

START_TEST(only_the_kernels_own_words_make_a_socket)
{
	uint64_t inode = 0;

	ck_assert_int_eq(smi_fd_link(smi_span_str(links[_i].link), &inode),
			 links[_i].kind);
	if (links[_i].kind == SMI_FD_SOCKET)
		ck_assert_uint_eq(inode, links[_i].inode);
}
END_TEST

static const struct {
	enum smi_socket_kind kind;
	const char *line, *text;
	bool listens, has_peer;
} sockets[] = {
	{ SMI_SOCKET_TCP, SSH, "tcp 0.0.0.0:22", true, false },
	{ SMI_SOCKET_TCP, HTTPS,
	  "tcp 127.0.0.1:5000 > 192.168.0.9:443 ESTABLISHED", false, true },
	{ SMI_SOCKET_TCP, "   0: " ZERO6 ":0016 " ZERO6 ":0000 0A" REST "7 1 0",
	  "tcp [::]:22", true, false },
	{ SMI_SOCKET_TCP, "   0: " ONE6 ":1388 " DB8 ":01BB 08" REST "7 1 0",
	  "tcp [::1]:5000 > [2001:db8::1]:443 CLOSE_WAIT", false, true },
	{ SMI_SOCKET_TCP, "   0: " MAP6 ":1388 " MAP6 ":01BB 02" REST "7 1 0",
	  "tcp 192.168.0.9:5000 > 192.168.0.9:443 SYN_SENT", false, true },
	{ SMI_SOCKET_TCP, "   0: " MAP6 ":1388 " MAP6 ":01BB EE" REST "7 1 0",
	  "tcp 192.168.0.9:5000 > 192.168.0.9:443", false, true },
	{ SMI_SOCKET_UDP,
	  "  310: 00000000:0044 00000000:0000 07" REST "7 2 000000003 0",
	  "udp 0.0.0.0:68", true, false },
	{ SMI_SOCKET_UDP,
	  "  310: 0100007F:1388 0900A8C0:0035 01" REST "7 2 000000003 0",
	  "udp 127.0.0.1:5000 > 192.168.0.9:53", false, true },
	{ SMI_SOCKET_RAW,
	  "    1: 00000000:0001 00000000:0000 07" REST "7 2 000000003 0",
	  "raw 0.0.0.0:1", true, false },
	{ SMI_SOCKET_PACKET,
	  "00000000f1 3      3    0003   2     1 0      0      7     ",
	  "packet 0x0003 interface 2", true, false },
	{ SMI_SOCKET_PACKET, "00000000f1 3 3    88cc   0 1 0      0      7",
	  "packet 0x88cc", true, false },
};

START_TEST(sockets_are_read_from_the_lines_of_the_kernel)
{
	char text[SMI_SOCKET_TEXT];
	struct smi_socket s;
	struct smi_span line = smi_span_str(sockets[_i].line);

	line = smi_span_head(line, smi_span_find(line, '\n'));
	ck_assert(smi_socket_parse(line, sockets[_i].kind, &s));
	ck_assert_str_eq(smi_socket_text(&s, text), sockets[_i].text);
	ck_assert_int_eq(smi_socket_listens(&s), sockets[_i].listens);
	ck_assert_int_eq(smi_socket_has_peer(&s), sockets[_i].has_peer);
}
END_TEST

static const char *const no_sockets[] = {
	"",
	HEAD,
	GONE,
	"   0: 00000000:0016 00000000:0000 0A",
	"   0: 0000000:0016 00000000:0000 0A" REST "7",
	"   0: 00000000:00016 00000000:0000 0A" REST "7",
	"   0: 00000000:0016 " ZERO6 ":0000 0A" REST "7",
	"   0: 00000000:0016 00000000:0000 0A" REST "-7",
	"   0: 0000000g:0016 00000000:0000 0A" REST "7",
};

START_TEST(what_is_no_socket_of_a_process_is_left_out)
{
	struct smi_span line = smi_span_str(no_sockets[_i]);
	struct smi_socket s;

	line = smi_span_head(line, smi_span_find(line, '\n'));
	ck_assert(!smi_socket_parse(line, SMI_SOCKET_TCP, &s));
	ck_assert(!smi_socket_parse(line, SMI_SOCKET_PACKET, &s));
}
END_TEST

static const char *item_of(int pid, unsigned field, size_t i)
{
	const struct smi_strs *list =
		smi_rec_strs(record_of(pid), SM_KIND_PROCESS, field);

	ck_assert_ptr_nonnull(list);
	return i < list->n ? list->v[i] : "";
}

START_TEST(descriptors_are_joined_with_the_sockets_of_the_namespace)
{
	add_process(42, 100, 0);
	add_process(43, 100, 0);
	add_net(42, "net:[1]", "tcp", HEAD SSH HTTPS GONE);
	add_link(42, 0, "socket:[502]");
	add_link(42, 1, "socket:[502]");
	add_link(42, 3, "socket:[501]");
	add_link(42, 4, "socket:[999]");
	/* The second one of a namespace is believed to be in the first one's. */
	add_net(43, "net:[1]", "tcp", HEAD);
	add_link(43, 2, "socket:[501]");
	sm_proc_opts_set_fields(opts, "pid,listening,connections");
	list_with(SMI_PROC_STD_PEERS, SMI_PROC_STD_PEER);
	ck_assert_str_eq(item_of(42, SMI_PROC_LISTENING, 0), "tcp 0.0.0.0:22");
	ck_assert_str_eq(item_of(42, SMI_PROC_LISTENING, 1), "");
	ck_assert_str_eq(item_of(42, SMI_PROC_CONNECTIONS, 0),
			 "tcp 127.0.0.1:5000 > 192.168.0.9:443 ESTABLISHED");
	ck_assert_str_eq(item_of(42, SMI_PROC_CONNECTIONS, 1), "");
	ck_assert_int_eq(number_of(42, SMI_PROC_STD_PEERS), 3);
	ck_assert_str_eq(
		smi_rec_str(record_of(42), SM_KIND_PROCESS, SMI_PROC_STD_PEER),
		"tcp 127.0.0.1:5000 > 192.168.0.9:443 ESTABLISHED");
	ck_assert_str_eq(item_of(43, SMI_PROC_LISTENING, 0), "tcp 0.0.0.0:22");
	/* A listener has no peer. */
	ck_assert_int_eq(number_of(43, SMI_PROC_STD_PEERS), 0);
}
END_TEST

START_TEST(each_network_namespace_has_its_own_sockets)
{
	add_process(42, 100, 0);
	add_process(43, 100, 0);
	add_net(42, "net:[1]", "tcp", HEAD SSH);
	add_net(43, "net:[2]", "packet",
		"sk               RefCnt Type Proto  Iface R Rmem   User   "
		"Inode\n00000000f1 3      3    0003   2     1 0      0      "
		"503   \n");
	/* One that came by a descriptor handed over. */
	add_link(43, 3, "socket:[501]");
	add_link(43, 4, "socket:[503]");
	sm_proc_opts_set_fields(opts, "pid,listening");
	list_with(SMI_PROC_RAW_SOCKETS, SMI_PROC_RAW_SOCKETS);
	ck_assert_str_eq(item_of(43, SMI_PROC_LISTENING, 0),
			 "packet 0x0003 interface 2");
	ck_assert_str_eq(item_of(43, SMI_PROC_RAW_SOCKETS, 0),
			 "packet 0x0003 interface 2");
	/* Nothing of 42 was asked for before: it holds no socket. */
	add_link(42, 3, "socket:[501]");
	list(NULL);
	ck_assert_str_eq(item_of(43, SMI_PROC_LISTENING, 0), "tcp 0.0.0.0:22");
}
END_TEST

START_TEST(a_table_of_any_length_is_read_whole)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf text = { 0 };

	add_process(42, 100, 0);
	smi_buf_str(&text, HEAD);
	for (int i = 0; i < 1000; i++)
		smi_buf_printf(&text,
			       "%4d: 00000000:%04X 00000000:0000 0A" REST
			       "%d 1 00000000b 1\n",
			       i, i + 1, i + 1001);
	add_net(42, "net:[1]", "tcp", smi_buf_cstr(&text));
	add_link(42, 3, "socket:[1001]");
	add_link(42, 4, "socket:[2000]");
	sm_proc_opts_set_fields(opts, "pid,listening");
	list(NULL);
	ck_assert_str_eq(item_of(42, SMI_PROC_LISTENING, 0), "tcp 0.0.0.0:1");
	ck_assert_str_eq(item_of(42, SMI_PROC_LISTENING, 1),
			 "tcp 0.0.0.0:1000");
}
END_TEST

START_TEST(no_link_leads_to_sockets_elsewhere)
{
	add_process(42, 100, 0);
	add_link(42, 3, "socket:[501]");
	tree_text("net/tcp", HEAD SSH);
	tree_link("proc/42/net", "../../net");
	sm_proc_opts_set_fields(opts, "pid,listening,unreadable");
	list(NULL);
	ck_assert_uint_eq(sm_proc_nunreadable(proc_of(42)), 1);
	ck_assert_str_eq(sm_proc_unreadable(proc_of(42), 0), "listening");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("proc_sockets");
	TCase *tc = tcase_create("proc_sockets");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(
		tc, descriptors_are_joined_with_the_sockets_of_the_namespace);
	tcase_add_test(tc, each_network_namespace_has_its_own_sockets);
	tcase_add_test(tc, a_table_of_any_length_is_read_whole);
	tcase_add_test(tc, no_link_leads_to_sockets_elsewhere);
	tcase_add_loop_test(tc, only_the_kernels_own_words_make_a_socket, 0,
			    SMI_COUNT(links));
	tcase_add_loop_test(tc, sockets_are_read_from_the_lines_of_the_kernel,
			    0, SMI_COUNT(sockets));
	tcase_add_loop_test(tc, what_is_no_socket_of_a_process_is_left_out, 0,
			    SMI_COUNT(no_sockets));
	suite_add_tcase(s, tc);
	return suite_run(s);
}
