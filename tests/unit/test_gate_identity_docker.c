/* Docker with both kinds of image store; plain bundles, builds, pins and permits. */
#include "config.h"

#include "gate_engines.h"

#define MOUNT "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

static struct world w;
static struct test_image im, other;
static const char *data;

static void put_config(const char *driver, const char *image, const char *more)
{
	put(at("%s/containers/" ID "/config.v2.json", data),
	    "{\"StreamConfig\":{},\"ID\":\"" ID "\",\"Created\":\"2026-11-29T15:49:06Z\",\"Path\":\"sh\",\"Args\":[],\"Config\":{\"Image\":\"app\",\"Labels\":{}},"
	    "\"Image\":\"%s\",\"Name\":\"/c1\",\"Driver\":\"%s\",\"OS\":\"linux\"%s}",
	    image, driver, more);
}

static const char *layerdb(const char *chain)
{
	return at("%s/image/overlay2/layerdb/sha256/%s", data, chain + 7);
}

static void link_layer(const char *name, const char *id)
{
	put(at("%s/overlay2/l/.here", data), "%s", "");
	if (symlink(at("../%s/diff", id), at("%s/overlay2/l/%s", data, name)) < 0)
		exit(99);
}

static void make_bundle(void)
{
	annotate(&w, NULL, NULL);
	w.facts.bundle = keep(at("%s/io.containerd.runtime.v2.task/moby/" ID, w.roots[1][1]));
	w.facts.root_path = keep(at("%s/overlay2/" MOUNT "/merged", data));
}

static void make_graph(void)
{
	temp_dir_remove(at("%s/docker", temp_dir));
	make_bundle();
	put_config("overlay2", im.config_digest, "");
	put(at("%s/image/overlay2/imagedb/content/sha256/%s", data, im.config_digest + 7), "%s", im.config);
	put(at("%s/image/overlay2/layerdb/mounts/" ID "/parent", data), "%s", im.chain[2]);
	put(at("%s/image/overlay2/layerdb/mounts/" ID "/mount-id", data), "%s", MOUNT);
	put(at("%s/image/overlay2/repositories.json", data),
	    "{\"Repositories\":{\"app\":{\"app:latest\":\"%s\",\"app@%s\":\"%s\"},\"other\":{\"other:latest\":\"%s\"}}}", im.config_digest, im.manifest_digest,
	    im.config_digest, other.config_digest);
	for (int n = 0; n < LAYERS; n++) {
		put(at("%s/cache-id", layerdb(im.chain[n])), "cache%d\n", n);
		link_layer(at("SHORT%d", n), at("cache%d", n));
	}
	link_layer("INIT", MOUNT "-init");
	mount_overlay(w.facts.root_path, "rw,lowerdir=%s/overlay2/l/INIT:%s/overlay2/l/SHORT2:%s/overlay2/cache1/diff:%s/overlay2/l/SHORT0,upperdir=%s/overlay2/" MOUNT "/diff,workdir=x",
		      data, data, data, data, data);
}

static void test_graph(void)
{
	struct gate_request r;

	make_graph();
	r = resolve(&w);
	is_str(r.digest, im.config_digest, "graph driver: the image's id");
	is_str(r.platform, "linux/amd64", "the platform");
	is_str(r.repository, "docker.io/library/app", "the repository, in full");
	is_str(r.engine, "docker", "the engine");
	put(at("%s/image/overlay2/repositories.json", data), "{\"Repositories\":{\"app\":{\"app:latest\":\"%s\"}}}", other.config_digest);
	ok(!resolve(&w).repository, "the tag has moved: no repository");
	make_graph();
	w.facts.bundle = keep(at("%s/containerd/daemon/io.containerd.runtime.v2.task/moby/" ID, w.roots[2][1]));
	is_resolved(&w, &im, "Docker's own containerd");
	w.roots[2][2] = "/run/docker";
	w.places[2].roots.n = 3;
	w.facts.bundle = "/var/run/docker/containerd/daemon/io.containerd.runtime.v2.task/moby/" ID;
	is_resolved(&w, &im, "by the name of before /run");
	w.places[2].roots.n = 2;
	is_int(resolve(&w).subject, SUBJECT_BUNDLE, "which is a plain bundle where the policy has no such place");
}

