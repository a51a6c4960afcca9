/* podman and CRI-O: the right digest, and every way in which their data may not fit. */
#include "config.h"

#include "gate_engines.h"

#include <signal.h>
#include <sys/wait.h>

#define LAYER "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static struct world w;
static struct test_image im, other;
static char graph[256], run[256], more[256];

/* storage.makeBigDataBaseName */
static const char *item_file(const char *store, const char *id, const char *item)
{
	autostr name = STR_INIT;

	if (base64_encode(item, strlen(item), &name) < 0)
		exit(99);
	return at("%s/overlay-images/%s/=%s", store, id, str_text(&name));
}

static void put_image_json(const char *store, const struct test_image *image, const char *id, const char *digest, const char *layer)
{
	put(at("%s/overlay-images/images.json", store),
	    "[{\"id\":\"%064d\",\"digest\":\"sha256:%064d\",\"layer\":\"x\"},{\"id\":\"%s\",\"digest\":\"%s\",\"names\":[\"registry.example.com/prod/app:1\"],"
	    "\"names-history\":[\"alpine:3\"],\"layer\":\"%s\",\"mapped-layers\":[\"mapped-top\"],\"metadata\":\"{}\","
	    "\"big-data-names\":[\"%s\",\"manifest-%s\",\"manifest-%s\",\"manifest\"],\"big-data-digests\":{}}]",
	    5, 5, id, digest, layer, image->config_digest, image->manifest_digest, image->index_digest);
}

static void put_image(const char *store, const struct test_image *image, const char *id)
{
	put_image_json(store, image, id, image->manifest_digest, image->layer_id[2]);
	put(at("%s/overlay-images/%s/manifest", store, id), "%s", image->manifest);
	put(item_file(store, id, at("manifest-%s", image->manifest_digest)), "%s", image->manifest);
	put(item_file(store, id, at("manifest-%s", image->index_digest)), "%s", image->index);
	put(item_file(store, id, image->config_digest), "%s", image->config);
}

static const char *layer_json(const char *id, const char *parent, const char *diff)
{
	return at("{\"id\":\"%s\"%s%s%s,\"created\":\"2026-11-29T15:49:06Z\"%s%s%s}", id, *parent ? ",\"parent\":\"" : "", parent,
		  *parent ? "\"" : "", *diff ? ",\"diff-digest\":\"" : "", diff, *diff ? "\"" : "");
}

static void put_layers(const char *store, const struct test_image *image, const char *top)
{
	put(at("%s/overlay-layers/layers.json", store), "[%s,%s,%s,%s]", layer_json(image->layer_id[0], "", image->diff[0]),
	    layer_json(image->layer_id[1], image->layer_id[0], image->diff[1]),
	    layer_json(image->layer_id[2], image->layer_id[1], image->diff[2]), layer_json(LAYER, top, ""));
}

static const char *container_json(const char *image, const char *image_name)
{
	return at("{\"id\":\"%s\",\"names\":[\"c1\"],\"image\":\"%s\",\"layer\":\"%s\",\"metadata\":\"{\\\"image-name\\\":\\\"%s\\\","
		  "\\\"image-id\\\":\\\"%s\\\",\\\"name\\\":\\\"c1\\\",\\\"created-at\\\":1795967346}\",\"created\":\"2026-11-29T15:49:06Z\","
		  "\"flags\":{\"MountLabel\":\"\",\"ProcessLabel\":\"\"}}",
		  ID, image, LAYER, image_name, image);
}

static void put_containers(const char *store, const char *name, const char *entries)
{
	put(at("%s/overlay-containers/%s.json", store, name), "[%s]", entries);
}

static void link_layer(const char *store, const char *name, const char *id)
{
	const char *path = at("%s/overlay/l/%s", store, name);

	put(at("%s/overlay/l/.here", store), "%s", "");
	(void)unlink(path);
	if (symlink(at("../%s/diff", id), path) < 0)
		exit(99);
}

