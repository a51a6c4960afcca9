/* By the packages' own defaults; /var/run is a link to /run. */
#include "config.h"

#include "plan/host_sockets.h"

#include "base/list.h"

#include "base/banned.h"

const char *const plan_host_sockets[] = {
	"/run/buildkit/buildkitd.sock",
	"/run/containerd/containerd.sock",
	"/run/containerd/containerd.sock.ttrpc",
	"/run/containerd/debug.sock",
	"/run/cri-dockerd.sock",
	"/run/crio/crio.sock",
	"/run/dbus/system_bus_socket",
	"/run/docker.sock",
	"/run/docker/containerd/containerd.sock",
	"/run/dockershim.sock",
	"/run/incus/unix.socket",
	"/run/k0s/containerd.sock",
	"/run/k3s/containerd/containerd.sock",
	"/run/libvirt/libvirt-sock",
	"/run/libvirt/virtqemud-sock",
	"/run/podman/podman.sock",
	"/run/snapd.socket",
	"/run/systemd/private",
	"/run/udev/control",
	"/var/lib/incus/unix.socket",
	"/var/lib/kubelet/device-plugins/kubelet.sock",
	"/var/lib/kubelet/pod-resources/kubelet.sock",
	"/var/lib/lxd/unix.socket",
	"/var/snap/lxd/common/lxd/unix.socket",
};
const size_t plan_host_sockets_n = ARRAY_LEN(plan_host_sockets);
