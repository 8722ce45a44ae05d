// SPDX-License-Identifier: GPL-2.0
/*
 * pcibar kunit: a layout as a KUnit suite for drivers/pci/movable.
 *
 * Two cases: the planner says what it says here, and the engine does it on the
 * mock host. What the mock host cannot be is told in the head of the file.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include "kunit_place.h"
#include "text.h"

static const char help[] =
"usage: pcibar kunit LAYOUT [--name NAME] [--host HOST] [--relaxed-pref] [-o FILE]\n"
"\n"
"Prints a KUnit suite in C with which the case is planned and carried out on the\n"
"mock host of drivers/pci/movable. Something in LAYOUT has to be wanted: see\n"
"pcibar plan --layout.\n"
"\n"
"  --name NAME     of the suite and the file; default: case\n"
"  --host HOST     host bridge, where there are several; default: the first one with\n"
"                  something wanted\n"
"  --relaxed-pref  for the planner's case: 64-bit BARs may use prefetchable windows\n"
"  -o FILE         write there instead of standard output\n";

struct kunit {
	FILE *to;
	const char *name;
	const struct pmb_layout *layout;	/* of one host bridge */
	const struct pmb_plan *plan;
	char *moved;		/* functions that are elsewhere there */
	bool relaxed;
	u32 lines;
};

/* One line of the layout, as a string of C. */
static void put_line(void *data, const char *line)
{
	struct kunit *k = data;

	if (k->lines++)
		fputc('\n', k->to);
	fputs("\t\"", k->to);
	for (; *line; line++) {
		if (*line == '"' || *line == '\\')
			fputc('\\', k->to);
		fputc(*line, k->to);
	}
	fputs("\\n\"", k->to);
}

/* What the mock host leaves out or has in another way. */
static void put_differences(struct kunit *k)
{
	const struct pmb_layout *l = k->layout;
	char *list = pcibar_print("%s", "");
	u32 i;

	for (i = 0; i < l->nr_bars; i++) {
		const struct pmb_bar *bar = &l->bars[i];
		const char *why = NULL, *name = l->devs[bar->dev].name;
		char *more;

		if (!strncmp(name, "reserved", 8))
			why = "a reservation of firmware, left out";
		else if (bar->res > 6)
			why = "a BAR of virtual functions, left out";
		else if (bar->size & (bar->size - 1))
			why = "its size is no power of two, left out";
		else if (bar->why && l->devs[bar->dev].way != PMB_WAY_NEVER)
			why = "fixed, but may move there";
		if (!why)
			continue;
		more = pcibar_print("%s *\t%s BAR %u: %s\n", list, name, bar->res, why);
		free(list);
		list = more;
	}
	if (*list || l->nr_holes || *k->moved)
		fprintf(k->to, " *\n * The mock host differs in:\n%s%s", k->moved, list);
	if (l->nr_holes)
		fprintf(k->to, " *\tthe %u reserved ranges, which the engine does not know of\n",
			l->nr_holes);
	free(list);
}

static void put_head(struct kunit *k)
{
	fprintf(k->to,
		"// SPDX\x2dLicense-Identifier: GPL-2.0\n"
		"/*\n"
		" * A case, made by pcibar kunit. To run it, copy it to\n"
		" * drivers/pci/movable/%s_kunit.c, add to the Makefile there\n"
		" *	pci_movable_kunit-y += %s_kunit.o\n"
		" * and run tools/testing/pci_movable/kunit/run.sh 'pci_movable_%s'.\n"
		" *\n"
		" * Stock assignment comes first on the mock host, as on a machine; bus numbers are\n"
		" * handed out anew. The suite skips where the root windows are in use.\n",
		k->name, k->name, k->name);
	put_differences(k);
	fputs(" */\n"
	      "#include <kunit/test.h>\n"
	      "#include <linux/pci.h>\n"
	      "\n"
	      "#include \"mock_driver.h\"\n"
	      "#include \"mock_host.h\"\n"
	      "#include \"plan.h\"\n"
	      "#include \"text.h\"\n"
	      "#include \"verify.h\"\n"
	      "\n"
	      "static const char text[] =\n", k->to);
	pmb_text_write(k->layout, put_line, k);
	fputs(";\n\n"
	      "static void free_layout(void *layout)\n"
	      "{\n"
	      "\tpmb_layout_free(layout);\n"
	      "}\n"
	      "\n"
	      "static void free_plan(void *plan)\n"
	      "{\n"
	      "\tpmb_plan_free(plan);\n"
	      "}\n"
	      "\n"
	      "static struct pmb_layout *the_layout(struct kunit *test)\n"
	      "{\n"
	      "\tstruct pmb_text_error error = { };\n"
	      "\tstruct pmb_layout *layout = pmb_text_read(text, sizeof(text) - 1, &error);\n"
	      "\n"
	      "\tKUNIT_ASSERT_NOT_NULL_MSG(test, layout, \"line %u, column %u: %s\", error.line,\n"
	      "\t\t\t\t  error.column, error.why);\n"
	      "\tKUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, free_layout, layout));\n"
	      "\treturn layout;\n"
	      "}\n\n", k->to);
}

