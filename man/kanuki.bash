# Completion of kanuki(8) for bash. The words are those of the option tables; tests/lint/man.sh compares them with --help.
# shellcheck shell=bash

# Options that take a value, of all commands: the word behind one is no command and no container.
_kanuki_takes_value()
{
	case $1 in
	--additional-gids | -g | --apparmor | --blkio-weight | --bundle | -b | --cap | -c | --cgroup | --cgroup-manager | \
	--console-socket | --cpu-burst | --cpu-idle | --cpu-period | --cpu-quota | --cpu-rt-period | --cpu-rt-runtime | \
	--cpu-share | --cpuset-cpus | --cpuset-mems | --criu | --cwd | --env | -e | --id | --image | --interval | --kernel-memory | \
	--kernel-memory-tcp | --l3-cache-schema | --log | --log-format | --log-level | --mem-bw-schema | --memory | --memory-reservation | --memory-swap | \
	--pid | --pid-file | --pidfd-socket | --pids-limit | --policy | --preserve-fds | --process | --process-label | --resources | \
	-r | --output | -o | --root | --rootless | --since | --user | -u)
		return 0 ;;
	--format) return 0 ;;
	-f) [[ $2 == list || $2 == ps ]] ;;
	-p) [[ $2 == exec ]] ;;
	*) return 1 ;;
	esac
}

_kanuki_options()
{
	local bring_up='-b --bundle --console-socket --pidfd-socket --pid-file --no-pivot --no-new-keyring --preserve-fds'
	case $1 in
	'') echo '--root --policy --log --log-format --log-level --debug --cgroup-manager --systemd-cgroup --rootless --criu -v --version' ;;
	create) echo "$bring_up" ;;
	run) echo "$bring_up -d --detach --keep --no-subreaper" ;;
	delete) echo '-f --force' ;;
	kill) echo '-a --all' ;;
	exec) echo '--console-socket --pidfd-socket --cwd -e --env -t --tty -u --user -g --additional-gids -p --process -d --detach
		--pid-file --process-label --apparmor --no-new-privs -c --cap --preserve-fds --cgroup --ignore-paused' ;;
	ps) echo '-f --format' ;;
	list) echo '-f --format -q --quiet' ;;
	update) echo '-r --resources --blkio-weight --cpu-period --cpu-quota --cpu-burst --cpu-share --cpu-rt-period --cpu-rt-runtime
		--cpuset-cpus --cpuset-mems --cpu-idle --memory --memory-reservation --memory-swap --pids-limit
		--l3-cache-schema --mem-bw-schema --kernel-memory --kernel-memory-tcp' ;;
	events) echo '--interval --stats' ;;
	spec) echo '-b --bundle --rootless' ;;
	plan) echo '--diff -b --bundle --image --id' ;;
	check) echo '--json --html --pid' ;;
	audit) echo '--since --id --json --no-head' ;;
	evidence) echo '--since -o --output' ;;
	esac
	echo '-h --help'
}

# Values of an option, or nothing where a file name or free text is meant.
_kanuki_values()
{
	case $1 in
	--policy) echo 'builtin:card-payments builtin:hardened builtin:oci builtin:personal-data builtin:sandbox' ;;
	--cgroup-manager) echo 'cgroupfs disabled' ;;
	--log-format) echo 'text json' ;;
	--log-level) echo 'debug info warning error' ;;
	--rootless) [[ $2 == spec ]] || echo 'true false auto' ;;
	--format | -f) echo 'table json' ;;
	--cpu-idle) echo '0 1' ;;
	esac
}

# bash hands out "--policy=builtin:oci" as five words: put them together again, up to the cursor.
_kanuki_words()
{
	local i glue='' word
	words=()
	for ((i = 0; i <= COMP_CWORD; i++)); do
		word=${COMP_WORDS[i]}
		if [[ ${#words[@]} -gt 1 && ($word == [=:] || -n $glue) ]]; then
			words[-1]+=$word
		else
			words+=("$word")
		fi
		glue=
		[[ $word != [=:] ]] || glue=yes
	done
}

_kanuki()
{
	local words command='' root=() positional=0 i word option='' values
	_kanuki_words
	local current=${words[-1]}
	for ((i = 1; i < ${#words[@]} - 1; i++)); do
		word=${words[i]}
		option=
		case $word in
		--root=*) root=("$word") ;;
		-*=*) ;;
		-*)	if [[ ! ($command == spec && $word == --rootless) ]] && _kanuki_takes_value "$word" "$command"; then
				option=$word
				((++i))
				[[ $word != --root ]] || root=(--root "${words[i]}")
			fi ;;
		*) if [[ -z $command ]]; then command=$word; else ((++positional)); fi ;;
		esac
	done
	# An option whose value is the last word: "--option VALUE" has eaten it in the loop.
	if [[ $current == -*=* ]]; then
		option=${current%%=*}
		current=${current#*=}
	elif ((i < ${#words[@]})); then
		option=
	fi
	if [[ -n $option ]]; then
		values=$(_kanuki_values "$option" "$command")
		if [[ -n $values ]]; then
			mapfile -t COMPREPLY < <(compgen -W "$values" -- "$current")
			# bash replaces what is behind the last colon
			[[ $current != *:* ]] || COMPREPLY=("${COMPREPLY[@]#"${current%:*}:"}")
		else
			mapfile -t COMPREPLY < <(compgen -f -- "$current")
			compopt -o filenames 2> /dev/null
		fi
	elif [[ $current == -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$(_kanuki_options "$command")" -- "$current")
	elif [[ -z $command ]]; then
		mapfile -t COMPREPLY < <(compgen -W 'create start state kill delete run exec ps list pause resume update events spec
			features plan check policy audit evidence' -- "$current")
	elif [[ $command == kill && $positional == 1 ]]; then
		mapfile -t COMPREPLY < <(compgen -W 'HUP INT QUIT KILL USR1 USR2 TERM CONT STOP WINCH' -- "$current")
	elif [[ $command == policy && $positional == 0 ]]; then
		mapfile -t COMPREPLY < <(compgen -W 'show check diff' -- "$current")
	elif [[ $command == policy ]]; then
		mapfile -t COMPREPLY < <(compgen -W 'oci sandbox hardened personal-data card-payments' -- "$current"; compgen -f -- "$current")
		compopt -o filenames 2> /dev/null
	elif [[ $command == check && $positional == 0 ]]; then
		mapfile -t COMPREPLY < <(compgen -W 'bundle container rootfs host policy' -- "$current")
	elif [[ $command == check && ${words[*]} != *' container '* ]]; then
		mapfile -t COMPREPLY < <(compgen -f -- "$current")
		compopt -o filenames 2> /dev/null
	elif [[ $command == check ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$("${words[0]}" "${root[@]}" list --quiet 2> /dev/null)" -- "$current")
	elif [[ $command == audit && $positional == 0 ]]; then
		mapfile -t COMPREPLY < <(compgen -W 'verify show' -- "$current")
	elif [[ $command == audit || $command == evidence ]]; then
		mapfile -t COMPREPLY < <(compgen -f -- "$current")
		compopt -o filenames 2> /dev/null
	elif [[ $command == plan && $positional == 0 ]]; then
		mapfile -t COMPREPLY < <(compgen -d -- "$current")
		compopt -o filenames 2> /dev/null
	elif [[ $positional == 0 && $command != @(create|run|list|spec|features) ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$("${words[0]}" "${root[@]}" list --quiet 2> /dev/null)" -- "$current")
	fi
}

complete -F _kanuki kanuki
