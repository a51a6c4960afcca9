/* Network: the new namespace, where the parent makes it, its loopback interface, and host
 * interfaces moved into it (linux.netDevices), by rtnetlink(7).
 *
 * The kernel drops addresses of an interface that changes its namespace, so they
 * are read before and set again inside, as the specification asks.
 */
#include "config.h"

#include "act/process.h"
#include "act/rootfs.h"
#include "base/auto.h"
#include "proto/sync.h"
#include "sys/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>

#include "base/banned.h"

#define BUF_SIZE 16384
#define MAX_ADDRESSES 32

bool net_is_made_apart(const struct plan *plan)
{
	return plan->ns[NS_NET].mode == NS_PRIVATE && plan->ns[NS_USER].mode == NS_HOST;
}

int net_raise_loopback(int socket_fd, struct err *err)
{
	struct ifreq req = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING};

	if (sys_ioctl(socket_fd, SIOCSIFFLAGS, &req) < 0)
		return err_sys(err, "bring the loopback interface up");
	return 0;
}

static int open_socket(struct err *err)
{
	int fd = sys_socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	return fd < 0 ? err_sys(err, "create a socket") : fd;
}

static int open_made(int self_ns_dirfd, int *ret_socket_fd, struct err *err)
{
	autofd int fd = sys_openat(self_ns_dirfd, "net", O_RDONLY | O_CLOEXEC, 0);

	if (fd < 0)
		return err_sys(err, "open the container's network namespace");
	*ret_socket_fd = open_socket(err);
	return *ret_socket_fd < 0 ? -1 : steal_fd(&fd);
}

int net_make(int self_ns_dirfd, struct stat *ret_own, int *ret_socket_fd, struct err *err)
{
	autofd int own_fd = sys_openat(self_ns_dirfd, "net", O_RDONLY | O_CLOEXEC, 0);
	autofd int fd = -1;

	if (own_fd < 0 || sys_fstat(own_fd, ret_own) < 0)
		return err_sys(err, "open our own network namespace");
	if (sys_unshare(CLONE_NEWNET) < 0)
		return err_sys(err, "create a network namespace");
	fd = open_made(self_ns_dirfd, ret_socket_fd, err);
	/* Hooks are the host's, and run by this process (the first error is told). */
	if (sys_setns(own_fd, CLONE_NEWNET) < 0)
		return err_sys(err, "return to our own network namespace");
	return steal_fd(&fd);
}

int net_enter(const struct plan *plan, struct child *child, struct err *err)
{
	autofd int fd = -1;
	enum sync_kind kind;

	if (child->is_exec || child->net_entered || !net_is_made_apart(plan))
		return 0;
	child->net_entered = true;
	if (sync_recv(child->sync_fd, &kind, &fd, err) < 0)
		return -1;
	if (kind != SYNC_NETNS || fd < 0)
		return err_set(err, ERR_PROTO, "waited for '%s', the runtime sent '%s'",
			       sync_name(SYNC_NETNS), sync_name(kind));
	if (sys_setns(fd, CLONE_NEWNET) < 0)
		return err_sys(err, "enter the network namespace");
	return 0;
}

int net_apply(const struct plan *plan, struct child *child, struct err *err)
{
	if (net_enter(plan, child, err) < 0)
		return -1;
	if (plan->loopback_up && !net_is_made_apart(plan)) {
		autofd int fd = open_socket(err);

		if (fd < 0 || net_raise_loopback(fd, err) < 0)
			return -1;
	}
	if (!plan->net_devices.n)
		return 0;
	if (devices_await_rules(plan, child, err) < 0)
		return -1;
	return sync_request(child->sync_fd, SYNC_NETWORK, -1, err);
}

/* --- rtnetlink, one request and its answer at a time --- */

struct request {
	struct nlmsghdr head;
	char body[512];
};

static void add_attribute(struct request *r, unsigned short type, const void *data, size_t len)
{
	struct rtattr *a = (struct rtattr *)((char *)r + NLMSG_ALIGN(r->head.nlmsg_len));

	a->rta_type = type;
	a->rta_len = (unsigned short)RTA_LENGTH(len);
	memcpy(RTA_DATA(a), data, len);
	r->head.nlmsg_len = NLMSG_ALIGN(r->head.nlmsg_len) + RTA_ALIGN(a->rta_len);
}

static int send_request(int fd, struct request *r)
{
	struct iovec iov = {.iov_base = r, .iov_len = r->head.nlmsg_len};
	struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};

	return sys_sendmsg(fd, &msg, 0) < 0 ? -1 : 0;
}

static ssize_t receive(int fd, char buf[BUF_SIZE])
{
	struct iovec iov = {.iov_base = buf, .iov_len = BUF_SIZE};
	struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};
	ssize_t n = sys_recvmsg(fd, &msg, 0);

	if (n >= 0 && (msg.msg_flags & MSG_TRUNC)) {
		errno = EMSGSIZE;
		return -1;
	}
	return n;
}

