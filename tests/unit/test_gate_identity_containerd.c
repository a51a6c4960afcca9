/* containerd by its client: the CRI's containers, those of ctr and nerdctl, sandboxes; and the ways
 * in which what it says may not fit. */
#include "config.h"

#include "gate_engines.h"

#define NAME "registry.example.com/prod/app:1"

static struct world w;
static struct test_image im, other;
static const char *root;

static const char *base64(const char *text)
{
	autostr out = STR_INIT;

	if (base64_encode(text, strlen(text), &out) < 0)
		exit(99);
	return at("%s", str_text(&out));
}

static void put_container(const char *space, const char *image, const char *labels, const char *extensions)
{
	put(at("%s/answers/%s containers info " ID, temp_dir, space),
	    "{\n    \"ID\": \"" ID "\",\n    \"Labels\": {%s},\n    \"Image\": \"%s\",\n    \"Runtime\": {\"Name\": \"io.containerd.runc.v2\", \"Options\": null},\n"
	    "    \"SnapshotKey\": \"" ID "\",\n    \"Snapshotter\": \"overlayfs\",\n    \"Extensions\": {%s},\n    \"Spec\": {\"ociVersion\": \"1.2.0\"}\n}\n",
	    labels, image, extensions);
}

static const char *cri_extension(const char *kind, const char *image_ref)
{
	return at("\"io.cri-containerd.%s.metadata\": {\"type_url\": \"github.com/containerd/cri/pkg/store/%s/Metadata\", \"value\": \"%s\"}", kind, kind,
		  base64(at("{\"Version\":\"v1\",\"Metadata\":{\"ID\":\"" ID "\",\"Name\":\"c\",\"ImageRef\":\"%s\"}}", image_ref)));
}

static void put_name(const char *space, const char *digest)
{
	put(at("%s/answers/%s images ls name==" "registry.example.com_prod_app:1", temp_dir, space),
	    "REF                             TYPE                                    DIGEST                                                                  SIZE    PLATFORMS   LABELS\n"
	    NAME " application/vnd.oci.image.index.v1+json %s 3.6 MiB linux/amd64 io.cri-containerd.image=managed\n",
	    digest);
}

static void make_good(const char *space)
{
	temp_dir_remove(at("%s/answers", temp_dir));
	temp_dir_remove(at("%s/containerd", temp_dir));
	annotate(&w, NULL, NULL);
	w.facts.arguments.n = w.facts.mounts.n = 0;
	w.policy.pause_digests = (struct str_list){0};
	w.facts.runtime_root = NULL;
	put_ctr(&w);
	put_blobs(w.roots[1][0], &im);
	put_container(space, NAME, "", "");
	put_name(space, im.index_digest);
	w.facts.bundle = keep(at("%s/io.containerd.runtime.v2.task/%s/" ID, w.roots[1][1], space));
	w.facts.root_path = root = keep(at("%s/rootfs", w.facts.bundle));
	put_snapshot(space, ID, im.chain[2], root);
}

/* A container of Kubernetes'. */
static void make_cri(void)
{
	make_good("k8s.io");
	put_container("k8s.io", NAME, "\"io.cri-containerd.kind\": \"container\", \"io.kubernetes.pod.namespace\": \"shop\"",
		      cri_extension("container", im.config_digest));
}

static void test_good(void)
{
	struct gate_request r;

	make_good("default");
	r = resolve(&w);
	is_str(r.digest, im.config_digest, "ctr: through index and manifest to the config");
	is_str(r.manifest, im.manifest_digest, "the manifest");
	is_str(r.platform, "linux/amd64", "the platform");
	is_str(r.repository, "registry.example.com/prod/app", "the repository");
	is_str(r.namespace_name, "default", "containerd's namespace");
	is_str(r.engine, "containerd", "the engine");
	put_name("default", im.manifest_digest);
	is_resolved(&w, &im, "a name of a manifest");
	w.facts.runtime_root = "/run/containerd/runc/default";
	is_resolved(&w, &im, "the runtime's root agrees");
	w.facts.runtime_root = "/run/containerd/runc/k8s.io";
	is_unresolved(&w, "the runtime's root of", "the runtime's root is another namespace's");
	make_good("default");
	annotate(&w, "io.kubernetes.cri.image-name", at("x@%s", im.index_digest));
	is_int((intmax_t)resolve(&w).contradicting.n, 0, "a name by the index's digest doesn't contradict");
	annotate(&w, "io.kubernetes.cri.image-name", at("x@%s", other.index_digest));
	is_int((intmax_t)resolve(&w).contradicting.n, 1, "by another's it does");
}