static void mount_good(void)
{
	mount_overlay(w.facts.root_path, "rw,lowerdir=%s/overlay/l/TOP:%s/overlay/%s/diff:%s/overlay/l/LOW,upperdir=%s/overlay/%s/diff,workdir=%s/overlay/%s/work",
		      graph, graph, im.layer_id[1], graph, graph, LAYER, graph, LAYER);
}

/* podman as it usually is. */
static void make_good(void)
{
	temp_dir_remove(at("%s/podman", temp_dir));
	annotate(&w, NULL, NULL);
	put_image(graph, &im, im.config_digest + 7);
	put_layers(graph, &im, im.layer_id[2]);
	put_containers(graph, "containers", container_json(im.config_digest + 7, "registry.example.com/prod/app:1"));
	link_layer(graph, "TOP", im.layer_id[2]);
	link_layer(graph, "LOW", im.layer_id[0]);
	w.facts.bundle = keep(at("%s/overlay-containers/" ID "/userdata", graph));
	w.facts.root_path = keep(at("%s/overlay/" LAYER "/merged", graph));
	mount_good();
}

/* --- what is right --- */

static void test_good(void)
{
	struct gate_request r;

	make_good();
	r = resolve(&w);
	is_str(r.digest, im.config_digest, "podman: the config's digest");
	is_str(r.manifest, im.manifest_digest, "the manifest's");
	is_str(r.platform, "linux/amd64", "the platform is the config's");
	is_str(r.reference, "registry.example.com/prod/app:1", "the name");
	is_str(r.repository, "registry.example.com/prod/app", "the repository");
	is_str(r.engine, "podman", "the engine");
	is_int(r.subject, SUBJECT_IMAGE, "it is an image");
	is_int(r.source, IDENTITY_ENGINE, "by the engine's data");
	is_int((intmax_t)r.contradicting.n, 0, "nothing contradicts");
	is_int(r.uid, 7, "what isn't identity stays as it was");
	put_containers(graph, "containers", container_json(im.config_digest + 7, "alpine:3"));
	is_str(resolve(&w).repository, "docker.io/library/alpine", "a short name, of before");
	put_containers(graph, "containers", container_json(im.config_digest + 7, "registry.example.com/other:1"));
	ok(!resolve(&w).repository, "a name that isn't the image's is no repository (moved tag)");
}

static void test_crio(void)
{
	struct gate_request r;

	make_good();
	unlink(at("%s/overlay-containers/containers.json", graph));
	put(at("%s/overlay-containers/volatile-containers.json", graph),
	    "[{\"id\":\"%s\",\"image\":\"%s\",\"layer\":\"%s\",\"metadata\":\"{\\\"pod-name\\\":\\\"p\\\",\\\"image-name\\\":\\\"registry.example.com/prod/app:1\\\","
	    "\\\"namespace\\\":\\\"shop\\\",\\\"pod\\\":false,\\\"privileged\\\":false}\"}]",
	    ID, im.config_digest + 7, LAYER);
	w.facts.bundle = keep(at("%s/overlay-containers/" ID "/userdata", run));
	r = resolve(&w);
	is_str(r.digest, im.config_digest, "CRI-O: the volatile list, the bundle in the run root");
	is_str(r.namespace_name, "shop", "the pod's namespace");
	rename(at("%s/overlay-containers/volatile-containers.json", graph), at("%s/x", graph));
	put(at("%s/overlay-containers/.made", run), "%s", "");
	rename(at("%s/x", graph), at("%s/overlay-containers/volatile-containers.json", run));
	is_resolved(&w, &im, "transient store: the list in the run root");
}