static bool placed_by_plan(const struct kunit *k, u32 bar)
{
	return (k->layout->bars[bar].flags & PMB_BAR_WANTED) && k->plan->bar[bar].size;
}

static void put_planner(struct kunit *k)
{
	const struct pmb_plan *p = k->plan;
	u32 i;

	fprintf(k->to,
		"static void planner(struct kunit *test)\n"
		"{\n"
		"\tstatic const struct pmb_options options = { .relaxed_pref = %s };\n"
		"\tstruct pmb_layout *layout = the_layout(test);\n"
		"\tstruct pmb_plan *plan = pmb_plan_alloc(layout);\n"
		"\tchar why[128] = \"\";\n"
		"\n"
		"\tKUNIT_ASSERT_NOT_NULL(test, plan);\n"
		"\tKUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, free_plan, plan));\n"
		"\tKUNIT_EXPECT_EQ(test, pmb_plan_make(layout, &options, plan), %s);\n"
		"\tKUNIT_EXPECT_EQ_MSG(test, pmb_verify(layout, &options, plan, why, sizeof(why)), 0,\n"
		"\t\t\t    \"%%s\", why);\n"
		"\tKUNIT_EXPECT_STREQ(test, pmb_verdict_key(plan->verdict), \"%s\");\n"
		"\tKUNIT_EXPECT_EQ(test, plan->bars_placed, %u);\n"
		"\tKUNIT_EXPECT_EQ(test, plan->unplaced, %u);\n"
		"\tKUNIT_EXPECT_EQ(test, plan->cost, %lluULL);\n",
		k->relaxed ? "true" : "false",
		p->verdict == PMB_PLAN_COMPLETE || p->verdict == PMB_PLAN_PARTIAL ? "0" : "-ENOSPC",
		pmb_verdict_key(p->verdict), p->bars_placed, p->unplaced, p->cost);
	for (i = 0; i < p->nr_bars; i++) {
		if (!placed_by_plan(k, i))
			continue;
		fprintf(k->to, "\t/* %s BAR %u */\n"
			"\tKUNIT_EXPECT_GT(test, plan->bar[%u].size, 0);\n",
			k->layout->devs[k->layout->bars[i].dev].name, k->layout->bars[i].res, i);
	}
	fputs("}\n\n", k->to);
}

