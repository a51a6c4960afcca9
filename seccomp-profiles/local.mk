# seccomp-profiles: the two lists, their compiler (a program of the build), the arrays in the program, and the check.
noinst_LIBRARIES += libprofiles.a
libprofiles_a_SOURCES = seccomp-profiles/embedded.h seccomp-profiles/flatten.c seccomp-profiles/flatten.h seccomp-profiles/newer.c
nodist_libprofiles_a_SOURCES = seccomp-profiles/embedded.c
RUNTIME_LIBS += libprofiles.a

PROFILE_SOURCES = seccomp-profiles/profile.c seccomp-profiles/profile.h seccomp-profiles/newer.c
noinst_PROGRAMS += seccomp-profiles/compile
seccomp_profiles_compile_SOURCES = seccomp-profiles/compile.c $(PROFILE_SOURCES) seccomp-profiles/flatten.c
seccomp_profiles_compile_LDADD = libbase.a $(DEP_LIBS)

check_PROGRAMS += seccomp-profiles/check
JUDGE_SOURCES = seccomp-profiles/judge.c seccomp-profiles/judge.h seccomp-profiles/interpret.c seccomp-profiles/interpret.h
seccomp_profiles_check_SOURCES = seccomp-profiles/check.c $(JUDGE_SOURCES) $(PROFILE_SOURCES) seccomp-profiles/flatten.c
seccomp_profiles_check_LDADD = libbase.a $(DEP_LIBS)
check_PROGRAMS += seccomp-profiles/check_flatten
seccomp_profiles_check_flatten_SOURCES = seccomp-profiles/check_flatten.c $(JUDGE_SOURCES) seccomp-profiles/flatten.c
seccomp_profiles_check_flatten_LDADD = $(DEP_LIBS)
TESTS += seccomp-profiles/check seccomp-profiles/check_flatten

# Compiled for the machine that the compiler makes code for. When cross-compiling, give the compile program of a native build:
#   make PROFILE_COMPILE=../native/seccomp-profiles/compile
PROFILE_COMPILE = seccomp-profiles/compile$(EXEEXT)
PROFILE_FILES = $(srcdir)/seccomp-profiles/default.json $(srcdir)/seccomp-profiles/strict.json
seccomp-profiles/embedded.c: $(PROFILE_COMPILE) $(PROFILE_FILES)
	$(AM_V_GEN)$(MKDIR_P) seccomp-profiles && \
	machine=`$(CC) $(CFLAGS) -dumpmachine | $(SED) 's/-.*//'` && \
	$(PROFILE_COMPILE) "$$machine" $(PROFILE_FILES) > $@.new && mv -f $@.new $@
CLEANFILES += seccomp-profiles/embedded.c seccomp-profiles/embedded.c.new

# Engines and their tools read these too.
profilesdir = $(pkgdatadir)/seccomp-profiles
dist_profiles_DATA = seccomp-profiles/default.json seccomp-profiles/strict.json
EXTRA_DIST += seccomp-profiles/README.md
