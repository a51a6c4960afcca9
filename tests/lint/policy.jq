# The keys of a policy's JSON Schema, one a line: path, type, words. Objects are walked through, lists of objects too ("[]").
. as $root
| def resolve: if has("$ref") then (."$ref" | ltrimstr("#/$defs/")) as $name | $root."$defs"[$name] else . end;
def walk_keys(prefix):
	(.properties // error("no properties at " + prefix)) | to_entries[] | .key as $key | (prefix + $key) as $path | .value | resolve
	| if .type == "object" then
		(if .additionalProperties == false then empty else error($path + ": takes other keys") end), walk_keys($path + ".")
	elif .type == "array" then
		"\($path) array \(.items | resolve | if .type == "object" then "object" else .type end)",
		(.items | resolve | select(.type == "object") | walk_keys($path + "[]."))
	else
		"\($path) \(.type) \(if .enum then (.enum | sort | join(",")) else "-" end)"
	end;
if .additionalProperties == false then walk_keys("") else error("the schema takes other keys") end