static void test_cri(void)
{
	struct gate_request r;

	make_cri();
	r = resolve(&w);
	is_str(r.digest, im.config_digest, "Kubernetes: the config that the CRI names");
	is_str(r.manifest, im.manifest_digest, "the manifest by the image's name");
	is_str(r.namespace_name, "shop", "the pod's namespace");
	put_name("k8s.io", other.index_digest);
	r = resolve(&w);
	is_str(r.digest, im.config_digest, "the tag moved: the CRI's word and the layers still say which");
	ok(!r.manifest && !r.repository, "but not by which name");
	put_container("k8s.io", NAME, "", cri_extension("container", other.config_digest));
	is_unresolved(&w, "has no blob", "the CRI names a config that isn't there");
	put(blob_file(w.roots[1][0], other.config_digest), "%s", other.config);
	is_unresolved(&w, "are not those of the image", "the CRI names another image's config");
	put_container("k8s.io", NAME, "", at("%s,%s", cri_extension("container", im.config_digest), cri_extension("sandbox", "")));
	is_unresolved(&w, "both a sandbox and a container", "both kinds at once");
	put_container("k8s.io", NAME, "", "\"io.cri-containerd.container.metadata\": {\"type_url\": \"x\", \"value\": \"%%%%\"}");
	is_unresolved(&w, "base64", "an extension that isn't readable");
}

static void test_changed(void)
{
	make_good("default");
	put(blob_file(w.roots[1][0], im.manifest_digest), "%s ", im.manifest);
	is_unresolved(&w, "what should be", "the manifest has a blank more");
	make_good("default");
	put(blob_file(w.roots[1][0], im.config_digest), "%s ", im.config);
	is_unresolved(&w, "what should be", "the config has one");
	make_good("default");
	put(blob_file(w.roots[1][0], im.index_digest), "%s ", im.index);
	is_unresolved(&w, "what should be", "the index has one");
	make_good("default");
	put_blobs(w.roots[1][0], &other);
	put_name("default", other.index_digest);
	is_unresolved(&w, "the layers mounted are not those of", "the tag has moved to another image (retag race)");
	make_good("default");
	put(blob_file(w.roots[1][0], im.index_digest), "%s", "");
	put_name("default", im.config_digest);
	is_unresolved(&w, "has no digest", "a name of something else");
	put_name("default", "sha256:short");
	is_unresolved(&w, "not understood", "a name of no digest");
	unlink(at("%s/answers/default images ls name==registry.example.com_prod_app:1", temp_dir));
	put(at("%s/answers/default images ls name==registry.example.com_prod_app:1", temp_dir), "REF TYPE DIGEST SIZE PLATFORMS LABELS\n");
	is_unresolved(&w, "no image of the name", "the name is gone");
}

static void test_mounts(void)
{
	make_good("default");
	put_snapshot("default", ID, im.chain[1], root);
	is_unresolved(&w, "the layers mounted are not those of", "the snapshot's parent is another");
	put_snapshot("default", ID, "", root);
	is_unresolved(&w, "no image's layers", "it has none");
	make_good("default");
	mount_overlay(root, "rw,lowerdir=" SNAPSHOTS "/3/fs:" SNAPSHOTS "/2/fs:" SNAPSHOTS "/1/fs,upperdir=" SNAPSHOTS "/8/fs");
	is_unresolved(&w, "not the container's snapshot", "another snapshot is mounted");
	mount_overlay(root, "rw,lowerdir=" SNAPSHOTS "/3/fs:" SNAPSHOTS "/1/fs,upperdir=" SNAPSHOTS "/9/fs");
	is_unresolved(&w, "are not the snapshot's", "a layer is left out");
	mount_overlay(root, "rw,lowerdir=3/fs:2/fs:1/fs,upperdir=" SNAPSHOTS "/9/fs");
	is_resolved(&w, &im, "many layers: relative names");
	mount_overlay(root, "rw,lowerdir=3/fs:4/fs:1/fs,upperdir=" SNAPSHOTS "/9/fs");
	is_unresolved(&w, "are not the snapshot's", "of them one is another");
	mount_overlay(root, "rw,lowerdir=fs:fs:fs,upperdir=" SNAPSHOTS "/9/fs");
	mounted.is_overlay = false;
	is_unresolved(&w, "no overlay's own mount", "another file system");
	make_good("default");
	put(at("%s/answers/default snapshots --snapshotter overlayfs mounts _root " ID, temp_dir), "mount -t bind /x /root -o rbind,rw\n");
	is_unresolved(&w, "is not one whose mounts can be read", "a snapshotter without overlays");
	mounted_at = NULL;
	is_unresolved(&w, "nothing is mounted", "nothing is mounted");
}