static void test_stores(void)
{
	make_good();
	temp_dir_remove(at("%s/overlay-images", graph));
	put_image(more, &im, im.config_digest + 7);
	is_resolved(&w, &im, "the image in an additional store");
	put_layers(more, &im, im.layer_id[2]);
	is_resolved(&w, &im, "its layers in both");
	make_good();
	put_image(graph, &im, "1111111111111111111111111111111111111111111111111111111111111111");
	put_containers(graph, "containers", container_json("1111111111111111111111111111111111111111111111111111111111111111", ""));
	is_resolved(&w, &im, "zstd:chunked: the image's id is another, the config's digest isn't");
	make_good();
	put_layers(graph, &im, "mapped-top");
	put(at("%s/overlay-layers/volatile-layers.json", graph), "[%s]", layer_json("mapped-top", im.layer_id[1], im.diff[2]));
	link_layer(graph, "TOP", "mapped-top");
	is_resolved(&w, &im, "mapped for a user namespace, and a volatile layer");
	make_good();
	mount_overlay(w.facts.root_path, "rw,lowerdir=%s/overlay/%s/mapped/0:%s/overlay/%s/mapped/1:%s/overlay/%s/mapped/2,upperdir=%s/overlay/%s/diff",
		      graph, LAYER, graph, LAYER, graph, LAYER, graph, LAYER);
	is_resolved(&w, &im, "layers through id-mapped mounts");
	mount_overlay(w.facts.root_path, "rw,lowerdir=%s/overlay/%s/mapped/0/l/TOP:%s/overlay/%s/mapped/0/%s/diff:%s/overlay/%s/mapped/0/l/LOW,upperdir=%s/overlay/%s/diff",
		      graph, LAYER, graph, LAYER, im.layer_id[1], graph, LAYER, graph, LAYER);
	is_resolved(&w, &im, "the store through one (podman 4.3)");
	mount_overlay(w.facts.root_path, "rw,lowerdir=%s/overlay/%s/mapped/0/l/LOW:%s/overlay/%s/mapped/0/%s/diff:%s/overlay/%s/mapped/0/l/TOP,upperdir=%s/overlay/%s/diff",
		      graph, LAYER, graph, LAYER, im.layer_id[1], graph, LAYER, graph, LAYER);
	is_unresolved(&w, "layer 1 that is mounted", "in another order");
	mount_overlay(w.facts.root_path, "rw,lowerdir=l/TOP:%s/diff:l/LOW,upperdir=" LAYER "/diff,workdir=" LAYER "/work", im.layer_id[1]);
	is_resolved(&w, &im, "many layers: names relative to the store");
	w.facts.root_path = keep(at("%s/intermediate-mountpoint-0.0", temp_dir));
	mount_good();
	is_resolved(&w, &im, "podman's intermediate mount: seen by the kernel's table, not by its name");
}

/* The root is this directory. */
static void mount_directory(const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0)
		exit(99);
	mounted = (struct identity_root){.options = "", .device = st.st_dev, .inode = st.st_ino};
}

static void test_vfs(void)
{
	make_good();
	rename(at("%s/overlay-images", graph), at("%s/vfs-images", graph));
	rename(at("%s/overlay-layers", graph), at("%s/vfs-layers", graph));
	rename(at("%s/overlay-containers", graph), at("%s/vfs-containers", graph));
	w.facts.bundle = keep(at("%s/vfs-containers/" ID "/userdata", graph));
	w.facts.root_path = keep(at("%s/vfs/dir/" LAYER, graph));
	put(at("%s/vfs/dir/other/file", graph), "x");
	put(at("%s/vfs/dir/" LAYER "/file", graph), "x");
	mounted_at = w.facts.root_path;
	mount_directory(at("%s/vfs/dir/" LAYER, graph));
	is_resolved(&w, &im, "vfs: the directory itself");
	mount_directory(at("%s/vfs/dir/other", graph));
	is_unresolved(&w, "is not the container's layer",
		      "vfs: another directory, by the layer's name");
	w.facts.root_path = keep(at("%s/vfs/dir/other", graph));
	mounted_at = w.facts.root_path;
	is_unresolved(&w, "is not the container's layer", "vfs: another directory");
	mount_directory(at("%s/vfs/dir/" LAYER, graph));
	is_resolved(&w, &im, "vfs: the layer by another name");
	rename(at("%s/vfs/dir/" LAYER, graph), at("%s/vfs/dir/gone", graph));
	is_unresolved(&w, "is not the container's layer", "vfs: no such layer");
	if (symlink("gone", at("%s/vfs/dir/" LAYER, graph)) < 0)
		exit(99);
	is_unresolved(&w, "is not the container's layer", "vfs: a link to it");
}

