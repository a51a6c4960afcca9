/* By the packages' own defaults; /var/run is a link to /run. */
#include "config.h"

#include "plan/host_sockets.h"

#include "base/list.h"

#include "base/banned.h"

const struct plan_host_socket plan_host_sockets[] = {
	{.path = "/run/buildkit/buildkitd.sock", .engine = true},
	{.path = "/run/containerd/containerd.sock", .engine = true},
	{.path = "/run/containerd/containerd.sock.ttrpc", .engine = true},
	{.path = "/run/containerd/debug.sock", .engine = true},
	{.path = "/run/cri-dockerd.sock", .engine = true},
	{.path = "/run/crio/crio.sock", .engine = true},
	{.path = "/run/dbus/system_bus_socket"},
	{.path = "/run/docker.sock", .engine = true},
	{.path = "/run/docker/containerd/containerd.sock", .engine = true},
	{.path = "/run/dockershim.sock", .engine = true},
	{.path = "/run/incus/unix.socket", .engine = true},
	{.path = "/run/k0s/containerd.sock", .engine = true},
	{.path = "/run/k3s/containerd/containerd.sock", .engine = true},
	{.path = "/run/libvirt/libvirt-sock"},
	{.path = "/run/libvirt/virtqemud-sock"},
	{.path = "/run/podman/podman.sock", .engine = true},
	{.path = "/run/snapd.socket"},
	{.path = "/run/systemd/private"},
	{.path = "/run/udev/control"},
	{.path = "/var/lib/incus/unix.socket", .engine = true},
	{.path = "/var/lib/kubelet/device-plugins/kubelet.sock"},
	{.path = "/var/lib/kubelet/pod-resources/kubelet.sock"},
	{.path = "/var/lib/lxd/unix.socket", .engine = true},
	{.path = "/var/snap/lxd/common/lxd/unix.socket", .engine = true},
};
const size_t plan_host_sockets_n = ARRAY_LEN(plan_host_sockets);
