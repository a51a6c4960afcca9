#!/bin/sh
# Generates configure from configure.ac. Needed once after a clone; a release tarball has configure already.
set -eu
cd "$(dirname "$0")"
for tool in autoconf automake aclocal pkg-config; do
	if ! command -v "$tool" >/dev/null 2>&1; then
		echo "autogen.sh: '$tool' is missing (Debian: apt-get install autoconf automake pkgconf)" >&2
		exit 1
	fi
done
exec autoreconf --install --force --warnings=all,no-obsolete "$@"
