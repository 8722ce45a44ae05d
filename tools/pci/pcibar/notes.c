// SPDX-License-Identifier: GPL-2.0
/* What was assumed, and for which functions. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include "builder.h"

#define NAMES_SHOWN	8

static const char * const texts[NOTES] = {
	[NOTE_NO_HOST] = "assumed: a host bridge, which is not in the report",
	[NOTE_NO_BRIDGE] = "assumed: a bridge to the bus, which is not in the report",
	[NOTE_NO_ROOT] = NO_ROOTS "; assumed: what is in use (edit the roots)",
	[NOTE_NO_IO_ROOT] = "not known: I/O window of the host bridge; assumed: what is in use",
	[NOTE_BUS_NUMBERS] = "bus numbers make no sense, left out",
	[NOTE_BUS_GUESSED] = "assumed: leads to the next bus of which no bridge is known",
	[NOTE_DRIVER] = "not known: driver; assumed: one that cannot be moved",
	[NOTE_UNBOUND] = "not known: driver; assumed: none (it lacks a BAR, or so it was asked)",
	[NOTE_PORT_DRIVER] = "not known: driver of a bridge; assumed: pcieport",
	[NOTE_NVME] = "not known: driver of an NVMe drive; assumed: nvme",
	[NOTE_PROBE] = "its driver could not use it; assumed: it has none",
	[NOTE_WINDOWS] = "not known: windows; assumed: closed",
	[NOTE_WINDOW_INSIDE] = "not known: a window; assumed: as large as what is in it",
	[NOTE_RELEASED] = "a window was released, and nothing said of it since; taken as closed",
	[NOTE_WINDOW_OUTSIDE] = "a window is outside of those of the host bridge, left as it is",
	[NOTE_PREF_WIDTH] = "not known: width of the prefetchable window; assumed: 64 bits",
	[NOTE_PCIE] = "not known: PCIe or PCI; assumed: PCIe",
	[NOTE_HOTPLUG] = "not known: which bridges have a hot-plug slot",
	[NOTE_OUTSIDE] = "its address is outside of all windows; assumed: not assigned",
	[NOTE_NOT_LISTED] = "/proc/iomem lacks a BAR of it; taken as not assigned",
	[NOTE_SIZE] = "not known: size of a BAR, left out",
	[NOTE_INDEX] = "not known: number of a BAR; assumed: the next one",
	[NOTE_KIND] = "not known: kind of a BAR; assumed from its address",
	[NOTE_VF_REG] = "not known: register of a virtual functions' BAR; assumed: 0x184 on",
	[NOTE_RESIZE] = "a BAR could not be made larger; taken as wanted (--as-it-is)",
	[NOTE_CARD] = "assumed: a card of which only the window is known (--as-it-is)",
	[NOTE_OFFSET] = "bus addresses differ from CPU addresses by what its BARs tell",
	[NOTE_RESERVED] = "not known: what the firmware reserves",
	[NOTE_CONFIG] = "not known: config space beyond 64 bytes; are you root?",
	[NOTE_IOMEM] = "/proc/iomem or /proc/ioports was read without being root: no addresses",
	[NOTE_LOOSE] = "window of the host bridge taken from the words of the report",
	[NOTE_SECTION] = "sections about a good kernel or a wish were left out (--all-sections)",
	[NOTE_DIFF] = "lines of another kernel (// or -) were left out",
};

struct notes {
	struct {
		char (*name)[PMB_NAME_LEN];
		u32 nr;
		bool on;
	} of[NOTES];
	char **text;
	u32 nr_texts;
};

struct notes *notes_new(void)
{
	return pcibar_alloc(1, sizeof(struct notes));
}

void notes_free(struct notes *notes)
{
	u32 i;

	for (i = 0; i < NOTES; i++)
		free(notes->of[i].name);
	for (i = 0; i < notes->nr_texts; i++)
		free(notes->text[i]);
	free(notes->text);
	free(notes);
}

void note(struct builder *b, enum note what, const char *name)
{
	struct notes *notes = b->notes;
	u32 i, nr = notes->of[what].nr;

	notes->of[what].on = true;
	if (!name)
		return;
	for (i = 0; i < nr && i < NAMES_SHOWN; i++)
		if (!strcmp(notes->of[what].name[i], name))
			return;
	/* The same one twice in a row, far down, is not counted twice either. */
	if (nr && !strcmp(notes->of[what].name[nr - 1], name))
		return;
	notes->of[what].name = builder_room(notes->of[what].name, nr, PMB_NAME_LEN);
	pmb_name_set(notes->of[what].name[nr], name);
	notes->of[what].nr++;
}

void note_function(struct builder *b, enum note what, const struct function *f)
{
	char name[PMB_NAME_LEN];

	builder_name(f, name);
	note(b, what, name);
}

void note_text(struct builder *b, const char *format, ...)
{
	struct notes *notes = b->notes;
	va_list args;
	char *text;
	u32 i;

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		exit(pcibar_fail("no memory"));
	va_end(args);
	for (i = 0; i < notes->nr_texts; i++) {
		if (!strcmp(notes->text[i], text)) {
			free(text);
			return;
		}
	}
	notes->text = builder_room(notes->text, notes->nr_texts, sizeof(char *));
	notes->text[notes->nr_texts++] = text;
}

void notes_print(const struct notes *notes, FILE *to, const char *prefix)
{
	u32 i, n, nr;

	for (i = 0; i < NOTES; i++) {
		if (!notes->of[i].on)
			continue;
		nr = notes->of[i].nr;
		fprintf(to, "%s%s", prefix, texts[i]);
		for (n = 0; n < nr && n < NAMES_SHOWN; n++)
			fprintf(to, "%s%s", n ? ", " : ": ", notes->of[i].name[n]);
		if (nr > n)
			fprintf(to, " and %u more", nr - n);
		fputc('\n', to);
	}
	for (i = 0; i < notes->nr_texts; i++)
		fprintf(to, "%s%s\n", prefix, notes->text[i]);
}
