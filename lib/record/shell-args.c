/* SPDX-License-Identifier: MIT */
#include "record/shell-args.h"

#include "record/program.h"

#define CLUSTER_MAX 8 /* letters of options that anybody joins */

static bool is_shell(struct smi_span program)
{
	return smi_program_class(program) & SMI_PROGRAM_SHELL;
}

static bool is_python(struct smi_span program)
{
	return smi_span_starts(smi_program_name(program), SMI_SPAN("python"));
}

static bool is_one_of(const char *arg, const char *const *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(arg, v[i]) == 0)
			return true;
	return false;
}

bool smi_shell_takes_code(struct smi_span program, const char *option)
{
	static const char *const words[] = { "--eval", "--print", "--run",
					     "--command", "--execute" };
	size_t n = strlen(option);

	if (n < 2 || option[0] != '-')
		return false;
	if (option[1] == '-')
		return !is_shell(program) &&
		       is_one_of(option, words, SMI_COUNT(words));
	if (n > CLUSTER_MAX)
		return false;
	if (is_shell(program))
		return strchr(option, 'c') != NULL;
	return strchr(is_python(program) ? "c" : "ecErR", option[n - 1]) !=
	       NULL;
}

/* The argument behind it belongs to it, and is neither code nor a script. */
static bool takes_value(struct smi_span program, const char *option)
{
	static const char *const words[] = { "--rcfile", "--init-file",
					     "--require", "--import" };
	size_t n = strlen(option);

	if (n < 2)
		return false;
	if (option[0] == '-' && option[1] == '-')
		return is_one_of(option, words, SMI_COUNT(words));
	return strchr(is_shell(program)	   ? "oO"
		      : is_python(program) ? "WXQ"
					   : "Id",
		      option[n - 1]) != NULL;
}

/* The rest is for what comes from standard input, or from a module. */
static bool ends_it(struct smi_span program, const char *option)
{
	if (strcmp(option, "-") == 0)
		return true;
	return option[1] != '-' && is_python(program)
		       ? strchr(option, 'm') != NULL
		       : is_shell(program) && strcmp(option, "-s") == 0;
}

struct smi_shell_args smi_shell_args_read(struct smi_span program,
					  struct smi_strs args)
{
	struct smi_shell_args out = { NULL, NULL };
	size_t i = 1;

	for (; i < args.n; i++) {
		const char *arg = args.v[i];

		if (strcmp(arg, "--") == 0) {
			i++;
			break;
		}
		if (arg[0] != '-' && !(arg[0] == '+' && is_shell(program)))
			break;
		if (ends_it(program, arg))
			return out;
		if (smi_shell_takes_code(program, arg)) {
			out.code = i + 1 < args.n ? args.v[i + 1] : "";
			return out;
		}
		i += takes_value(program, arg);
	}
	if (i < args.n)
		out.script = args.v[i];
	return out;
}
