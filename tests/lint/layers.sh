#!/bin/sh
# Who may include whom. A floor always sees itself; anything not listed is refused.
cd "${1:-.}" || exit 2

layers='
base:
model:      base
codec:      base
net:        base codec
store:      base model codec
provider:   base model codec net
ingress:    base model codec
resilience: base model
sound:      base
service:    base model codec net sound store provider ingress resilience
cmd:        base model codec service
'
# A third-party header is known to one floor only.
outside='
curl/:        net
uv.h:         net
microhttpd.h: net
wslay/:       net
alsa/:        sound
sqlite3.h:    store
yaml.h:       service
'
status=0
refuse() { echo "$1 may not include $2"; status=1; }

# includes DIR BRACKETS: "file:header" for each #include in DIR
includes() { grep -ros "^#include $2[^\">]*" "$1" | sed "s/#include $2//"; }

check_layer() { # NAME DIR ALLOWED
	for line in $(includes "$2" '"'); do
		file=${line%%:*} header=${line#*:}
		case $header in */*) ;; *) continue ;; esac # a file beside this one
		case " $1 $3 " in *" ${header%%/*} "*) ;; *) refuse "$file" "$header" ;; esac
	done
}

check_outside() { # HEADER-PREFIX OWNER
	for dir in lib/* cmd; do
		[ "$dir" = "lib/$2" ] && continue
		for line in $(includes "$dir" '<'); do
			case ${line#*:} in "$1"*) refuse "${line%%:*}" "${line#*:}" ;; esac
		done
	done
}

while IFS=: read -r name allowed; do
	[ -z "$name" ] && continue
	dir=lib/$name
	[ "$name" = cmd ] && dir=cmd
	[ -d "$dir" ] && check_layer "$name" "$dir" "$(echo $allowed)"
done <<EOF
$layers
EOF

while IFS=: read -r header owner; do
	[ -z "$header" ] || check_outside "$header" "$(echo $owner)"
done <<EOF
$outside
EOF
exit $status
