#include "exit.h"

#include "base/err.h"

int ct_exit_status(int code)
{
	switch (code) {
	case CT_OK:
		return CT_EXIT_OK;
	case CT_EUSAGE:
	case CT_EINVALID:
	case CT_EPARSE:
		return CT_EXIT_USAGE;
	case CT_ENOKEY:
	case CT_ECONFIG:
	case CT_ENOPROVIDER:
	case CT_ENOMODEL:
		return CT_EXIT_CONFIG;
	case CT_EAUTH:
		return CT_EXIT_AUTH;
	case CT_ERATE:
	case CT_EQUOTA:
	case CT_EBUDGET:
		return CT_EXIT_LIMIT;
	case CT_EFIRST:
	case CT_EIDLE:
	case CT_ETIMEOUT:
		return CT_EXIT_TIMEOUT;
	case CT_ECIRCUIT:
		return CT_EXIT_CIRCUIT;
	case CT_ESTORE:
	case CT_EBUSY:
		return CT_EXIT_STORE;
	case CT_ECANCELLED:
		return CT_EXIT_CANCELLED;
	default:
		return CT_EXIT_FAILED;
	}
}