static void test_graph_bad(void)
{
	make_graph();
	put(at("%s/image/overlay2/imagedb/content/sha256/%s", data, im.config_digest + 7), "%s ", im.config);
	is_unresolved(&w, "what should be", "the config has a blank more");
	make_graph();
	put(at("%s/image/overlay2/layerdb/mounts/" ID "/parent", data), "%s", im.chain[1]);
	is_unresolved(&w, "not on top of its image's", "the wrong parent");
	make_graph();
	put(at("%s/image/overlay2/layerdb/mounts/" ID "/mount-id", data), "../x");
	is_unresolved(&w, "mount-id", "a mount's name that is a path");
	make_graph();
	put(at("%s/cache-id", layerdb(im.chain[1])), "cache7");
	is_unresolved(&w, "layer 2 that is mounted", "a layer is another directory");
	make_graph();
	mount_overlay(w.facts.root_path, "rw,lowerdir=%s/overlay2/l/SHORT2:%s/overlay2/cache1/diff:%s/overlay2/l/SHORT0,upperdir=%s/overlay2/" MOUNT "/diff", data, data, data, data);
	is_unresolved(&w, "layer 0 that is mounted", "without Docker's own layer");
	mount_overlay(w.facts.root_path, "rw,lowerdir=%s/overlay2/l/INIT,upperdir=%s/overlay2/other/diff", data, data);
	is_unresolved(&w, "not the container's layer", "another container's layer");
	make_graph();
	put_config("overlay2", "", "");
	is_unresolved(&w, "no image is behind", "no image");
	put_config("overlay2", "sha256:x", "");
	is_unresolved(&w, "Image is no digest", "an image that is no digest");
	put_config("../overlay2", im.config_digest, "");
	is_unresolved(&w, "no storage driver", "a driver that is a path");
	put(at("%s/containers/" ID "/config.v2.json", data), "{\"ID\":\"other\",\"Driver\":\"overlay2\",\"Image\":\"%s\"}", im.config_digest);
	is_unresolved(&w, "is container other's", "another container's configuration");
	unlink(at("%s/containers/" ID "/config.v2.json", data));
	is_unresolved(&w, "docker has no container", "none: a BuildKit step or another's");
	make_graph();
	annotate(&w, "io.kanuki.image.digest", other.config_digest);
	is_int((intmax_t)resolve(&w).contradicting.n, 1, "an annotation contradicts");
}

/* --- containerd's image store --- */

static void put_name(const char *digest)
{
	put(at("%s/answers/moby images ls name==docker.io_library_app:latest", temp_dir),
	    "REF TYPE DIGEST SIZE PLATFORMS LABELS\ndocker.io/library/app:latest application/vnd.oci.image.index.v1+json %s 3.6 MiB linux/amd64 -\n",
	    digest);
}

static void make_containerd(const char *manifest)
{
	temp_dir_remove(at("%s/docker", temp_dir));
	temp_dir_remove(at("%s/containerd", temp_dir));
	temp_dir_remove(at("%s/answers", temp_dir));
	make_bundle();
	put_ctr(&w);
	put_config("overlayfs", im.index_digest, at(",\"ImageManifest\":{\"mediaType\":\"x\",\"digest\":\"%s\",\"size\":1}", manifest));
	w.facts.root_path = keep(at("%s/rootfs/overlayfs/" ID, data));
	put_snapshot("moby", ID, im.chain[2], w.facts.root_path);
	put_blobs(w.roots[1][0], &im);
}

static void test_containerd(void)
{
	struct gate_request r;

	make_containerd(im.manifest_digest);
	r = resolve(&w);
	is_str(r.digest, im.config_digest, "containerd's store: from the index to the config");
	is_str(r.manifest, im.manifest_digest, "the manifest");
	is_int((intmax_t)r.contradicting.n, 0, "nothing contradicts");
	ok(!r.repository, "containerd knows no image by the name: none");
	put_name(other.index_digest);
	ok(!resolve(&w).repository, "the name has moved: none");
	put_name(im.index_digest);
	r = resolve(&w);
	is_str(r.repository, "docker.io/library/app", "the repository, as containerd has its name");
	is_str(r.reference, "docker.io/library/app:latest", "the name");
	make_containerd(other.manifest_digest);
	is_unresolved(&w, "docker says manifest", "Docker names another manifest");
	make_containerd(im.manifest_digest);
	put_snapshot("moby", ID, other.chain[2], w.facts.root_path);
	is_unresolved(&w, "are not those of", "other layers");
	make_containerd(im.manifest_digest);
	put_snapshot("moby", ID "-init", im.chain[2], w.facts.root_path);
	put_snapshot("moby", ID, ID "-init", w.facts.root_path);
	is_resolved(&w, &im, "Docker's own files between the container's and the image's");
	put_snapshot("moby", ID "-init", other.chain[2], w.facts.root_path);
	is_unresolved(&w, "are not those of", "other layers below them");
	put_snapshot("moby", ID "-init", ID "-init", w.facts.root_path);
	is_unresolved(&w, "no image's layers below it", "and again");
	put_snapshot("moby", ID, "another-init", w.facts.root_path);
	is_unresolved(&w, "no image's layers below it", "another container's");
	make_containerd(im.manifest_digest);
	unlink(blob_file(w.roots[1][0], im.index_digest));
	is_unresolved(&w, "has no blob", "the index is gone");
	make_containerd(im.manifest_digest);
	temp_dir_remove(at("%s/containerd/lib", temp_dir));
	put_blobs(at("%s/containerd/daemon", data), &im);
	is_resolved(&w, &im, "the blobs of Docker's own containerd");
	temp_dir_remove(at("%s/containerd", data));
	is_unresolved(&w, "blobs are in none", "no blobs at all");
}

