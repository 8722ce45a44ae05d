// SPDX-License-Identifier: GPL-2.0
/* JSON as it is written. */
#include "json.h"

static void put_string(struct json *json, const char *text)
{
	fputc('"', json->to);
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			fprintf(json->to, "\\%c", *text);
		else if ((unsigned char)*text < 0x20)
			fprintf(json->to, "\\u%04x", *text);
		else
			fputc(*text, json->to);
	}
	fputc('"', json->to);
}

static void begin(struct json *json, const char *key)
{
	if (json->depth) {
		bool *filled = &json->filled[json->depth - 1];

		fprintf(json->to, "%s\n%*s", *filled ? "," : "", 2 * json->depth, "");
		*filled = true;
	}
	if (key) {
		put_string(json, key);
		fputs(": ", json->to);
	}
}

void json_open(struct json *json, const char *key, char bracket)
{
	begin(json, key);
	fputc(bracket, json->to);
	json->close[json->depth] = bracket == '{' ? '}' : ']';
	json->filled[json->depth++] = false;
}

void json_close(struct json *json)
{
	json->depth--;
	if (json->filled[json->depth])
		fprintf(json->to, "\n%*s", 2 * json->depth, "");
	fputc(json->close[json->depth], json->to);
	if (!json->depth)
		fputc('\n', json->to);
}

void json_string(struct json *json, const char *key, const char *value)
{
	begin(json, key);
	put_string(json, value);
}

void json_number(struct json *json, const char *key, u64 value)
{
	begin(json, key);
	fprintf(json->to, "%llu", value);
}

void json_bool(struct json *json, const char *key, bool value)
{
	begin(json, key);
	fputs(value ? "true" : "false", json->to);
}

void json_address(struct json *json, const char *key, u64 value)
{
	begin(json, key);
	fprintf(json->to, "\"0x%llx\"", value);
}

void json_range(struct json *json, const char *key, const struct pmb_range *range)
{
	if (!range->size) {
		begin(json, key);
		fputs("null", json->to);
		return;
	}
	json_open(json, key, '{');
	json_address(json, "start", range->start);
	json_address(json, "end", pmb_last(range));
	json_number(json, "size", range->size);
	json_close(json);
}