/* --- what isn't --- */

static void test_containers(void)
{
	struct gate_request r;

	make_good();
	put_containers(graph, "containers", container_json("", ""));
	is_unresolved(&w, "--rootfs", "an entry without image");
	r = resolve(&w);
	is_int(r.subject, SUBJECT_ROOTFS, "its class is rootfs");
	put_containers(graph, "containers", at("%s,%s", container_json(im.config_digest + 7, ""), container_json(im.config_digest + 7, "")));
	is_unresolved(&w, "ambiguous", "two entries of one id");
	put_containers(graph, "containers", container_json(im.config_digest + 7, ""));
	put_containers(graph, "volatile-containers", container_json(other.config_digest + 7, ""));
	is_unresolved(&w, "ambiguous", "one in each list");
	put_containers(graph, "volatile-containers", "");
	is_resolved(&w, &im, "an empty volatile list");
	put_containers(graph, "containers", "");
	is_unresolved(&w, "no container of this id", "none");
	put(at("%s/overlay-containers/containers.json", graph), "null\n");
	is_unresolved(&w, "no container of this id", "null, as Go writes no list");
	put(at("%s/overlay-containers/containers.json", graph), "{\"id\":\"" ID "\"}");
	is_unresolved(&w, "no container of this id", "an object");
	put(at("%s/overlay-containers/containers.json", graph), "[{\"id\":\"" ID "\",\"id\":\"x\"}]");
	is_unresolved(&w, "duplicate", "a key twice");
	put_containers(graph, "containers", container_json("../../../../etc", ""));
	is_unresolved(&w, "doesn't have the container's image", "an image's id that is a path");
	put_containers(graph, "containers", container_json(other.config_digest + 7, ""));
	is_unresolved(&w, "doesn't have the container's image", "an image that isn't there");
}

static void test_blobs(void)
{
	char changed[sizeof(im.manifest)];
	const char *id = im.config_digest + 7;

	make_good();
	memcpy(changed, im.manifest, sizeof(changed));
	*strstr(changed, "\"size\":") = ' ';
	put(at("%s/overlay-images/%s/manifest", graph, id), "%s", changed);
	is_unresolved(&w, "stored manifest", "the manifest changed by one byte");
	put(at("%s/overlay-images/%s/manifest", graph, id), "%s", other.manifest);
	is_unresolved(&w, "stored manifest", "another image's manifest");
	put_image_json(graph, &im, id, other.manifest_digest, im.layer_id[2]);
	put(item_file(graph, id, other.config_digest), "%s", other.config);
	is_unresolved(&w, "does not hold what the image's config says", "another image's manifest, config and digest");
	make_good();
	put(item_file(graph, id, im.config_digest), "%s ", im.config);
	is_unresolved(&w, "stored config", "the config with a blank more");
	unlink(item_file(graph, id, im.config_digest));
	is_unresolved(&w, "has no stored", "no config");
	make_good();
	put(at("%s/overlay-images/%s/manifest", graph, id), "%s", im.index);
	put_image_json(graph, &im, id, im.index_digest, im.layer_id[2]);
	is_unresolved(&w, "is an index", "an index for the manifest");
	make_good();
	put(item_file(graph, id, at("manifest-%s", im.index_digest)), "%s", other.index);
	is_unresolved(&w, "what should be", "an index that isn't what it is called");
}

