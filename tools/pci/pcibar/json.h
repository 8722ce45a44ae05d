/* SPDX-License-Identifier: GPL-2.0 */
/* JSON as it is written: commas, indents and escapes are taken care of. */
#ifndef _PCIBAR_JSON_H
#define _PCIBAR_JSON_H

#include <stdio.h>
#include "layout.h"

#define JSON_DEPTH	16

/**
 * struct json - where we are
 * @to: written to
 * @depth: brackets that are open
 * @close: what closes them
 * @filled: something is in it already
 */
struct json {
	FILE *to;
	unsigned int depth;
	char close[JSON_DEPTH];
	bool filled[JSON_DEPTH];
};

/* @key: NULL in arrays and at the top. @bracket: '{' or '['. */
void json_open(struct json *json, const char *key, char bracket);
void json_close(struct json *json);
void json_string(struct json *json, const char *key, const char *value);
void json_number(struct json *json, const char *key, u64 value);
void json_bool(struct json *json, const char *key, bool value);
/* Addresses are strings: readers keep 53 bits of a number only. */
void json_address(struct json *json, const char *key, u64 value);
/* { "start": ..., "end": ..., "size": ... }; null for an empty one. */
void json_range(struct json *json, const char *key, const struct pmb_range *range);

#endif /* _PCIBAR_JSON_H */
