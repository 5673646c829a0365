#!/bin/sh
# embed.sh NAME INPUT OUTPUT: a C source that holds INPUT's bytes as NAME, NUL-terminated.
{
	echo "extern const char $1[];"
	echo "const char $1[] = {"
	od -An -v -tx1 "$2" | sed 's/ \([0-9a-f][0-9a-f]\)/(char)0x\1,/g'
	echo "0};"
} >"$3"