static void test_layers(void)
{
	make_good();
	put_layers(graph, &im, im.layer_id[1]);
	is_unresolved(&w, "is not on top of its image's", "the wrong parent");
	put_layers(graph, &im, "gone");
	is_unresolved(&w, "doesn't know layer", "a parent that isn't there");
	put_layers(graph, &im, LAYER);
	is_unresolved(&w, "more than", "a layer that is its own parent");
	make_good();
	put_layers(more, &im, im.layer_id[1]);
	is_unresolved(&w, "ambiguous", "two stores differ about a layer");
	make_good();
	for (size_t n = 0; n < ARRAY_LEN(im.diff); n++) {
		struct test_image partly = im;

		(void)snprintf(partly.diff[n], sizeof(partly.diff[n]), "%s", "");
		put_layers(graph, &partly, im.layer_id[2]);
		is_unresolved(&w, "the store doesn't know what layer", "one that was pulled in parts");
	}
	make_good();
	put_image_json(graph, &im, im.config_digest + 7, im.manifest_digest, other.layer_id[2]);
	is_unresolved(&w, "is not on top of its image's", "the image has another layer");
}

static void test_mounts(void)
{
	make_good();
	mounted_at = NULL;
	is_unresolved(&w, "nothing is mounted", "nothing is mounted");
	mount_good();
	mounted.is_overlay = false;
	is_unresolved(&w, "is no overlay's own mount", "another file system");
	mount_good();
	mounted.is_mount = false;
	is_unresolved(&w, "is no overlay's own mount", "a directory within a mount");
	mount_overlay(w.facts.root_path, "rw,lowerdir=%s/overlay/l/TOP,upperdir=%s/overlay/%s/diff", graph, graph, im.layer_id[2]);
	is_unresolved(&w, "is not the container's layer", "another upper directory");
	mount_overlay(w.facts.root_path, "ro,lowerdir=%s/overlay/l/TOP", graph);
	is_unresolved(&w, "is not the container's layer", "no upper directory");
	mount_overlay(w.facts.root_path, "rw,lowerdir=%s/overlay/l/TOP:%s/overlay/l/LOW,upperdir=%s/overlay/" LAYER "/diff", graph, graph, graph);
	is_unresolved(&w, "layer 2 that is mounted", "a layer left out");
	mount_overlay(w.facts.root_path, "rw,lowerdir=%s/overlay/l/TOP,upperdir=%s/overlay/" LAYER "/diff", graph, graph);
	is_unresolved(&w, "1 layers are mounted", "layers left out at the end");
	mount_good();
	link_layer(graph, "TOP", other.layer_id[2]);
	is_unresolved(&w, "layer 1 that is mounted", "a short name that leads to another layer");
	unlink(at("%s/overlay/l/TOP", graph));
	is_unresolved(&w, "no link of the engine's", "a short name that leads nowhere");
	mount_overlay(w.facts.root_path, "rw,lowerdir=/srv/evil:%s/overlay/%s/diff:%s/overlay/l/LOW,upperdir=%s/overlay/" LAYER "/diff", graph,
		      im.layer_id[1], graph, graph);
	is_unresolved(&w, "layer 1 that is mounted", "a directory that is none of the store's");
	mount_overlay(w.facts.root_path, "rw,lowerdir=/srv/overlay/%s/diff:%s/overlay/%s/diff:%s/overlay/l/LOW,upperdir=%s/overlay/" LAYER "/diff",
		      im.layer_id[2], graph, im.layer_id[1], graph, graph);
	is_unresolved(&w, "layer 1 that is mounted", "a directory of another store of the same form");
}

/* --- annotations and permissions of files --- */

static void contradicts(const char *key, const char *value, const char *is, const char *name)
{
	struct gate_request r;

	annotate(&w, key, value);
	r = resolve(&w);
	is_str(r.digest, im.config_digest, "the answer stays what it is");
	is_int((intmax_t)r.contradicting.n, is ? 1 : 0, name);
	if (is && r.contradicting.n)
		is_str(r.contradicting.items[0], is, "told as it is");
	annotate(&w, NULL, NULL);
}

