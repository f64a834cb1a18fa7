/* SPDX-License-Identifier: MIT */
#ifndef SMI_PORTSCAN_MATCH_TEXT_H
#define SMI_PORTSCAN_MATCH_TEXT_H

#include "portscan/match-wire.h"

/*
 * Text that matchers read. A word at the end of a reply that broke off is no word:
 * "OpenSSH_9" may have been the begin of "OpenSSH_9.2p1".
 */

/* One of the bytes of set, none of which is a NUL. */
static inline bool smi_text_is_one(char c, const char *set)
{
	return c != '\0' && strchr(set, c);
}

/* MORE: text is the begin of lit. */
enum smi_match smi_text_begins(struct smi_span text, const char *lit, bool end);

/* Where lit stands in text, or text.len. The second takes ASCII letters alike. */
size_t smi_text_find(struct smi_span text, const char *lit);
size_t smi_text_find_nocase(struct smi_span text, const char *lit);
static inline bool smi_text_has(struct smi_span text, const char *lit)
{
	return smi_text_find(text, lit) < text.len;
}

/* What follows the first lit in text; false, and untouched: there is none. */
bool smi_text_after(struct smi_span text, const char *lit,
		    struct smi_span *after);
/* What stands between the first lit and the next stop, both being there. */
bool smi_text_between(struct smi_span text, const char *lit, const char *stop,
		      struct smi_span *between);

/*
 * Cuts the next line off *rest, without its end and blanks around it. When no more
 * will come, also one that broke off, as far as its words are whole. false: there
 * is none.
 */
bool smi_text_line(struct smi_span *rest, bool end, struct smi_span *line);
/* Cuts the next word off; empty where there is none. */
struct smi_span smi_text_word(struct smi_span *rest);
/* The version that text begins with, a letter v before it passed; may be empty. */
struct smi_span smi_text_version(struct smi_span text);

/* Programs by a text that gives them away; a version follows it, or does not. */
struct smi_text_product {
	const char *mark;
	const char *product;
};
/* The first of n whose mark is there. */
bool smi_text_product(struct smi_span text, const struct smi_text_product *v,
		      size_t n, struct smi_service_id *id);
/* "name/1.2", "name-1.2", "name_1.2" and "name 1.2" at the begin of text; a name
 * alone as well. */
void smi_text_name_version(struct smi_span text, struct smi_service_id *id);

/* Makes it an id of that service, of which nothing more is told. */
void smi_id_set(struct smi_service_id *id, const char *service);
/* A version that stands nowhere: "3.8". Not after the first smi_id_add(). */
void smi_id_version(struct smi_service_id *id, const char *fmt, ...)
	SMI_PRINTF(2, 3);
/*
 * Adds a part to the info, behind "; " and its label. White space in it becomes
 * one blank; where it does not fit it ends on "...".
 */
void smi_id_add(struct smi_service_id *id, const char *label,
		struct smi_span text);
void smi_id_addf(struct smi_service_id *id, const char *fmt, ...)
	SMI_PRINTF(2, 3);

#endif