/* Sends with NLM_F_ACK and waits for the acknowledgement: 0, or -1 and errno. */
static int transact(int fd, struct request *r)
{
	_Alignas(struct nlmsghdr) char buf[BUF_SIZE];
	const struct nlmsghdr *h = (const struct nlmsghdr *)buf;
	const struct nlmsgerr *e;
	ssize_t n;

	r->head.nlmsg_flags |= NLM_F_REQUEST | NLM_F_ACK;
	if (send_request(fd, r) < 0)
		return -1;
	n = receive(fd, buf);
	if (n < 0)
		return -1;
	if (!NLMSG_OK(h, (size_t)n) || h->nlmsg_type != NLMSG_ERROR ||
	    h->nlmsg_len < NLMSG_LENGTH(sizeof(*e))) {
		errno = EPROTO;
		return -1;
	}
	e = NLMSG_DATA(h);
	errno = -e->error;
	return e->error ? -1 : 0;
}

static int open_netlink(struct err *err)
{
	int fd = sys_socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);

	return fd < 0 ? err_sys(err, "create a netlink socket") : fd;
}

static int interface_index(const char *name, struct err *err)
{
	struct ifreq req = {0};
	autofd int fd = sys_socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return err_sys(err, "create a socket");
	(void)snprintf(req.ifr_name, sizeof(req.ifr_name), "%s", name); /* length checked by spec/ */
	if (sys_ioctl(fd, SIOCGIFINDEX, &req) < 0)
		return err_sys(err, "linux.netDevices: find interface '%s'", name);
	return req.ifr_ifindex;
}

struct addresses {
	size_t n;
	struct {
		unsigned char family, prefix;
		unsigned char local[16];
		size_t len;
	} list[MAX_ADDRESSES];
};

/* Global addresses that an administrator set: what is permanent and not of the link. */
static int keep_address(const struct nlmsghdr *h, int index, struct addresses *ret)
{
	const struct ifaddrmsg *m = NLMSG_DATA(h);
	size_t len = h->nlmsg_len - NLMSG_LENGTH(sizeof(*m));
	const struct rtattr *best = NULL;

	if (m->ifa_index != (unsigned)index || m->ifa_scope != RT_SCOPE_UNIVERSE ||
	    !(m->ifa_flags & IFA_F_PERMANENT))
		return 0;
	for (const struct rtattr *a = IFA_RTA(m); RTA_OK(a, len); a = RTA_NEXT(a, len))
		if (a->rta_type == IFA_LOCAL || (a->rta_type == IFA_ADDRESS && !best))
			best = a;
	if (!best || RTA_PAYLOAD(best) > sizeof(ret->list[0].local))
		return 0;
	if (ret->n == MAX_ADDRESSES) {
		errno = E2BIG;
		return -1;
	}
	ret->list[ret->n].family = m->ifa_family;
	ret->list[ret->n].prefix = m->ifa_prefixlen;
	ret->list[ret->n].len = RTA_PAYLOAD(best);
	memcpy(ret->list[ret->n].local, RTA_DATA(best), RTA_PAYLOAD(best));
	ret->n++;
	return 0;
}

static int read_addresses(int fd, int index, struct addresses *ret)
{
	_Alignas(struct nlmsghdr) char buf[BUF_SIZE];
	struct request r = {.head = {.nlmsg_len = NLMSG_LENGTH(sizeof(struct ifaddrmsg)),
				     .nlmsg_type = RTM_GETADDR,
				     .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP}};

	ret->n = 0;
	if (send_request(fd, &r) < 0)
		return -1;
	for (;;) {
		ssize_t n = receive(fd, buf);
		size_t left = (size_t)n;

		if (n < 0)
			return -1;
		for (const struct nlmsghdr *h = (const void *)buf; NLMSG_OK(h, left);
		     h = NLMSG_NEXT(h, left)) {
			if (h->nlmsg_type == NLMSG_DONE)
				return 0;
			if (h->nlmsg_type == NLMSG_ERROR) {
				errno = EIO;
				return -1;
			}
			if (h->nlmsg_type == RTM_NEWADDR && keep_address(h, index, ret) < 0)
				return -1;
		}
	}
}

static int set_link(int fd, int index, unsigned flags, unsigned change, pid_t ns_pid,
		    const char *name)
{
	struct request r = {.head = {.nlmsg_len = NLMSG_LENGTH(sizeof(struct ifinfomsg)),
				     .nlmsg_type = RTM_SETLINK}};
	struct ifinfomsg *m = NLMSG_DATA(&r.head);

	m->ifi_index = index;
	m->ifi_flags = flags;
	m->ifi_change = change;
	if (ns_pid) {
		uint32_t pid = (uint32_t)ns_pid;

		add_attribute(&r, IFLA_NET_NS_PID, &pid, sizeof(pid));
	}
	if (name)
		add_attribute(&r, IFLA_IFNAME, name, strlen(name) + 1);
	return transact(fd, &r);
}

