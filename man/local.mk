# man: the manual pages, which are written in mdoc and need no converter, and the completion for bash.
# kanuki-policy.5 and kanuki-gate-policy.5 are the exceptions: their sources are Markdown, where each rule, key and reason has its
# section; md2man.awk makes pages of them.
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
	man/kanuki-gate.8 \
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
dist_pkgdata_DATA += man/kanuki-policy.schema.json

completionsdir = $(datadir)/bash-completion/completions
dist_completions_DATA = man/kanuki.bash man/kanuki-gate.bash

MARKDOWN_MANS = man/kanuki-gate-policy.5 man/kanuki-policy.5
man_MANS += $(MARKDOWN_MANS)
CLEANFILES += $(MARKDOWN_MANS)
EXTRA_DIST += man/kanuki-gate-policy.5.md man/kanuki-policy.5.md man/md2man.awk
MAKE_PAGE = $(AWK) -v date=2026-11-22 -v version='kanuki $(VERSION)' -f $(srcdir)/man/md2man.awk
man/kanuki-policy.5: $(srcdir)/man/kanuki-policy.5.md $(srcdir)/man/md2man.awk
	@$(MKDIR_P) man
	$(AM_V_GEN)$(MAKE_PAGE) $(srcdir)/man/kanuki-policy.5.md > $@.new && mv -f $@.new $@
man/kanuki-gate-policy.5: $(srcdir)/man/kanuki-gate-policy.5.md $(srcdir)/man/md2man.awk
	@$(MKDIR_P) man
	$(AM_V_GEN)$(MAKE_PAGE) $(srcdir)/man/kanuki-gate-policy.5.md > $@.new && mv -f $@.new $@

TESTS += tests/lint/man.sh tests/lint/readme.sh
EXTRA_DIST += tests/lint/man.sh tests/lint/readme.sh runtime/README.md hooks/README.md
