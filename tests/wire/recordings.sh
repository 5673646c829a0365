#!/bin/sh
# Every recording of a chat against the oracle. $1: the program, $2: where the recordings may be.
dir=${CARTRITA_RECORDINGS:-$2}
here=$(dirname "$0")

[ -d "$dir" ] || { echo "no recordings at $dir: nothing to compare with"; exit 77; }
command -v python3 >/dev/null || { echo "no python3: the oracle cannot run"; exit 77; }
lines=$(mktemp) || exit 1
trap 'rm -f "$lines"' EXIT
python3 "$here/oracle.py" "$dir" >"$lines" || { echo "the oracle failed"; exit 1; }
"$1" <"$lines"
