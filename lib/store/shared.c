#include "store/shared.h"

#include <string.h>

#include "store/db.h"

static struct ct_time time_at(sqlite3_stmt *stmt, int column)
{
	return (struct ct_time){
		.wall_ms = sqlite3_column_int64(stmt, column),
		.boot_ms = sqlite3_column_int64(stmt, column + 1),
		.boot = sqlite3_column_int64(stmt, column + 2),
	};
}

static void bind_time(sqlite3_stmt *stmt, int at, struct ct_time time)
{
	sqlite3_bind_int64(stmt, at, time.wall_ms);
	sqlite3_bind_int64(stmt, at + 1, time.boot_ms);
	sqlite3_bind_int64(stmt, at + 2, time.boot);
}

/* Another tool may have written anything: an unknown state is closed. */
static enum ct_circuit_state state_of(int64_t number)
{
	return number == CT_CIRCUIT_OPEN || number == CT_CIRCUIT_HALF_OPEN
		       ? (enum ct_circuit_state)number
		       : CT_CIRCUIT_CLOSED;
}

/* Cut between characters where it does not fit. */
static void copy_error(char *out, size_t size, struct ct_str text)
{
	size_t len = text.len < size ? text.len : size - 1;

	while (len > 0 && len < text.len && ((unsigned char)text.ptr[len] & 0xC0) == 0x80)
		len--;
	if (len > 0)
		memcpy(out, text.ptr, len);
	out[len] = '\0';
}

static void read_circuit(sqlite3_stmt *stmt, struct ct_circuit *out)
{
	out->state = state_of(sqlite3_column_int64(stmt, 0));
	out->failures = sqlite3_column_int64(stmt, 1);
	out->last_failure = time_at(stmt, 2);
	out->opened_at = time_at(stmt, 5);
	out->retry_at = time_at(stmt, 8);
	out->resting_until = time_at(stmt, 11);
	out->cooldown_ms = sqlite3_column_int64(stmt, 14);
	out->probe = (struct ct_process){
		.pid = sqlite3_column_int64(stmt, 15),
		.started = sqlite3_column_int64(stmt, 16),
		.pid_ns = sqlite3_column_int64(stmt, 17),
		.boot = sqlite3_column_int64(stmt, 18),
	};
	copy_error(out->last_error, sizeof(out->last_error), ct_db_str(stmt, 19));
}

#define COLUMNS \
	"state,failures,failure_wall,failure_boot_ms,failure_boot,opened_wall," \
	"opened_boot_ms,opened_boot,retry_wall,retry_boot_ms,retry_boot,resting_wall," \
	"resting_boot_ms,resting_boot,cooldown_ms,probe_pid,probe_started,probe_pid_ns," \
	"probe_boot,last_error"

static const char load_sql[] =
	"SELECT " COLUMNS " FROM provider_circuits WHERE provider=?1";

int ct_circuit_load(struct ct_store *store, const char *provider, struct ct_circuit *out,
		    struct ct_err *err)
{
	sqlite3_stmt *stmt;
	int rc = ct_db_statement(store, load_sql, &stmt, err);

	*out = (struct ct_circuit){ 0 };
	if (rc != CT_OK)
		return rc;
	ct_db_bind(stmt, 1, ct_str(provider));
	int code = sqlite3_step(stmt);
	if (code == SQLITE_ROW)
		read_circuit(stmt, out);
	else if (code != SQLITE_DONE)
		rc = ct_db_fail(store, "read", err);
	sqlite3_reset(stmt);
	return rc;
}

static void bind_circuit(sqlite3_stmt *stmt, const struct ct_circuit *circuit)
{
	const char *error = circuit->last_error;

	sqlite3_bind_int(stmt, 2, (int)circuit->state);
	sqlite3_bind_int64(stmt, 3, circuit->failures);
	bind_time(stmt, 4, circuit->last_failure);
	bind_time(stmt, 7, circuit->opened_at);
	bind_time(stmt, 10, circuit->retry_at);
	bind_time(stmt, 13, circuit->resting_until);
	sqlite3_bind_int64(stmt, 16, circuit->cooldown_ms);
	sqlite3_bind_int64(stmt, 17, circuit->probe.pid);
	sqlite3_bind_int64(stmt, 18, circuit->probe.started);
	sqlite3_bind_int64(stmt, 19, circuit->probe.pid_ns);
	sqlite3_bind_int64(stmt, 20, circuit->probe.boot);
	ct_db_bind(stmt, 21,
		   (struct ct_str){ error, strnlen(error, sizeof(circuit->last_error)) });
}

int ct_circuit_save(struct ct_store *store, const char *provider,
		    const struct ct_circuit *circuit, struct ct_err *err)
{
	static const char sql[] =
		"REPLACE INTO provider_circuits(provider," COLUMNS
		")VALUES(?1,?2,?3,?4,?5,?6,?7,"
		"?8,?9,?10,?11,?12,?13,?14,?15,?16,?17,?18,?19,?20,?21)";
	sqlite3_stmt *stmt;
	bool own;

	int rc = ct_db_enter(store, &own, err);
	if (rc != CT_OK)
		return rc;
	rc = ct_db_statement(store, sql, &stmt, err);
	if (rc == CT_OK) {
		ct_db_bind(stmt, 1, ct_str(provider));
		bind_circuit(stmt, circuit);
		rc = ct_db_run(store, stmt, err);
	}
	return ct_db_leave(store, own, rc, err);
}

int ct_circuit_forget(struct ct_store *store, const char *provider, struct ct_err *err)
{
	static const char sql[] =
		"DELETE FROM provider_circuits WHERE ?1 IS NULL OR provider=?1";

	return ct_db_change(store, sql, ct_str(provider), err);
}

void ct_circuit_warm(struct ct_store *store)
{
	ct_db_warm(store, (const char *const[]){ load_sql, NULL });
}