/* stargz, nydus and the like: the layers' names are right, their content is whatever the manifest
 * leads to. */
static void test_lazy(void)
{
	make_good("default");
	put(at("%s/answers/default containers info " ID, temp_dir),
	    "{\"ID\": \"" ID "\", \"Image\": \"" NAME "\", \"SnapshotKey\": \"" ID "\", \"Snapshotter\": \"stargz\"}");
	put(at("%s/answers/default snapshots --snapshotter stargz info " ID, temp_dir), "{\"Name\": \"" ID "\", \"Parent\": \"%s\"}",
	    im.chain[2]);
	put(at("%s/answers/default snapshots --snapshotter stargz mounts _root " ID, temp_dir),
	    "mount -t overlay overlay /root -o workdir=" SNAPSHOTS "/9/work,upperdir=" SNAPSHOTS "/9/fs,lowerdir=" SNAPSHOTS "/3/fs:" SNAPSHOTS
	    "/2/fs:" SNAPSHOTS "/1/fs\n");
	is_unresolved(&w, "snapshotter 'stargz' is not one that holds layers against the image's config",
		      "a snapshotter that doesn't unpack what the config names");
}

static void test_class(void)
{
	make_good("default");
	put(at("%s/answers/default containers info " ID, temp_dir), "{\"ID\": \"" ID "\", \"Image\": \"\", \"SnapshotKey\": \"\", \"Snapshotter\": \"\"}");
	is_unresolved(&w, "--rootfs", "no image, no snapshot");
	is_int(resolve(&w).subject, SUBJECT_ROOTFS, "its class is rootfs");
	put(at("%s/answers/default containers info " ID, temp_dir), "{\"ID\": \"other\", \"Image\": \"x\"}");
	is_unresolved(&w, "ctr answered for", "an answer for another container");
	put_container("default", "--help", "", "");
	is_unresolved(&w, "no name that can be asked for", "an image whose name is an option");
	put_container("default", "a,labels.x==1", "", "");
	is_unresolved(&w, "no name that can be asked for", "one whose name is a filter");
}

/* --- pause --- */

static void make_sandbox(const char *program)
{
	char hash[72];
	static const char *known[1];

	make_good("k8s.io");
	put_container("k8s.io", NAME, "\"io.cri-containerd.kind\": \"sandbox\"", cri_extension("sandbox", ""));
	put(at("%s/pause", root), "%s", program);
	digest_of("the pause program", hash);
	free((char *)known[0]);
	known[0] = keep(hash);
	w.policy.pause_digests = (struct str_list){known, 1, 1};
	w.arguments[0] = "/pause";
	w.facts.arguments.n = 1;
}

static void is_pause(bool yes, const char *name)
{
	struct gate_request r = resolve(&w);

	is_int(r.subject, yes ? SUBJECT_PAUSE : SUBJECT_IMAGE, name);
	ok(yes ? !r.digest : r.digest || r.unresolved_why, "and it has a digest unless it is one");
}

