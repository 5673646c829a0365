#include "net/ws_handshake.h"

#include <ctype.h>

#include "base/uuid.h"
#include "codec/base64.h"
#include "codec/sha1.h"

/* RFC 6455 section 1.3: so that what answers with it knows the protocol. */
static const char guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

static void encode(struct ct_str bytes, char *out, size_t size)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf text = CT_BUF_INIT(64);

	ct_base64_encode(bytes, &text);
	memset(out, 0, size);
	memcpy(out, text.ptr, text.len < size ? text.len : size - 1);
}

void ct_ws_key(char out[CT_WS_KEY_SIZE])
{
	char nonce[16];

	ct_random(nonce, sizeof(nonce));
	encode((struct ct_str){ nonce, sizeof(nonce) }, out, CT_WS_KEY_SIZE);
}

void ct_ws_accept_key(char out[CT_WS_ACCEPT_SIZE], struct ct_str key)
{
	unsigned char digest[CT_SHA1_SIZE];
	char text[CT_WS_KEY_SIZE + sizeof(guid)];
	size_t len = key.len < CT_WS_KEY_SIZE ? key.len : CT_WS_KEY_SIZE;

	if (len > 0)
		memcpy(text, key.ptr, len);
	memcpy(text + len, guid, sizeof(guid) - 1);
	ct_sha1(digest, (struct ct_str){ text, len + sizeof(guid) - 1 });
	encode((struct ct_str){ (const char *)digest, sizeof(digest) }, out,
	       CT_WS_ACCEPT_SIZE);
}

/* "HTTP/1.1 101 Switching": 0 for anything that is no status line of HTTP/1. */
static int read_status(struct ct_str line)
{
	struct ct_str rest = ct_str_from(line, sizeof("HTTP/1.1 ") - 1);

	if ((!ct_str_starts(line, "HTTP/1.1 ") && !ct_str_starts(line, "HTTP/1.0 ")) ||
	    rest.len < 3 || (rest.len > 3 && rest.ptr[3] != ' '))
		return 0;
	for (int i = 0; i < 3; i++)
		if (!isdigit((unsigned char)rest.ptr[i]))
			return 0;
	return (rest.ptr[0] - '0') * 100 + (rest.ptr[1] - '0') * 10 + rest.ptr[2] - '0';
}

/* The next line of text without its end; text moves behind it. False: it has no end yet. */
static bool take_line(struct ct_str *text, struct ct_str *line)
{
	const char *end = text->len > 0 ? memchr(text->ptr, '\n', text->len) : NULL;

	if (end == NULL)
		return false;
	*line = (struct ct_str){ text->ptr, (size_t)(end - text->ptr) };
	*text = ct_str_from(*text, line->len + 1);
	if (line->len > 0 && line->ptr[line->len - 1] == '\r')
		line->len--;
	return true;
}

static void add_field(struct ct_headers *headers, struct ct_str line)
{
	const char *colon = memchr(line.ptr, ':', line.len);
	struct ct_str name;

	/* what has no name, or a blank in it, is no field: RFC 9112 section 5.1 */
	if (colon == NULL || colon == line.ptr || isspace((unsigned char)colon[-1]) ||
	    isspace((unsigned char)line.ptr[0]))
		return;
	name = (struct ct_str){ line.ptr, (size_t)(colon - line.ptr) };
	ct_headers_add(headers, name, ct_str_trim(ct_str_from(line, name.len + 1)));
}

static bool fail(int *code, struct ct_err *err, const char *why)
{
	*code = ct_fail(err, CT_EPROTO, "the answer to the WebSocket handshake %s", why);
	return false;
}

/* One head, from its status line to its blank line. False: not whole, or none (*code). */
static bool read_head(struct ct_str *text, struct ct_arena *arena, struct ct_ws_answer *out,
		      int *code, struct ct_err *err)
{
	struct ct_str line, rest = *text;

	if (!take_line(&rest, &line))
		return false;
	out->status = read_status(line);
	if (out->status < 100)
		return fail(code, err, "is no HTTP/1.1");
	out->headers = ct_arena_alloc(arena, sizeof(*out->headers));
	if (out->headers == NULL) {
		*code = ct_fail(err, CT_ENOMEM, "out of memory");
		return false;
	}
	out->headers->arena = arena;
	do {
		if (!take_line(&rest, &line))
			return false;
		if (line.len > 0)
			add_field(out->headers, line);
	} while (line.len > 0);
	*text = rest;
	return true;
}

static bool ends_a_head(struct ct_str bytes)
{
	return ct_str_has(bytes, "\n\r\n") || ct_str_has(bytes, "\n\n");
}

bool ct_ws_answer_read(struct ct_str bytes, struct ct_arena *arena, struct ct_ws_answer *out,
		       int *code, struct ct_err *err)
{
	struct ct_str text = bytes, length;

	*code = CT_OK;
	*out = (struct ct_ws_answer){ .length = -1 };
	/* what answers with something else than HTTP may never send a line end */
	if (bytes.len > 0 && memcmp(bytes.ptr, "HTTP/1.", bytes.len < 7 ? bytes.len : 7) != 0)
		return fail(code, err, "is no HTTP/1.1");
	if (!ends_a_head(bytes))
		return bytes.len < CT_WS_HEAD_MAX ? false : fail(code, err, "has no end");
	do {
		if (!read_head(&text, arena, out, code, err))
			return false;
	} while (out->status < 200 && out->status != 101);
	out->head_bytes = bytes.len - text.len;
	out->chunked = ct_str_is_nocase(
		ct_headers_get(out->headers, "Transfer-Encoding"), "chunked");
	length = ct_headers_get(out->headers, "Content-Length");
	if (!ct_str_int(length, &out->length) || out->length < 0)
		out->length = -1;
	if (out->status == 204 || out->status == 304)
		out->length = 0;
	return true;
}

