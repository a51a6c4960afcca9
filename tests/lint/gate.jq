# The keys of the gate policy's JSON Schema in the form of tests/lint/gate_keys.c: path, type, what a list holds, words, range.
# Objects are walked through, objects in lists too ("[]"); each must refuse keys that it doesn't list.
. as $root
| def resolve: if has("$ref") then (."$ref" | ltrimstr("#/$defs/")) as $name | $root."$defs"[$name] else . end;
def range: if has("const") and .type == "integer" then " \(.const)..\(.const)"
	elif .type == "integer" then " \(.minimum)..\(.maximum)" else "" end;
def words: if .enum then (.enum | sort | join(",")) else "-" end;
def closed(at): if .additionalProperties == false then . else error((if at == "" then "the schema" else at end) + ": takes other keys") end;
def keys_of(prefix):
	closed(prefix) | .properties | to_entries[] | .key as $key | (prefix + $key) as $path | .value | resolve
	| if .type == "object" then
		(if $path == "scopes[].tighten" then "\($path) object" else empty end),
		keys_of($path + ".")
	elif .type == "array" then
		(.items | resolve | if .type == "object" then "\($path) array object" else "\($path) array \(.type) \(words)\(range)" end),
		(.items | resolve | select(.type == "object") | keys_of($path + "[]."))
	else
		"\($path) \(.type) \(words)\(range)"
	end;
keys_of("")