static void test_annotations(void)
{
	static const char claim[] = "io.kanuki.image.digest", cri[] = "io.kubernetes.cri.image-name", ref[] = "io.kubernetes.cri-o.ImageRef";

	make_good();
	contradicts(claim, other.config_digest, other.config_digest, "a claim of another digest contradicts");
	contradicts(claim, im.config_digest, NULL, "a claim of the same doesn't");
	contradicts(claim, im.manifest_digest, NULL, "nor one of the manifest's");
	contradicts(claim, im.index_digest, NULL, "nor of an index that names the manifest");
	contradicts(claim, "sha256:ABC", "sha256:ABC", "one that is no digest does");
	contradicts(claim, "", "", "an empty one does");
	contradicts(cri, at("registry.example.com/x@%s", other.manifest_digest), other.manifest_digest, "a name by another digest contradicts");
	contradicts(cri, at("registry.example.com/x@%s", im.manifest_digest), NULL, "by its own it doesn't");
	contradicts(cri, "registry.example.com/x:latest", NULL, "a tag says nothing");
	contradicts(ref, im.config_digest + 7, NULL, "CRI-O's ImageRef of the same image doesn't");
	contradicts(ref, other.config_digest + 7, other.config_digest, "of another it does");
	contradicts("io.kubernetes.cri-o.ImageName", at("x@%s", other.manifest_digest), other.manifest_digest, "CRI-O's ImageName does");
	contradicts("org.opencontainers.image.base.digest", other.config_digest, NULL, "what the image says of its base says nothing");
	make_good();
	put_containers(graph, "containers", "");
	annotate(&w, claim, im.config_digest);
	is_unresolved(&w, "no container of this id", "a claim doesn't help where the engine knows nothing");
	annotate(&w, "io.kubernetes.cri-o.ContainerType", "sandbox");
	is_unresolved(&w, "no container of this id", "nor does calling it a sandbox");
}

static void test_files(void)
{
	const char *list = at("%s/overlay-containers/containers.json", graph);
	autofree char *path = strdup(list);

	make_good();
	chmod(path, 0660);
	is_unresolved(&w, "its group", "a list that a group can write");
	chmod(path, 0602);
	is_unresolved(&w, "anybody", "a list that anybody can write");
	chmod(path, 0600);
	chmod(at("%s/overlay-containers", graph), 0770);
	is_unresolved(&w, "its group", "its directory");
	chmod(at("%s/overlay-containers", graph), 0700);
	rename(path, at("%s/real", graph));
	if (symlink(at("%s/real", graph), path) < 0)
		exit(99);
	is_unresolved(&w, "link", "a list that is a symbolic link");
	unlink(path);
	if (mkfifo(path, 0600) < 0)
		exit(99);
	is_unresolved(&w, "not a regular file", "a FIFO");
	make_good();
	rename(at("%s/overlay-images", graph), at("%s/elsewhere", graph));
	if (symlink(at("%s/elsewhere", graph), at("%s/overlay-images", graph)) < 0)
		exit(99);
	is_unresolved(&w, "link", "a directory that is a symbolic link");
}

/* More than is ever read of a list: 64 MB of white space, and a long list that is not too long. */
static void test_sizes(void)
{
	autofree char *path = NULL;
	autostr text = STR_INIT;

	make_good();
	path = strdup(at("%s/overlay-containers/containers.json", graph));
	str_add(&text, "[");
	for (int n = 0; n < 10000; n++)
		str_addf(&text, "{\"id\":\"%064d\",\"image\":\"%064d\",\"layer\":\"x\",\"metadata\":\"{}\"},", n, n);
	str_addf(&text, "%s]", container_json(im.config_digest + 7, ""));
	put_bytes(path, text.s, text.len);
	is_resolved(&w, &im, "20,000 other containers");
	if (truncate(path, (off_t)80 << 20) < 0)
		exit(99);
	is_unresolved(&w, "containers.json", "a list that ends in nothing for 80 MB");
	make_good();
	if (truncate(at("%s/overlay-images/%s/manifest", graph, im.config_digest + 7), (off_t)80 << 20) < 0)
		exit(99);
	is_unresolved(&w, "manifest", "a manifest of 80 MB");
}