/* --- no engine --- */

static void test_bundle(void)
{
	struct gate_request r;
	struct permission permit = {.kind = PERMISSION_PERMIT, .images = {(const char *[]){im.config_digest}, 1, 1}};
	permission_list permits = {&permit, 1, 1};

	annotate(&w, NULL, NULL);
	w.facts.bundle = keep(at("%s/bundle", temp_dir));
	w.facts.root_path = keep(at("%s/bundle/rootfs", temp_dir));
	put(at("%s/bundle/config.json", temp_dir), "{}");
	is_unresolved(&w, "plain bundle", "a plain bundle");
	is_int(resolve(&w).subject, SUBJECT_BUNDLE, "its class is bundle");
	annotate(&w, "io.kanuki.image.digest", im.config_digest);
	is_unresolved(&w, "plain bundle", "an annotation is no pin");
	w.facts.permissions = &permits;
	is_unresolved(&w, "plain bundle", "nor with a permit where the policy takes none");
	w.policy.identity_accept |= 1u << IDENTITY_PERMIT;
	r = resolve(&w);
	is_str(r.digest, im.config_digest, "with a permit where it does");
	is_int(r.source, IDENTITY_PERMIT, "and it says so");
	is_int(r.subject, SUBJECT_IMAGE, "it is an image then");
	annotate(&w, "io.kanuki.image.digest", other.config_digest);
	is_unresolved(&w, "plain bundle", "a permit for another image");
	permit.kind = PERMISSION_WAIVER;
	annotate(&w, "io.kanuki.image.digest", im.config_digest);
	is_unresolved(&w, "plain bundle", "a waiver is no permit");
	w.policy.identity_accept &= ~(1u << IDENTITY_PERMIT);
	annotate(&w, NULL, NULL);
	put(at("%s/bundle/kanuki-image", temp_dir), "registry.example.com/prod/app@%s\n", im.manifest_digest);
	r = resolve(&w);
	is_str(r.digest, im.manifest_digest, "a pin beside config.json");
	is_int(r.source, IDENTITY_PINNED, "by a pin");
	is_str(r.repository, "registry.example.com/prod/app", "with a name");
	annotate(&w, "io.kanuki.image.digest", other.config_digest);
	is_int((intmax_t)resolve(&w).contradicting.n, 1, "an annotation contradicts it");
	annotate(&w, NULL, NULL);
	put(at("%s/bundle/kanuki-image", temp_dir), "%s", im.config_digest);
	is_str(resolve(&w).digest, im.config_digest, "a digest alone");
	put(at("%s/bundle/kanuki-image", temp_dir), "%s\n%s\n", im.config_digest, other.config_digest);
	is_unresolved(&w, "is not one line", "two lines");
	put(at("%s/bundle/kanuki-image", temp_dir), "registry.example.com/prod/app:1\n");
	is_unresolved(&w, "is not one line", "a tag");
	put(at("%s/bundle/kanuki-image", temp_dir), "%s\n", im.config_digest);
	chmod(at("%s/bundle/kanuki-image", temp_dir), 0662);
	is_unresolved(&w, "can be written by", "one that others can write");
	chmod(at("%s/bundle/kanuki-image", temp_dir), 0600);
	w.policy.identity_accept = 1u << IDENTITY_ENGINE;
	is_unresolved(&w, "plain bundle", "where the policy takes no pins");
	w.policy.identity_accept |= 1u << IDENTITY_PINNED;
	w.facts.root_path = w.facts.bundle;
	is_unresolved(&w, "plain bundle", "a pin within the root file system is the image's own");
}

static void is_build(const char *bundle, const char *id, const char *name)
{
	struct gate_request r;

	w.facts.bundle = keep(bundle);
	w.facts.id = id;
	r = resolve(&w);
	is_int(r.subject, SUBJECT_BUILD, name);
	ok(!r.digest, "without a digest");
	w.facts.id = ID;
}

static void test_build(void)
{
	w.facts.root_path = "/var/tmp/buildah123/mnt/rootfs";
	is_build("/var/tmp/buildah123", "buildah-buildah123", "buildah RUN");
	is_build("/var/lib/buildkit/runc-overlayfs/executor/abc", "abc", "BuildKit");
	is_build(at("%s/buildkit/executor/abc", data), "abc", "BuildKit in Docker");
	w.facts.bundle = "/srv/buildah123";
	w.facts.id = "buildah-buildah123";
	is_int(resolve(&w).subject, SUBJECT_BUNDLE, "an id alone makes no build");
	w.facts.id = ID;
	w.facts.bundle = keep(at("%s/buildkit/executor/abc", data));
	is_unresolved(&w, "not where its containers' do", "nor a place alone");
}

int main(void)
{
	temp_dir_enter();
	make_world(&w);
	data = w.roots[2][0];
	im = make_image("app");
	other = make_image("other");
	test_graph();
	test_graph_bad();
	test_containerd();
	test_bundle();
	test_build();
	return tap_done();
}
