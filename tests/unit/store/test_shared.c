#include "base/defs.h"
#include "temp_store.h"

TestSuite(shared, .init = make_temp, .fini = remove_temp);

Test(shared, answers_zeros_for_a_provider_without_history)
{
	struct ct_store *store = open_store(CT_STORE_WRITE);
	struct ct_circuit zeros = { 0 }, circuit;

	memset(&circuit, 0xAA, sizeof(circuit));
	cr_assert_eq(ct_circuit_load(store, "claude", &circuit, NULL), CT_OK);
	cr_assert_eq(memcmp(&circuit, &zeros, sizeof(zeros)), 0);
	ct_store_close(store);
}

static const struct ct_circuit whole = {
	.state = CT_CIRCUIT_HALF_OPEN,
	.failures = 7,
	.last_failure = { 1, 2, 3 },
	.opened_at = { 4, 5, 6 },
	.retry_at = { 7, 8, INT64_MAX },
	.resting_until = { 10, -11, 12 },
	.cooldown_ms = 60000,
	.probe = { 13, 14, 15, 16 },
	.last_error = "503: \xC3\xBC"
		      "berlastet",
};

static bool is_same(const struct ct_circuit *a, const struct ct_circuit *b)
{
	return a->state == b->state && a->failures == b->failures &&
	       memcmp(&a->last_failure, &b->last_failure, sizeof(a->last_failure)) == 0 &&
	       memcmp(&a->opened_at, &b->opened_at, sizeof(a->opened_at)) == 0 &&
	       memcmp(&a->retry_at, &b->retry_at, sizeof(a->retry_at)) == 0 &&
	       memcmp(&a->resting_until, &b->resting_until, sizeof(a->resting_until)) ==
		       0 &&
	       a->cooldown_ms == b->cooldown_ms &&
	       memcmp(&a->probe, &b->probe, sizeof(a->probe)) == 0 &&
	       strcmp(a->last_error, b->last_error) == 0;
}

Test(shared, brings_back_every_member_to_another_process)
{
	struct ct_store *store = open_store(CT_STORE_WRITE),
			*other = open_store(CT_STORE_READ);
	struct ct_circuit circuit;

	cr_assert_eq(ct_circuit_save(store, "claude", &whole, NULL), CT_OK);
	cr_assert_eq(ct_circuit_load(other, "claude", &circuit, NULL), CT_OK);
	cr_assert(is_same(&circuit, &whole));
	circuit.failures = 8;
	cr_assert_eq(ct_circuit_save(store, "claude", &circuit, NULL), CT_OK);
	cr_assert_eq(ct_circuit_load(other, "claude", &circuit, NULL), CT_OK);
	cr_assert_eq(circuit.failures, 8);
	ct_store_close(other);
	ct_store_close(store);
}

Test(shared, forgets_one_or_all)
{
	static const char *const names[] = { "claude", "gemini", "openai" };
	struct ct_store *store = open_store(CT_STORE_WRITE);

	for (size_t i = 0; i < CT_COUNT(names); i++)
		cr_assert_eq(ct_circuit_save(store, names[i], &whole, NULL), CT_OK);
	cr_assert_eq(ct_circuit_forget(store, "gemini", NULL), CT_OK);
	cr_assert_eq(ask(store, "SELECT count(*) FROM provider_circuits"), 2);
	cr_assert_eq(ct_circuit_forget(store, "nobody", NULL), CT_OK);
	cr_assert_eq(ask(store, "SELECT count(*) FROM provider_circuits"), 2);
	cr_assert_eq(ct_circuit_forget(store, NULL, NULL), CT_OK);
	cr_assert_eq(ask(store, "SELECT count(*) FROM provider_circuits"), 0);
	ct_store_close(store);
}

Test(shared, takes_what_another_tool_wrote_without_harm)
{
	struct ct_store *store = open_store(CT_STORE_WRITE);
	struct ct_circuit circuit;

	/* 200 times a character of two bytes does not fit; a state that does not exist */
	run(store,
	    "INSERT INTO provider_circuits(provider,state,failures,last_error)VALUES("
	    "'claude',77,'many',replace(hex(zeroblob(100)),'0',char(252)))");
	cr_assert_eq(ct_circuit_load(store, "claude", &circuit, NULL), CT_OK);
	cr_assert_eq(circuit.state, CT_CIRCUIT_CLOSED);
	cr_assert_eq(circuit.failures, 0);
	cr_assert_eq(strlen(circuit.last_error), 254);
	ct_store_close(store);
}
