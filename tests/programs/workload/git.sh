# git: a repository's life, with a clone through a local pipe, garbage collection and a grep (threads, PCRE's JIT).
set -eu
cd "$WORK"
export HOME="$WORK" GIT_CONFIG_NOSYSTEM=1 GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b
git init -q -b main repo
cd repo
for i in 1 2 3; do echo "line $i" >> file; git add file; git commit -q -m "commit $i"; done
test "$(git log --oneline | wc -l)" = 3
git checkout -q -b side HEAD~1; echo other > other; git add other; git commit -q -m side; git checkout -q main; git merge -q --no-edit side
git grep -q -P 'li(ne) \d' && git gc -q && git fsck --no-progress
cd .. && git clone -q --no-local repo copy && test "$(git -C copy rev-parse HEAD)" = "$(git -C repo rev-parse HEAD)"
git -C copy status --porcelain | wc -l | grep -qx 0