/* Stock assignment may do better than nothing, never worse than the plan. */
static void put_engine(struct kunit *k)
{
	u32 i;

	fputs("static void engine(struct kunit *test)\n"
	      "{\n"
	      "\tstruct pmb_layout *layout = the_layout(test);\n"
	      "\tstruct mock_host *host;\n"
	      "\tchar why[160] = \"\";\n"
	      "\tu32 from;\n"
	      "\n"
	      "\tmock_drivers_register(test);\n"
	      "\thost = mock_host_from_layout(test, layout);\n"
	      "\tfrom = host->nr_writes;\n"
	      "\tmock_rescan(host);\n"
	      "\n", k->to);
	for (i = 0; i < k->layout->nr_bars; i++) {
		const struct pmb_bar *bar = &k->layout->bars[i];

		/* What a fixed VF BAR and the like would have blocked is unknown. */
		if (k->relaxed || !placed_by_plan(k, i) || bar->res > 6 ||
		    (bar->flags & PMB_BAR_OPTIONAL))
			continue;
		fprintf(k->to, "\t/* %s BAR %u */\n"
			"\tKUNIT_EXPECT_NOT_NULL(test, mock_bar_res(host, %u, %u)->parent);\n",
			k->layout->devs[bar->dev].name, bar->res, bar->dev, bar->res);
	}
	fputs("\tKUNIT_EXPECT_TRUE_MSG(test, mock_check_decode(host, why, sizeof(why)),\n"
	      "\t\t\t      \"%s\", why);\n"
	      "\tKUNIT_EXPECT_TRUE_MSG(test, mock_check_core(host, why, sizeof(why)),\n"
	      "\t\t\t      \"%s\", why);\n"
	      "\tKUNIT_EXPECT_TRUE_MSG(test, mock_check_writes(host, from, why, sizeof(why)),\n"
	      "\t\t\t      \"%s\", why);\n"
	      "}\n\n", k->to);
}

static void put_suite(struct kunit *k)
{
	fprintf(k->to,
		"static struct kunit_case cases[] = {\n"
		"\tKUNIT_CASE(planner),\n"
		"\tKUNIT_CASE(engine),\n"
		"\t{ }\n"
		"};\n"
		"\n"
		"static struct kunit_suite suite = {\n"
		"\t.name = \"pci_movable_%s\",\n"
		"\t.test_cases = cases,\n"
		"};\n"
		"\n"
		"kunit_test_suite(suite);\n", k->name);
}

/* A name that can be in the name of a file and of a suite. */
static bool good_name(const char *name)
{
	const char *p;

	for (p = name; *p; p++)
		if (!isalnum((unsigned char)*p) && *p != '_')
			return false;
	return *name;
}

static int write_suite(struct kunit *k, const char *path)
{
	k->to = pcibar_create(path);
	if (!k->to)
		return PCIBAR_BAD;
	put_head(k);
	put_planner(k);
	put_engine(k);
	put_suite(k);
	return pcibar_close(k->to, path);
}

static const struct option options[] = {
	{ "help", no_argument, NULL, 'h' },
	{ "name", required_argument, NULL, 'n' },
	{ "host", required_argument, NULL, 'H' },
	{ "relaxed-pref", no_argument, NULL, 'r' },
	{ "output", required_argument, NULL, 'o' },
	{ }
};

int cmd_kunit(int argc, char **argv)
{
	const char *path = "-", *host = NULL;
	struct kunit k = { .name = "case" };
	struct pmb_options opt = { };
	struct pmb_layout *all, *one;
	struct pmb_plan *plan = NULL;
	int o, status;

	while ((o = pcibar_option(argc, argv, options, help, &status)) != -1) {
		switch (o) {
		case 'n':
			k.name = optarg;
			break;
		case 'H':
			host = optarg;
			break;
		case 'r':
			k.relaxed = true;
			break;
		case 'o':
			path = optarg;
			break;
		default:
			return status;
		}
	}
	if (!good_name(k.name))
		return pcibar_fail("kunit: --name: letters, digits and _ only, not %s", k.name);
	all = pcibar_argument(argc, argv);
	if (!all)
		return PCIBAR_BAD;
	one = pcibar_one_host(all, host);
	pmb_layout_free(all);
	status = PCIBAR_BAD;
	if (one && !pcibar_wants(one)) {
		pcibar_fail("kunit: nothing is wanted in this layout; see pcibar plan --layout");
	} else if (one) {
		kunit_place(one, &k.moved);
		opt.relaxed_pref = k.relaxed;
		plan = pcibar_plan(one, &opt);
		k.layout = one;
		k.plan = plan;
		status = plan ? write_suite(&k, path) : PCIBAR_BAD;
	}
	pmb_plan_free(plan);
	pmb_layout_free(one);
	free(k.moved);
	return status;
}
