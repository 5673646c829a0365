/* The score card, as a table or as one JSON document. */
#include <stdio.h>

#include "faults.h"

static const struct ct_column columns[] = {
	{ .title = "RESULT" },
	{ .title = "PROTOCOL" },
	{ .title = "THE PROVIDER", .shrink = true },
	{ .title = "EXPECTED", .shrink = true },
	{ .title = "HAPPENED", .shrink = true, .optional = 1 },
};

void ct_fault_card_begin(struct ct_fault_card *card, struct ct_out *out)
{
	*card = (struct ct_fault_card){ .out = out, .text = CT_BUF_INIT(16 << 20) };
	if (!out->json) {
		card->table = ct_table_create(columns, CT_COUNT(columns));
		return;
	}
	card->jw = ct_jw(&card->text);
	ct_jw_object(&card->jw);
	ct_jw_key(&card->jw, "rows");
	ct_jw_array(&card->jw);
}

static void add_json(struct ct_jw *jw, const struct ct_fault_result *r)
{
	ct_jw_object(jw);
	ct_jw_member(jw, "fault", ct_str(r->row->does));
	ct_jw_member(jw, "protocol", ct_str(r->protocol->name));
	ct_jw_member(jw, "plan", ct_str(r->row->plan));
	ct_jw_member(jw, "expected", ct_str(r->row->expected));
	ct_jw_member(jw, "happened", ct_str(r->happened));
	ct_jw_member_bool(jw, "pass", r->pass);
	ct_jw_member_int(jw, "duration_ms", r->ms);
	ct_jw_end_object(jw);
}

void ct_fault_card_add(struct ct_fault_card *card, const struct ct_fault_result *r)
{
	card->passed += r->pass;
	card->failed += !r->pass;
	if (card->out->json) {
		add_json(&card->jw, r);
		return;
	}
	ct_table_cell_color(card->table, r->pass ? "32" : "31", "%s", r->pass ? "pass" : "FAIL");
	ct_table_cell(card->table, "%s", r->protocol->name);
	ct_table_cell(card->table, "%s", r->row->does);
	ct_table_cell(card->table, "%s", r->row->expected);
	ct_table_cell(card->table, "%s", r->happened);
}

void ct_fault_card_print(struct ct_fault_card *card)
{
	if (card->out->json) {
		ct_jw_end_array(&card->jw);
		ct_jw_member_int(&card->jw, "passed", (int64_t)card->passed);
		ct_jw_member_int(&card->jw, "failed", (int64_t)card->failed);
		ct_jw_end_object(&card->jw);
		ct_out_json(card->out, &card->text);
		return;
	}
	ct_table_print(card->table, card->out);
	card->table = NULL;
	ct_out_printf(card->out, "\n%zu passed, %zu failed\n", card->passed, card->failed);
}

void ct_fault_card_fini(struct ct_fault_card *card)
{
	ct_table_destroy(card->table);
	ct_buf_fini(&card->text);
}
