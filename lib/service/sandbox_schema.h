/*
 * The smallest document that fits a JSON Schema, as far as the sandbox understands one: const,
 * enum, default, type (also a list), properties, required, items, minItems, anyOf, oneOf, the first
 * of allOf, $ref within the document, minimum, maximum, multipleOf, minLength, maxLength, and a few
 * formats. What it does not understand is left out of account.
 */
#ifndef CT_SERVICE_SANDBOX_SCHEMA_H
#define CT_SERVICE_SANDBOX_SCHEMA_H

#include "codec/json.h"

/* Write it. schema may be NULL: an object. Strings say "[sandbox]" where they are free to. */
void ct_schema_fill(const struct ct_json *schema, struct ct_jw *jw);

#endif
