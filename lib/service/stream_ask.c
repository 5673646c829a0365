/* What a session asks: its line, and where that says nothing, the options. */
#include "base/log.h"
#include "service/stream_impl.h"
#include "service/template.h"

/* Where the line says nothing, the options do. */
static void merge(struct ct_session *session, struct ct_choice *choice)
{
	const struct ct_stream_request *asked = &session->asked;
	struct ct_request *r = &session->request;

	if (asked->messages != NULL) {
		r->messages = asked->messages;
		r->message_count = asked->message_count;
	}
	if (asked->system.ptr != NULL)
		r->system = asked->system;
	if (asked->has_stream)
		r->stream = asked->stream;
	if (asked->has_temperature) {
		r->has_temperature = true;
		r->temperature = asked->temperature;
	}
	if (asked->max_tokens > 0)
		r->max_tokens = asked->max_tokens;
	if (asked->stop_count > 0) {
		memcpy(r->stops, asked->stops, sizeof(r->stops));
		r->stop_count = asked->stop_count;
	}
	if (asked->user.ptr != NULL)
		r->user = asked->user;
	/* a model of its own is not asked of the provider that the options name */
	if (asked->provider.ptr != NULL || asked->model.ptr != NULL) {
		choice->provider = asked->provider.ptr;
		choice->model = asked->model.ptr;
	}
}

static int find_conversation(struct ct_session *session, struct ct_choice *choice,
			     struct ct_err *err)
{
	const struct ct_stream_options *options = session->stream->options;
	const struct ct_stream_request *asked = &session->asked;
	struct ct_conversation *c;

	if (asked->conversation_id.ptr == NULL) {
		session->conversation = session->line == 0 ? options->conversation : NULL;
		return CT_OK;
	}
	if (!asked->single)
		return ct_fail(err, CT_EINVALID, "conversation_id goes with message, not with "
			       "messages");
	int rc = ct_conversation_resume(session->stream->app, asked->conversation_id,
					session->request.user, &c, err);
	if (rc != CT_OK)
		return rc;
	session->conversation = c;
	session->own_conversation = c->needed = true;
	if (session->request.system.ptr != NULL)
		rc = ct_conversation_set_system(c, session->request.system, err);
	if (choice->provider == NULL && choice->model == NULL) {
		choice->provider = c->asked_provider.ptr;
		choice->model = c->asked_model.ptr;
		return rc;
	}
	return rc == CT_OK ? ct_conversation_set_asked(c, choice->provider, choice->model, err) :
			     rc;
}

static int fill_system(struct ct_session *session, const struct ct_template *template,
		       struct ct_err *err)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf text = CT_BUF_INIT(CT_TEMPLATE_BYTES);

	if (template->system.ptr == NULL || session->asked.system.ptr != NULL)
		return CT_OK;
	int rc = ct_template_system(template, NULL, 0, &text, err);
	if (rc != CT_OK)
		return rc;
	session->request.system = ct_arena_dup(&session->arena, ct_buf_str(&text));
	return session->request.system.ptr != NULL ? CT_OK :
						     ct_fail(err, CT_ENOMEM, "no memory for a session");
}

static int fill_prompt(struct ct_session *session, const struct ct_template *template,
		       struct ct_err *err)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf text = CT_BUF_INIT(CT_TEMPLATE_BYTES);
	struct ct_message *message = session->asked.messages;

	if (template->prompt.ptr == NULL || !session->asked.single)
		return CT_OK;
	int rc = ct_template_prompt(template, NULL, 0, message->text, &text, err);
	if (rc != CT_OK)
		return rc;
	message->text = ct_arena_dup(&session->arena, ct_buf_str(&text));
	return message->text.ptr != NULL ? CT_OK :
					   ct_fail(err, CT_ENOMEM, "no memory for a session");
}

/* An agent is a template of the configuration. Who names another one has other agents in mind. */
static int apply_agent(struct ct_session *session, struct ct_choice *choice,
		       struct ct_err *err)
{
	struct ct_str name = session->asked.agent;
	const struct ct_template *template;

	if (name.ptr == NULL)
		return CT_OK;
	if (ct_template_find(session->stream->app->config, name, &template, NULL) != CT_OK) {
		ct_log(CT_LOG_INFO, "%.*s: agent_override '%.*s' is no template here",
		       CT_STR_ARG(session->id), CT_STR_ARG(name));
		return CT_OK;
	}
	if (template->model.ptr != NULL && session->asked.provider.ptr == NULL &&
	    session->asked.model.ptr == NULL)
		*choice = (struct ct_choice){ .model = template->model.ptr,
					      .fallback = choice->fallback,
					      .no_fallback = choice->no_fallback };
	int rc = fill_system(session, template, err);
	return rc == CT_OK ? fill_prompt(session, template, err) : rc;
}

int ct_session_ask(struct ct_session *session, struct ct_choice *choice, struct ct_err *err)
{
	merge(session, choice);
	int rc = apply_agent(session, choice, err);
	return rc == CT_OK ? find_conversation(session, choice, err) : rc;
}
