# man: the manual pages, which are written in mdoc and need no converter, and the completion for bash.
# kanuki-policy.5 is the exception: its source is kanuki-policy.5.md, where each rule has its section; md2mdoc.awk makes a page of it.
dist_man_MANS += \
	man/kanuki.8 \
	man/kanuki-audit.8 \
	man/kanuki-check.8 \
	man/kanuki-create.8 \
	man/kanuki-delete.8 \
	man/kanuki-events.8 \
	man/kanuki-evidence.8 \
	man/kanuki-exec.8 \
	man/kanuki-features.8 \
	man/kanuki-kill.8 \
	man/kanuki-list.8 \
	man/kanuki-pause.8 \
	man/kanuki-plan.5 \
	man/kanuki-plan.8 \
	man/kanuki-policy.8 \
	man/kanuki-ps.8 \
	man/kanuki-resume.8 \
	man/kanuki-run.8 \
	man/kanuki-seccomp.5 \
	man/kanuki-spec.8 \
	man/kanuki-start.8 \
	man/kanuki-state.8 \
	man/kanuki-update.8

# Editors and a site's own checks read it; tests/lint/policy.sh compares it with the parser.
dist_pkgdata_DATA = man/kanuki-policy.schema.json

completionsdir = $(datadir)/bash-completion/completions
dist_completions_DATA = man/kanuki.bash

man_MANS += man/kanuki-policy.5
CLEANFILES += man/kanuki-policy.5
EXTRA_DIST += man/kanuki-policy.5.md man/md2man.awk
man/kanuki-policy.5: $(srcdir)/man/kanuki-policy.5.md $(srcdir)/man/md2man.awk
	@$(MKDIR_P) man
	$(AM_V_GEN)$(AWK) -v date=2026-11-22 -v version='kanuki $(VERSION)' -f $(srcdir)/man/md2man.awk \
		$(srcdir)/man/kanuki-policy.5.md > $@.new && mv -f $@.new $@

TESTS += tests/lint/man.sh tests/lint/readme.sh
EXTRA_DIST += tests/lint/man.sh tests/lint/readme.sh runtime/README.md hooks/README.md
