/* Tools that a model may ask for: what is offered, and a call of one. */
#ifndef CT_MODEL_TOOL_H
#define CT_MODEL_TOOL_H

#include "base/str.h"

struct ct_tool {
	struct ct_str name; /* [A-Za-z0-9_-]{1,64} */
	struct ct_str description; /* for the model */
	struct ct_str schema; /* of the arguments: a JSON Schema, an object */
};

struct ct_tool_call {
	struct ct_str id, name;
	struct ct_str arguments; /* as the model wrote them: usually JSON, "{}" for none */
};

#endif
