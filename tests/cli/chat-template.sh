# Prompts with gaps, from the configuration.
. "$(dirname "$0")/lib.sh"
need jq
mkdir -p "$work/.config/cartrita"
cat >"$work/.config/cartrita/config.yaml" <<'END'
templates:
  review:
    system: You know {{lang}}.
    prompt: "Review this {{lang}}:\n{{input}}"
    model: gemini/gemini-3.8-flash
  brief: {system: Be brief.}
  hello: {prompt: Say hello.}
END

# asked ARGUMENT...: system and prompt of the request
asked() {
	run sandbox -- "$CARTRITA" chat --json --dry-run "$@"
	expect_status 0
	jq -r '.body | [(.system // .systemInstruction.parts[0].text // "-"), (.messages[0].content // .contents[0].parts[0].text)] | join("|")' "$work/out" >"$work/asked"
	mv "$work/asked" "$work/out"
}

asked --template review --var lang=C "int x;"
expect_out "You know C.|Review this C:
int x;"
asked --template brief "What is C?"
expect_out "Be brief.|What is C?"
asked --template hello
expect_out "-|Say hello."
asked --template hello --no-stdin "To all."
expect_out "-|Say hello.

To all."
asked --template brief -s "Be long." x
expect_out "Be long.|x"
echo attached >"$work/a.txt"
asked --template hello -f "$work/a.txt"
expect_out_has "Say hello."
expect_out_has "attached"
asked --template review --var lang=C -f "$work/a.txt"
expect_out_has "You know C.|Review this C:"
expect_out_has "attached"

# the template's model, unless the command line names another, or another provider
for choice in "gemini-3.8-flash" "claude-haiku-5-5 -m claude-haiku-5-5" "claude-sonnet-5-5 -p claude"; do
	set -- $choice
	model=$1
	shift
	run sandbox -- "$CARTRITA" chat --json --template review --var lang=C "$@" x
	expect "model" "$model" "$(jq -r .model "$work/out")"
done
run sandbox -- sh -c 'echo "int y;" | "$CARTRITA" chat --template review --var lang=C'
expect_out_has "int y;"

# wrong ARGUMENT...: exit 2
wrong() {
	run sandbox -- "$CARTRITA" chat "$@"
	expect_status 2
	expect_out ""
}
wrong --template review x
expect_err_has "template review wants a value for 'lang'"
wrong --template review --var lan=C x
expect_err_has "You gave one for 'lan'."
wrong --template review --var lang=C
expect_err_has "template review wants a prompt"
run chat --template review --var lang=C -f "$work/none.c"
expect_err_has "cannot attach $work/none.c"
wrong --template reviw x
expect_err_has "there is no template 'reviw'"
expect_err_has "Did you mean review?"
wrong --template brief
expect_err_has "the prompt is empty"
wrong --var lang=C x
expect_err_has "--var is nothing without --template"
wrong --template review --var lang x
expect_err_has "--var wants NAME=VALUE, not 'lang'"
wrong --template review --var input=x x
expect_err_has "{{input}} is the prompt itself"

run sandbox -- "$CARTRITA" chat --template brief --var lang=C x
expect_status 0
expect_err "cartrita: template brief has no place for --var lang"

run config show
expect_out_has "templates.review.model"
run config show --json
expect "setting" "You know {{lang}}." "$(jq -r '.[] | select(.name == "templates.review.system").value' "$work/out")"
run __complete -- chat --template r
expect_out "review"

# bad CONFIGURATION ERROR
bad() {
	printf '%b' "$1" >"$work/.config/cartrita/config.yaml"
	run config check
	expect_status 3
	expect_err_has "config.yaml:$2"
}
bad 'templates:\n  a: {promt: x}\n' "2: unknown key 'promt' in templates.a
did you mean prompt?"
bad 'templates:\n  a:\n    prompt: [x]\n' "3: templates.a.prompt must be text, not a list"
bad 'templates:\n  a b: {prompt: x}\n' "2: 'a b' cannot be a template"
bad 'templates: [x]\n' "1: templates must be a map, not a list"
bad 'templates:\n  a: x\n' "2: templates.a must be a map, not text"
bad 'templates:\n  a: {model: m}\n' "2: templates.a has neither prompt nor system"
bad 'templates:\n  a: {prompt: x, model: "a b"}\n' "2: templates.a.model: 'a b' is no model"
bad 'templates:\n  a: {prompt: x}\n  a: {prompt: y}\n' "3: "
finish