static int add_addresses(int fd, int index, const struct addresses *addresses)
{
	for (size_t i = 0; i < addresses->n; i++) {
		struct request r = {.head = {.nlmsg_len = NLMSG_LENGTH(sizeof(struct ifaddrmsg)),
					     .nlmsg_type = RTM_NEWADDR,
					     .nlmsg_flags = NLM_F_CREATE | NLM_F_EXCL}};
		struct ifaddrmsg *m = NLMSG_DATA(&r.head);

		m->ifa_family = addresses->list[i].family;
		m->ifa_prefixlen = addresses->list[i].prefix;
		m->ifa_index = (unsigned)index;
		m->ifa_scope = RT_SCOPE_UNIVERSE;
		add_attribute(&r, IFA_LOCAL, addresses->list[i].local, addresses->list[i].len);
		add_attribute(&r, IFA_ADDRESS, addresses->list[i].local, addresses->list[i].len);
		if (transact(fd, &r) < 0)
			return -1;
	}
	return 0;
}

/* Inside: addresses again, then up.  Runs in the container's namespace. */
static int configure_inside(const char *name, const struct addresses *addresses, struct err *err)
{
	autofd int fd = open_netlink(err);
	int index = interface_index(name, err);

	if (fd < 0 || index < 0)
		return -1;
	if (add_addresses(fd, index, addresses) < 0)
		return err_sys(err, "linux.netDevices: set the addresses of '%s' again", name);
	if (set_link(fd, index, IFF_UP, IFF_UP, 0, NULL) < 0)
		return err_sys(err, "linux.netDevices: bring '%s' up", name);
	return 0;
}

static bool has_interface(const char *name)
{
	struct err none = ERR_INIT;

	return interface_index(name, &none) >= 0;
}

/* Before anything is moved: the kernel moves first and renames then, and a virtual
 * interface that is left in there ends with the namespace. */
static int check_names(const struct plan *plan, int host_ns_fd, int inner_ns_fd, struct err *err)
{
	const char *taken = NULL;

	if (sys_setns(inner_ns_fd, CLONE_NEWNET) < 0)
		return err_sys(err, "linux.netDevices: enter the container's network namespace");
	for (size_t i = 0; i < plan->net_devices.n && !taken; i++)
		if (has_interface(plan->net_devices.items[i].name))
			taken = plan->net_devices.items[i].name;
	if (sys_setns(host_ns_fd, CLONE_NEWNET) < 0)
		return err_sys(err, "linux.netDevices: return to the host's network namespace");
	if (taken)
		return err_set(err, ERR_SPEC,
			       "linux.netDevices: the container has an interface '%s' already",
			       taken);
	return 0;
}

static int move_device(const struct plan_net_device *d, pid_t pid, int host_ns_fd, int inner_ns_fd,
		       struct err *err)
{
	autofd int fd = open_netlink(err);
	int index = interface_index(d->host_name, err);
	struct addresses addresses;
	int r;

	if (fd < 0 || index < 0)
		return -1;
	if (read_addresses(fd, index, &addresses) < 0)
		return err_sys(err, "linux.netDevices: read the addresses of '%s'", d->host_name);
	/* Down first: an interface that is up can't be renamed. */
	if (set_link(fd, index, 0, IFF_UP, 0, NULL) < 0 ||
	    set_link(fd, index, 0, 0, pid, d->name) < 0)
		return err_sys(err, "linux.netDevices: move '%s' into the container", d->host_name);
	if (sys_setns(inner_ns_fd, CLONE_NEWNET) < 0)
		return err_sys(err, "linux.netDevices: enter the container's network namespace");
	r = configure_inside(d->name, &addresses, err);
	if (sys_setns(host_ns_fd, CLONE_NEWNET) < 0)
		return err_sys(err, "linux.netDevices: return to the host's network namespace");
	return r;
}

int net_move_devices(const struct plan *plan, pid_t pid, struct err *err)
{
	autofd int host_ns_fd = sys_open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC, 0);
	autofd int inner_ns_fd = -1;
	char path[48];

	(void)snprintf(path, sizeof(path), "/proc/%d/ns/net", (int)pid);
	inner_ns_fd = sys_open(path, O_RDONLY | O_CLOEXEC, 0);
	if (host_ns_fd < 0 || inner_ns_fd < 0)
		return err_sys(err, "linux.netDevices: open the network namespaces");
	if (check_names(plan, host_ns_fd, inner_ns_fd, err) < 0)
		return -1;
	for (size_t i = 0; i < plan->net_devices.n; i++)
		if (move_device(&plan->net_devices.items[i], pid, host_ns_fd, inner_ns_fd, err) < 0)
			return -1;
	return 0;
}
