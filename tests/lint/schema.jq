# The properties of the runtime-spec JSON schema, one path a line: "a.b" is a member, "a[].b" a member of each
# element, "a.*.b" a member of each value of a map.
#   jq -rn -f schema.jq config-schema.json config-linux.json defs.json defs-linux.json
# A schema that is not given (of another system) counts as one property, without members.

[inputs | { key: (input_filename | sub(".*/"; "")), value: . }] | from_entries as $files

| def pointed($file; $ref):
	($ref | split("#")) as $part
	| (if $part[0] == "" then $file else $part[0] end) as $to
	| [$to, ($files[$to] // {} | getpath($part[1] | split("/") | map(select(. != ""))) // {})];

def properties($file; $path):
	. as $node
	| (if has("$ref") then pointed($file; $node["$ref"]) as [$to, $target] | $target | properties($to; $path)
	   else empty end),
	  ((.allOf // []) + (.anyOf // []) | .[] | properties($file; $path)),
	  (.items // empty | properties($file; $path + "[]")),
	  (.additionalProperties // empty | objects | properties($file; $path + ".*")),
	  (.patternProperties // {} | .[] | properties($file; $path + ".*")),
	  (.properties // {} | to_entries[]
	   | (if $path == "" then .key else $path + "." + .key end) as $here
	   | $here, (.value | properties($file; $here)));

$files["config-schema.json"] | [properties("config-schema.json"; "")] | unique | .[]