static void test_places(void)
{
	make_good();
	w.facts.bundle = keep(at("%s/overlay-containers/other/userdata", graph));
	is_unresolved(&w, "not where its containers' do", "another container's directory");
	w.facts.bundle = keep(at("%s/overlay-containers/" ID, graph));
	is_unresolved(&w, "not where its containers' do", "not the bundle's directory");
	w.facts.bundle = keep(at("%s/overlay-containers/" ID "/userdata/../userdata", graph));
	is_unresolved(&w, "upwards", "a path that goes upwards");
	w.facts.bundle = "overlay-containers/" ID "/userdata";
	is_unresolved(&w, "absolute", "a relative path");
	w.facts.bundle = keep(at("%s/btrfs-containers/" ID "/userdata", graph));
	is_unresolved(&w, "no container of this id", "a driver of which there is nothing");
	make_good();
	w.facts.id = "../" ID;
	is_unresolved(&w, "id", "an id that is a path");
	w.facts.id = ID;
}

/* Somebody puts another image's files in the place of these, over and over, as an engine does: by renaming.  An
 * answer is of the one or none, never of the other or of a mixture. */
static void test_race(void)
{
	const char *id = im.config_digest + 7;
	autofree char *path = NULL, *one = NULL, *two = NULL;
	unsigned right = 0, none = 0, wrong = 0;
	struct gate_request r = {0};
	struct arena arena = ARENA_INIT;
	struct err err = ERR_INIT;
	pid_t pid;

	make_good();
	path = strdup(at("%s/overlay-images/%s/manifest", graph, id));
	one = strdup(at("%s/overlay-images/%s/one", graph, id));
	two = strdup(at("%s/overlay-images/%s/two", graph, id));
	put(item_file(graph, id, other.config_digest), "%s", other.config);
	pid = fork();
	if (pid == 0)
		for (;;) {
			put(one, "%s", other.manifest);
			put(two, "%s", im.manifest);
			if (rename(one, path) < 0 || rename(two, path) < 0)
				_exit(1);
			/* A storm of them makes openat2(2) of others fail with EAGAIN, in tests that run beside this one. */
			usleep(500);
		}
	for (int n = 0; n < 1000; n++) {
		if (identity_resolve(&w.policy, &w.facts, &arena, &r, &err) < 0)
			break;
		right += r.digest && !strcmp(r.digest, im.config_digest) && !strcmp(r.manifest, im.manifest_digest);
		none += !r.digest;
		wrong += r.digest && (strcmp(r.digest, im.config_digest) != 0 || strcmp(r.manifest, im.manifest_digest) != 0);
		arena_release(&arena);
	}
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	diag("%u right, %u none", right, none);
	is_int(wrong, 0, "files replaced while they are read: never another answer");
	is_int(right + none, 1000, "and an answer each time");
	ok(right > 0, "also the right one");
}

int main(void)
{
	temp_dir_enter();
	make_world(&w);
	snprintf(graph, sizeof(graph), "%s", w.roots[0][0]);
	snprintf(run, sizeof(run), "%s", w.roots[0][1]);
	snprintf(more, sizeof(more), "%s", w.additional[0]);
	im = make_image("app");
	other = make_image("other");
	test_good();
	test_crio();
	test_stores();
	test_vfs();
	test_containers();
	test_blobs();
	test_layers();
	test_mounts();
	test_annotations();
	test_files();
	test_sizes();
	test_places();
	test_race();
	return tap_done();
}
