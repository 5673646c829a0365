/* The sums of a stream: how long first tokens took, and what lay between the others. */
#include "base/clock.h"
#include "service/stream_impl.h"

static const double shares[] = { 0.5, 0.95, 0.99 };
static const char *const names[] = { "p50", "p95", "p99" };

void ct_stream_note_token(struct ct_session *session, int64_t now_us)
{
	struct ct_stream *stream = session->stream;

	stream->result.counts.tokens++;
	if (session->last_token_us == 0)
		ct_histogram_add(&stream->first_token, (now_us - session->began_us) / 1000);
	else
		ct_histogram_add(&stream->inter_token, now_us - session->last_token_us);
	session->last_token_us = now_us;
}

/* unit: how many of the histogram's are a millisecond. */
static void write_percentiles(struct ct_jw *jw, const char *key,
			      const struct ct_histogram *histogram, int unit)
{
	ct_jw_key(jw, key);
	ct_jw_object(jw);
	for (size_t i = 0; i < CT_COUNT(shares); i++) {
		int64_t value = ct_histogram_percentile(histogram, shares[i]);
		ct_jw_key(jw, names[i]);
		if (value < 0)
			ct_jw_null(jw);
		else
			ct_jw_num(jw, (double)value / unit);
	}
	ct_jw_end_object(jw);
}

void ct_stream_show_metrics(struct ct_stream *stream)
{
	const struct ct_stream_counts *c = &stream->result.counts;
	double seconds = (double)(ct_clock_us() - stream->began_us) / 1e6;
	CT_CLEANUP(ct_buf_fini) struct ct_buf body = CT_BUF_INIT(4096);
	struct ct_jw jw = ct_jw(&body);

	ct_jw_object(&jw);
	ct_jw_member_int(&jw, "sessions", c->completed + c->failed);
	ct_jw_member_int(&jw, "completed", c->completed);
	ct_jw_member_int(&jw, "failed", c->failed);
	ct_jw_member_int(&jw, "skipped", c->skipped);
	ct_jw_member_int(&jw, "tokens", c->tokens);
	ct_jw_key(&jw, "tokens_per_second");
	ct_jw_num(&jw, seconds > 0 ? (double)c->tokens / seconds : 0);
	ct_jw_member_int(&jw, "duration_ms", (int64_t)(seconds * 1000));
	write_percentiles(&jw, "first_token_ms", &stream->first_token, 1);
	write_percentiles(&jw, "inter_token_ms", &stream->inter_token, 1000);
	ct_jw_end_object(&jw);
	ct_stream_show_other(stream, (struct ct_str){ NULL, 0 }, (struct ct_str){ NULL, 0 },
			     CT_STREAM_METRICS, ct_buf_str(&body));
}
