#!/bin/sh
# From a fresh clone to a first answer (try), or to the whole test run (test), on Debian 12
# and Ubuntu 24.04 or newer. Installs what is missing with apt-get, and says what.
set -eu

usage() {
	cat <<END
Usage: sh share/bootstrap.sh try      install what building needs, build, ask a first question
       sh share/bootstrap.sh test     install what tests need too, build, run every test
END
}

# What is looked for, and the package that brings it (first|other, where releases differ).
# A path and a program are looked for as such, the rest with pkg-config.
to_build='
/etc/ssl/certs/ca-certificates.crt ca-certificates
/usr/include/stdio.h libc6-dev
program:gcc          gcc
program:meson        meson
program:ninja        ninja-build
program:pkg-config   pkgconf|pkg-config
program:scdoc        scdoc
alsa                 libasound2-dev
libcurl              libcurl4-openssl-dev
libedit              libedit-dev
libmicrohttpd        libmicrohttpd-dev
libutf8proc          libutf8proc-dev
md4c                 libmd4c-dev
libuv                libuv1-dev
sqlite3              libsqlite3-dev
yaml-0.1             libyaml-dev
/usr/include/wslay/wslay.h libwslay-dev
'
to_test='
criterion            libcriterion-dev
jansson              libjansson-dev
program:bash         bash
program:ctags        universal-ctags
program:curl         curl
program:fish         fish
program:git          git
program:jq           jq
program:nghttpd      nghttp2-server
program:openssl      openssl
program:python3      python3
/usr/lib/python3/dist-packages/websockets python3-websockets
program:script       bsdutils
program:soxi         sox
program:sqlite3      sqlite3
program:tmux         tmux
program:zsh          zsh
'

have() { # THING PACKAGE
	case $1 in
	/*) [ -e "$1" ] && return ;;
	program:*) command -v "${1#program:}" >/dev/null 2>&1 && return ;;
	*) pkg-config --exists "$1" 2>/dev/null && return ;;
	esac
	dpkg-query -W -f '${db:Status-Status}' "$2" 2>/dev/null | grep -q '^installed$'
}

# Of packages that do the same, the one this release has.
choose() { # FIRST|OTHER
	for package in $(echo "$1" | tr '|' ' '); do
		[ -z "$(apt-cache show "$package" 2>/dev/null)" ] || { echo "$package"; return; }
	done
	echo "${1%%|*}"
}

missing() { # LIST
	echo "$1" | while read -r thing packages; do
		[ -z "$thing" ] || have "$thing" "${packages%%|*}" || choose "$packages"
	done
}

as_root() {
	if [ "$(id -u)" -eq 0 ]; then
		"$@" </dev/null
	else
		sudo -n "$@" </dev/null
	fi
}

may_install() {
	command -v apt-get >/dev/null 2>&1 || return 1
	[ "$(id -u)" -eq 0 ] || sudo -n true 2>/dev/null
}

apt() { as_root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 "$@"; }

install_missing() { # LIST
	packages=$(missing "$1" | paste -sd ' ' -)
	[ -n "$packages" ] || return 0
	if ! may_install; then
		{
			echo "Some packages are missing. As root, run this (after apt-get update), then try again:"
			echo
			echo "    apt-get install --no-install-recommends $packages"
		} >&2
		exit 1
	fi
	apt -q update || echo "bootstrap: apt-get update failed; trying with the lists that are here" >&2
	packages=$(missing "$1" | paste -sd ' ' -)
	echo "Installing with apt-get: $packages"
	# shellcheck disable=SC2086
	if ! apt -q -y install --no-install-recommends $packages; then
		echo "bootstrap: apt-get could not install: $packages" >&2
		echo "(on Ubuntu they need the component universe)" >&2
		exit 1
	fi
}

# build NAME OPTION...: set up only once; ninja knows what is out of date
build() {
	build=$root/$1
	shift
	[ -f "$build/build.ninja" ] || meson setup "$build" "$root" "$@"
	ninja -C "$build"
}

try() {
	install_missing "$to_build"
	build build-try --buildtype=release -Dauto_features=disabled
	cat <<END

Built: $build/cmd/cartrita
The sandbox plays the providers; here claude answers 503 to everything, so gemini has to help.
END
	# A configuration of the user's own has no part in this.
	CARTRITA_CONFIG=/dev/null PRIMARY_PROVIDER=claude FALLBACK_CHAIN=gemini,openai \
		"$build/cmd/cartrita" sandbox --fault claude:503 -- sh -ec '
		echo
		echo "\$ cartrita chat \"What is the capital of France?\""
		"$1" chat --no-stdin "What is the capital of France?"
		echo
		echo "\$ cartrita provider stats"
		"$1" provider stats' sh "$build/cmd/cartrita"
}

run_all_tests() {
	install_missing "$to_build$to_test"
	CC=gcc build build-test -Db_sanitize=address,undefined
	sh "$root/tests/run.sh" "$build"
}

[ $# -eq 1 ] || { usage >&2; exit 2; }
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
case $1 in
try) try ;;
test) run_all_tests ;;
-h | --help) usage ;;
*)
	echo "bootstrap: unknown argument: $1" >&2
	usage >&2
	exit 2
	;;
esac
