/* SPDX-License-Identifier: MIT */
#include "script.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FOLDER "C:\\stand-in\\"

static FILE *open_script(const char *name, const char *mode)
{
	char path[TEXT];
	snprintf(path, sizeof path, FOLDER "%s.txt", name);
	return fopen(path, mode);
}

static void row_read(struct row *row, const char *line)
{
	for (int i = 0; i < FIELDS; i++) {
		size_t len = strcspn(line, "|\r\n");
		snprintf(row->field[i], TEXT, "%.*s", (int)len, line);
		line += len;
		line += *line == '|';
	}
}

void script_read(struct script *script)
{
	char line[FIELDS * TEXT];
	FILE *file = open_script(script->name, "rb");
	script->count = 0;
	while (file && script->count < ROWS && fgets(line, sizeof line, file))
		row_read(&script->rows[script->count++], line);
	if (file)
		fclose(file);
}

void script_write(const struct script *script)
{
	FILE *file = open_script(script->name, "wb");
	if (!file)
		return;
	for (int i = 0; i < script->count; i++) {
		int last = FIELDS - 1;
		while (last && !*script->rows[i].field[last])
			last--;
		for (int k = 0; k <= last; k++)
			fprintf(file, "%s%s", k ? "|" : "", script->rows[i].field[k]);
		fputs("\n", file);
	}
	fclose(file);
}

struct row *script_row(struct script *script, const char *kind, const char *name)
{
	for (int i = 0; i < script->count; i++)
		if (strcmp(script->rows[i].field[0], kind) == 0 &&
		    (!name || strcmp(script->rows[i].field[1], name) == 0))
			return &script->rows[i];
	return NULL;
}

DWORD script_number(const struct row *row, int field)
{
	return row ? (DWORD)strtoul(row->field[field], NULL, 0) : 0;
}

static unsigned times_called(struct script *script, const char *call)
{
	int at = 0;
	while (at < CALLS - 1 && script->calls[at].name &&
	       strcmp(script->calls[at].name, call) != 0)
		at++;
	script->calls[at].name = call;
	return ++script->calls[at].times;
}

DWORD script_fails(struct script *script, const char *call, const char *who)
{
	char number[16];
	snprintf(number, sizeof number, "%u", times_called(script, call));
	script_read(script);
	for (int i = 0; i < script->count; i++) {
		const struct row *row = &script->rows[i];
		if (strcmp(row->field[0], "fails") == 0 && strcmp(row->field[1], call) == 0 &&
		    (strcmp(row->field[2], "*") == 0 ||
		     strcmp(row->field[2], who ? who : number) == 0))
			return script_number(row, 3);
	}
	return 0;
}

bool script_refuses(struct script *script, const char *call, const char *who)
{
	DWORD error = script_fails(script, call, who);
	if (error)
		SetLastError(error);
	return error;
}

void script_set(struct row *row, int field, DWORD number)
{
	snprintf(row->field[field], TEXT, "%lu", number);
}

void script_say(const char *form, ...)
{
	va_list args;
	FILE *file = open_script("calls", "ab");
	if (!file)
		return;
	va_start(args, form);
	vfprintf(file, form, args);
	va_end(args);
	fputs("\n", file);
	fclose(file);
}

DWORD script_wrong(const char *what)
{
	script_say("WRONG %s", what);
	SetLastError(ERROR_INVALID_PARAMETER);
	return ERROR_INVALID_PARAMETER;
}

void script_wide(const char *text, WCHAR *out)
{
	MultiByteToWideChar(CP_UTF8, 0, text, -1, out, TEXT);
}

void script_narrow(const WCHAR *text, char *out)
{
	WideCharToMultiByte(CP_UTF8, 0, text, -1, out, TEXT, NULL, NULL);
}
