/*
 * Any text as a configuration file (first byte even) or as a user's models.json (odd): it must
 * be read or refused with a line, neither crash nor leak. Anchors are also written as JSON.
 */
#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "service/catalog_impl.h"
#include "service/config_impl.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_error(int rc, const struct ct_err *err)
{
	assert(rc == CT_ECONFIG && err->code == rc);
	assert(strncmp(err->msg, "f:", 2) == 0 && err->msg[2] >= '0' && err->msg[2] <= '9');
}

static void read_yaml(struct ct_arena *arena, struct ct_str text)
{
	struct ct_buf json = CT_BUF_INIT(4096);
	const struct ct_yaml *root;
	struct ct_err err = { 0 };
	int rc = ct_yaml_parse(arena, "f", text, &root, &err);

	if (rc == CT_OK)
		rc = ct_yaml_json(root, "f", &json, &err);
	if (rc != CT_OK)
		check_error(rc, &err);
	ct_buf_fini(&json);
}

static void read_config(struct ct_str text)
{
	struct ct_config config = { .path = CT_STR("f") };
	struct ct_err err = { 0 };
	int rc = ct_settings_default(&config, &err);

	if (rc == CT_OK)
		rc = ct_services_default(&config, &err);
	assert(rc == CT_OK);
	rc = ct_config_read_text(&config, text, &err);
	if (rc == CT_OK)
		rc = ct_services_finish(&config, &err);
	if (rc == CT_OK)
		rc = ct_settings_check(&config, &err);
	if (rc != CT_OK)
		check_error(rc, &err);
	ct_arena_fini(&config.arena);
}

static struct ct_catalog *new_catalog(void)
{
	struct ct_catalog *catalog = calloc(1, sizeof(*catalog));

	assert(catalog != NULL);
	memcpy(catalog->today, "2026-11-20", sizeof(catalog->today));
	return catalog;
}

/* As a user's file, and as what is compiled in, which is read when it is asked for. */
static void read_models(struct ct_arena *arena, struct ct_str text)
{
	struct ct_catalog *user = new_catalog(), *ours = new_catalog();
	struct ct_err err = { 0 };
	int rc = ct_catalog_read(user, "f", ct_arena_dup(arena, text), &err);

	if (rc != CT_OK)
		check_error(rc, &err);
	ct_catalog_scan(ours, text, &err);
	for (size_t i = 0; i < ct_catalog_count(ours); i++)
		assert(ct_catalog_at(ours, i)->id.len > 0);
	ct_catalog_destroy(user);
	ct_catalog_destroy(ours);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ct_arena arena = { 0 };
	struct ct_str text = { (const char *)data + 1, size - (size > 0) };

	if (size == 0)
		return 0;
	if (data[0] % 2 != 0) {
		read_models(&arena, text);
	} else {
		read_yaml(&arena, text);
		read_config(text);
	}
	ct_arena_fini(&arena);
	return 0;
}