/* Is word one of a list "keep-alive, Upgrade"? */
static bool lists(struct ct_str list, const char *word)
{
	while (list.len > 0) {
		const char *comma = memchr(list.ptr, ',', list.len);
		size_t len = comma ? (size_t)(comma - list.ptr) : list.len;

		if (ct_str_is_nocase(ct_str_trim((struct ct_str){ list.ptr, len }), word))
			return true;
		list = ct_str_from(list, len + 1);
	}
	return false;
}

int ct_ws_answer_check(const struct ct_ws_answer *answer, const char *key, struct ct_err *err)
{
	char accept[CT_WS_ACCEPT_SIZE];
	int code = CT_OK;

	ct_ws_accept_key(accept, ct_str(key));
	if (!lists(ct_headers_get(answer->headers, "Upgrade"), "websocket"))
		fail(&code, err, "has no \"Upgrade: websocket\"");
	else if (!lists(ct_headers_get(answer->headers, "Connection"), "upgrade"))
		fail(&code, err, "has no \"Connection: Upgrade\"");
	else if (!ct_str_is(ct_headers_get(answer->headers, "Sec-WebSocket-Accept"), accept))
		fail(&code, err, "is to another key than ours (Sec-WebSocket-Accept)");
	else if (ct_headers_get(answer->headers, "Sec-WebSocket-Extensions").len > 0)
		fail(&code, err, "has an extension that was not asked for");
	else if (ct_headers_get(answer->headers, "Sec-WebSocket-Protocol").len > 0)
		fail(&code, err, "has a subprotocol that was not asked for");
	return code;
}

/* The size of a chunk, hexadecimal, perhaps with an extension; -1: none. */
static int64_t read_size(struct ct_str line)
{
	int64_t size = 0;
	size_t i = 0;

	for (; i < line.len && isxdigit((unsigned char)line.ptr[i]); i++) {
		int c = tolower((unsigned char)line.ptr[i]);
		size = size * 16 + (isdigit(c) ? c - '0' : c - 'a' + 10);
		if (size > CT_WS_BODY_MAX)
			return CT_WS_BODY_MAX;
	}
	return i == 0 ? -1 : size;
}

static bool add_chunks(struct ct_str bytes, struct ct_buf *out)
{
	struct ct_str line;

	while (take_line(&bytes, &line)) {
		int64_t size = read_size(line);
		size_t n = size < (int64_t)bytes.len ? (size_t)size : bytes.len;

		if (size <= 0)
			return true; /* the end, or nothing that we could read on from */
		ct_buf_append(out, bytes.ptr, n);
		bytes = ct_str_from(bytes, n);
		if (out->len >= CT_WS_BODY_MAX)
			return true;
		if ((int64_t)n < size || !take_line(&bytes, &line))
			return false;
	}
	return false;
}

bool ct_ws_answer_body(const struct ct_ws_answer *answer, struct ct_str bytes,
		       struct ct_buf *out)
{
	ct_buf_clear(out);
	if (bytes.len > CT_WS_BODY_MAX)
		bytes.len = CT_WS_BODY_MAX;
	if (answer->chunked)
		return add_chunks(bytes, out) || bytes.len == CT_WS_BODY_MAX;
	if (answer->length >= 0 && (int64_t)bytes.len > answer->length)
		bytes.len = (size_t)answer->length;
	ct_buf_add(out, bytes);
	return bytes.len == CT_WS_BODY_MAX || (int64_t)bytes.len == answer->length;
}

static int refuse(struct ct_err *err, int status, const char *why)
{
	int code = ct_fail(err, CT_EINVALID, "no WebSocket handshake: %s", why);

	if (err != NULL)
		err->status = status;
	return code;
}

static bool is_key(struct ct_str key)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf nonce = CT_BUF_INIT(32);

	return key.len == CT_WS_KEY_SIZE - 1 &&
	       ct_base64_decode(key, &nonce, NULL) == CT_OK && nonce.len == 16;
}

int ct_ws_request_check(const struct ct_server_request *request, struct ct_str *key,
			struct ct_err *err)
{
	const struct ct_headers *headers = request->headers;

	*key = ct_headers_get(headers, "Sec-WebSocket-Key");
	if (!ct_str_is(request->method, "GET"))
		return refuse(err, 400, "it is a GET");
	if (!lists(ct_headers_get(headers, "Upgrade"), "websocket"))
		return refuse(err, 400, "\"Upgrade: websocket\" is missing");
	if (!lists(ct_headers_get(headers, "Connection"), "upgrade"))
		return refuse(err, 400, "\"Connection: Upgrade\" is missing");
	if (!ct_str_is(ct_headers_get(headers, "Sec-WebSocket-Version"), "13"))
		return refuse(err, 426, "the version is 13");
	if (!is_key(*key))
		return refuse(err, 400, "Sec-WebSocket-Key is 16 bytes in base64");
	return CT_OK;
}
