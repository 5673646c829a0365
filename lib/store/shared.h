/* State that all processes of a store share: circuits. Read and written within one transaction. */
#ifndef CT_STORE_SHARED_H
#define CT_STORE_SHARED_H

#include "model/circuit.h"
#include "store/store.h"

/* The circuit of a provider; all zeros where none is kept. */
int ct_circuit_load(struct ct_store *store, const char *provider, struct ct_circuit *out,
		    struct ct_err *err);

/* Make the next one of this process faster, where there is time to. */
void ct_circuit_warm(struct ct_store *store);

int ct_circuit_save(struct ct_store *store, const char *provider,
		    const struct ct_circuit *circuit, struct ct_err *err);

/* Forget one provider's circuit, or every one with NULL. */
int ct_circuit_forget(struct ct_store *store, const char *provider, struct ct_err *err);

#endif
