# bash completion for kanuki-gate(8): asks the program for its verbs and options, so that there is nothing to keep in step.
# shellcheck shell=bash

_kanuki_gate_options() # [VERB]
{
	kanuki-gate "$@" --help 2> /dev/null | sed -n 's/^  \(-[a-z], \|    \)\(--[a-z0-9-]*\).*/\2/p'
}

# What may stand behind VERB: "[OPTIONS] add|list|rm [FILE]" -> add list rm
_kanuki_gate_words()
{
	kanuki-gate "$1" --help 2> /dev/null | sed -n '1s/.* \([a-z-]*|[a-z|-]*\).*/\1/p' | tr '|' '\n'
}

_kanuki_gate()
{
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} verb='' words='' i
	COMPREPLY=()
	for ((i = 1; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		--store | --etc) i=$((i + 1)) ;;
		-*) ;;
		*)
			verb=${COMP_WORDS[i]}
			break
			;;
		esac
	done
	case $prev in
	--store | --etc | --key | --out | --policy | --on-bad)
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		return
		;;
	--role) words='recorder scanner approver vex deployer breakglass waiver' ;;
	--severity-max) words='negligible low medium high critical' ;;
	*)
		if [[ $cur == -* ]]; then
			words=$(_kanuki_gate_options ${verb:+"$verb"})
		elif [ -z "$verb" ]; then
			words=$(kanuki-gate --help 2> /dev/null | sed -n '/^Commands:/,/^$/s/^  \([a-z-]*\)  *.*/\1/p')
		elif [ "$prev" = "$verb" ]; then
			words=$(_kanuki_gate_words "$verb")
		fi
		;;
	esac
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
	[ -n "${COMPREPLY[*]}" ] || [[ $cur == -* ]] || mapfile -t COMPREPLY < <(compgen -f -- "$cur")
}

complete -F _kanuki_gate kanuki-gate
