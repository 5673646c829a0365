/* The two spans that attempts are summed over, in ms: what metrics writes and stats reads. */
#ifndef CT_STORE_ROLLUP_H
#define CT_STORE_ROLLUP_H

enum { CT_SPAN_HOUR = 3600000, CT_SPAN_DAY = 86400000 };

#endif
