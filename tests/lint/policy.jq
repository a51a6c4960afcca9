# The keys of a policy's JSON Schema in the form of tests/lint/policy_keys.c: path, type, words or what a list holds, range.
# Objects are walked through, objects in lists too ("[]"); each must refuse keys that it doesn't list.
. as $root
| def resolve: if has("$ref") then (."$ref" | ltrimstr("#/$defs/")) as $name | $root."$defs"[$name] else . end;
def range: if has("const") then " \(.const)..\(.const)" elif .type == "integer" then " \(.minimum)..\(.maximum)" else "" end;
def closed(at): if .additionalProperties == false then . else error((if at == "" then "the schema" else at end) + ": takes other keys") end;
def keys_of(prefix):
	closed(prefix) | .properties | to_entries[] | .key as $key | (prefix + $key) as $path | .value | resolve
	| if .type == "object" then
		keys_of($path + ".")
	elif .type == "array" then
		(.items | resolve | "\($path) array \(.type)\(range)"),
		(.items | resolve | select(.type == "object") | keys_of($path + "[]."))
	else
		"\($path) \(.type) \(if .enum then (.enum | sort | join(",")) else "-" end)\(range)"
	end;
keys_of("")