static void test_pause(void)
{
	struct gate_request r;
	const char *hashes[1];

	make_sandbox("the pause program");
	is_pause(true, "a sandbox with a known program");
	w.arguments[1] = "-P";
	w.facts.arguments.n = 2;
	is_pause(true, "with catatonit's option for waiting");
	w.arguments[1] = "/bin/evil";
	is_pause(false, "catatonit told to run something");
	w.arguments[1] = "-P";
	w.arguments[2] = "x";
	w.facts.arguments.n = 3;
	is_pause(false, "with more arguments");
	w.facts.arguments.n = 1;
	w.arguments[0] = "pause";
	is_pause(false, "a program to be searched for");
	w.arguments[0] = "/../pause";
	is_pause(false, "a path that goes upwards");
	make_sandbox("another program");
	is_pause(false, "the same name, other content");
	make_sandbox("the pause program");
	put_container("k8s.io", NAME, "", "");
	is_pause(false, "the known program in a container that is no sandbox");
	put_container("k8s.io", NAME, "\"io.cri-containerd.kind\": \"sandbox\"", "");
	is_pause(false, "a label alone makes no sandbox");
	make_sandbox("the pause program");
	w.binds[0] = (struct identity_bind){"/pause", keep(at("%s/evil", temp_dir))};
	w.facts.mounts.n = 1;
	put(w.binds[0].source, "evil");
	is_pause(false, "a mount over the program");
	put(w.binds[0].source, "the pause program");
	is_pause(true, "a mount of the known program over it");
	w.binds[0].destination = "/";
	is_pause(false, "a mount over what it lies in");
	w.binds[0].destination = "/other/../pause";
	put(w.binds[0].source, "evil");
	is_pause(false, "a mount over it by another name");
	w.binds[0] = (struct identity_bind){"/pause", NULL};
	is_pause(false, "a mount over it that is no bind");
	if (symlink(".", at("%s/elsewhere", root)) < 0)
		exit(99);
	w.binds[0].destination = "/elsewhere/pause";
	is_pause(false, "a mount that a link of the image leads to it");
	w.binds[0].destination = "/not/there";
	is_pause(true, "a mount elsewhere");
	make_sandbox("the pause program");
	unlink(at("%s/pause", root));
	if (symlink("real", at("%s/pause", root)) < 0)
		exit(99);
	put(at("%s/real", root), "the pause program");
	is_unresolved(&w, "can't be opened in the root", "a link to it");
	make_sandbox("x");
	hashes[0] = im.config_digest;
	w.policy.pause_digests = (struct str_list){hashes, 1, 1};
	r = resolve(&w);
	is_int(r.subject, SUBJECT_PAUSE, "a sandbox whose image is listed");
	is_str(r.digest, im.config_digest, "has its digest");
	make_sandbox("the pause program");
	w.policy.deny_digests = (struct str_list){hashes, 1, 1};
	is_str(resolve(&w).digest, im.config_digest, "one that is denied stays named");
	w.policy.deny_digests = (struct str_list){0};
}

/* --- the client --- */

static void test_client(void)
{
	struct engine_place place = w.places[1];

	make_good("default");
	unlink(at("%s/answers/default containers info " ID, temp_dir));
	is_unresolved(&w, "ctr: not found", "ctr fails: its words");
	put(at("%s/answers/default containers info " ID, temp_dir), "not JSON");
	is_unresolved(&w, "containers info", "ctr says something else");
	put(at("%s/answers/default containers info " ID ".sh", temp_dir), "exec cat /dev/zero\n");
	is_unresolved(&w, "said more than", "ctr without end");
	put(at("%s/answers/default containers info " ID ".sh", temp_dir), "sleep 1000\n");
	is_unresolved(&w, "gave no answer", "ctr that hangs");
	put(at("%s/answers/default containers info " ID ".sh", temp_dir), "kill -9 $$\n");
	is_unresolved(&w, "failed", "ctr killed");
	make_good("default");
	put(at("%s/answers/default containers info " ID ".sh", temp_dir), "sleep 1000 &\n");
	is_resolved(&w, &im, "ctr leaves somebody behind with its output");
	chmod(w.places[1].client, 0770);
	is_unresolved(&w, "its group", "a client that others can write");
	chmod(w.places[1].client, 0700);
	w.places[1].client = keep(at("%s/gone", temp_dir));
	is_unresolved(&w, "there is no", "no client");
	w.places[1].client = NULL;
	is_unresolved(&w, "names no client", "none in the policy");
	w.places[1] = place;
	w.facts.bundle = keep(at("%s/io.containerd.runtime.v2.task/-n/" ID, w.roots[1][1]));
	is_unresolved(&w, "not where its containers' do", "a namespace that is an option");
}

int main(void)
{
	temp_dir_enter();
	make_world(&w);
	im = make_image("app");
	other = make_image("other");
	test_good();
	test_cri();
	test_changed();
	test_mounts();
	test_lazy();
	test_class();
	test_pause();
	test_client();
	return tap_done();
}
