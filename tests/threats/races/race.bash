# The race driver: starts containers while something is exchanged under the runtime's hands.
#
# RACE_LEVEL=L1: 20 starts, each path call of the runtime delayed by RACE_DELAY_US (strace), which
# holds every window open. RACE_LEVEL=L0: 200 starts or a minute at full speed. Both are bounded, and the
# swapper ends by itself. RACE_LEVEL=L2: one start for each path call of the runtime, with a single
# exchange before exactly that call (stepper): exhaustive and repeatable.

load ../harness

RACE_CALLS=mount,move_mount,open_tree,mount_setattr,openat2,openat,mkdirat,mknodat,symlinkat,unlinkat
RACE_CALLS+=,fchownat,fchmodat,fstatat64,newfstatat,statx,readlinkat,write

race_setup() {
	case ${RACE_LEVEL:-L1} in
	L1)
		RACE_RUNS=20
		RACE_SECONDS=120
		RACE_PREFIX="strace -f -qq -o /dev/null -e trace=none -e inject=$RACE_CALLS"
		RACE_PREFIX+=":delay_enter=${RACE_DELAY_US:-2000}"
		;;
	L0)
		RACE_RUNS=200
		RACE_SECONDS=60
		RACE_PREFIX=''
		;;
	L2)
		RACE_RUNS=1000
		RACE_SECONDS=240
		;;
	*) broken "RACE_LEVEL is L0, L1 or L2" ;;
	esac
	RT_TIMEOUT=60
}

# swapping [-t THREADS] NAME NAME: exchanges the pair until stop_swapping.
swapping() {
	EXCHANGES=0
	SWAP_NAMES=("${@: -2}")
	[[ $RACE_LEVEL != L2 ]] || return 0
	"$THREATS_BIN/swap" -s $((RACE_SECONDS * 3)) "$@" >"$W/swap.out" 2>"$W/swap.err" 3>&- 4>&- &
	SWAPPER=$!
	BACKGROUND="${BACKGROUND-} $SWAPPER"
}

stop_swapping() {
	local status=0
	kill "$SWAPPER" 2>/dev/null || true
	wait "$SWAPPER" || status=$?
	EXCHANGES=$(awk '/^exchanges/ { print $2 }' "$W/swap.out")
	[[ $status -eq 0 && ${EXCHANGES:-0} -gt 0 ]] || broken "the swapper failed: $(<"$W/swap.err")"
}

# race NAME ONE-RUN: repeats it within the bounds and reports the counts, which the table prints.
race() {
	local name=$1 start=$SECONDS runs=0
	RAN=0
	REFUSED=0
	while [[ $runs -lt $RACE_RUNS && $((SECONDS - start)) -lt $RACE_SECONDS ]]; do
		RUN=$((++runs))
		if [[ $RACE_LEVEL == L2 ]]; then
			RACE_PREFIX="$THREATS_BIN/stepper $RUN ${SWAP_NAMES[*]}"
		fi
		"$2"
		if [[ $RACE_LEVEL == L2 ]]; then
			grep -q 'exchanged yes' "$W/stderr" || break
			EXCHANGES=$((EXCHANGES + 1))
			# Back to where it was: one more exchange, at the first call of a program.
			"$THREATS_BIN/stepper" 1 "${SWAP_NAMES[@]}" /bin/true 2>"$W/back"
			grep -q 'exchanged yes' "$W/back" || broken "not exchanged back"
		fi
	done
	if [[ $RACE_LEVEL == L2 ]]; then
		[[ $runs -gt 20 && $runs -lt $RACE_RUNS ]] || broken "stepped through $runs calls only"
	fi
	if [[ -n ${SWAPPER-} ]]; then
		stop_swapping
		SWAPPER=''
	fi
	echo "# race $name $RT_KIND/$LEVEL $RACE_LEVEL runs=$runs ran=$RAN refused=$REFUSED" \
		"exchanges=${EXCHANGES:-0} seconds=$((SECONDS - start))" >&3
}

# race_launch: one start under the prefix; counts its outcome.
race_launch() {
	RT_PREFIX="${1-} $RACE_PREFIX" launch
	if [[ $OUTCOME == ran ]]; then
		RAN=$((RAN + 1))
	else
		REFUSED=$((REFUSED + 1))
	fi
}
