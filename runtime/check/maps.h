/* What others require of containers: the complete lists that reports set the findings
 * against.  Columns: standard, number, title, who is responsible for what no item tells
 * (NULL: the items tell all of it), where number and title are from.
 *
 * Sources.  CIS: docker-bench-security 1.6.0 and trivy-checks' docker-cis-1.6.0.yaml agree;
 * the benchmark itself was not read.  NIST: numbering after StackRox's copy of the text,
 * titles after the publication's own headings as quoted there.  PCI DSS: ComplianceAsCode's
 * pcidss_4.yml where it says so, else not checked against anything.
 */
#ifndef KANUKI_CHECK_MAPS_H
#define KANUKI_CHECK_MAPS_H

#define OWN "requirements"
#define SECONDARY "secondary sources"
#define UNVERIFIED "unverified"

#define BY_ENGINE "the engine and whoever deploys with it"
#define BY_GATE "the scan gate (kanuki's hook) and the scanner"
#define BY_BUILD "whoever builds the image"
#define BY_NETWORK "the network: CNI, firewall, service mesh"
#define BY_REGISTRY "the registry and whoever runs it"
#define BY_ORCHESTRATOR "the orchestrator and whoever runs it"
#define BY_DETECTION "run-time detection and the developers"
#define BY_HOST "whoever runs the host"
#define BY_ASSESSOR "the site and its assessor"
#define BY_SITE "the site's own organisation"

/* clang-format off */
#define CHECK_DEMANDS(X) \
	X(STANDARD_REQUIREMENTS, "R-01", "Only images that were scanned are deployed", BY_GATE, OWN) \
	X(STANDARD_REQUIREMENTS, "R-02", "Only images that are permitted are deployed", BY_GATE, OWN) \
	X(STANDARD_REQUIREMENTS, "R-03", "Only a user who holds the role permitted to deploy deploys", "the engine's or orchestrator's access control, and the scan gate", OWN) \
	X(STANDARD_REQUIREMENTS, "R-04", "An image found vulnerable at deployment time is not deployed", BY_GATE, OWN) \
	X(STANDARD_REQUIREMENTS, "R-05", "Starting as a privileged user is refused", NULL, OWN) \
	X(STANDARD_REQUIREMENTS, "R-06", "The host's network is not reachable", NULL, OWN) \
	X(STANDARD_REQUIREMENTS, "R-07", "The host's IPC namespace is not used", NULL, OWN) \
	X(STANDARD_REQUIREMENTS, "R-08", "The host's PID namespace is not used", NULL, OWN) \
	X(STANDARD_REQUIREMENTS, "R-09", "The host's user namespace is not used", NULL, OWN) \
	X(STANDARD_REQUIREMENTS, "R-10", "Mounting host volumes is restricted", NULL, OWN) \
	X(STANDARD_REQUIREMENTS, "R-11", "The process's user and group are unprivileged", NULL, OWN) \
	X(STANDARD_REQUIREMENTS, "R-12", "No privileged mode", NULL, OWN) \
	X(STANDARD_REQUIREMENTS, "R-13", "No super daemon as the container's process", NULL, OWN) \
	X(STANDARD_REQUIREMENTS, "R-14", "No commands in the image that the application doesn't need", BY_BUILD, OWN) \
	X(STANDARD_REQUIREMENTS, "R-15", "No vulnerable packages, malware or secrets in the image", BY_GATE, OWN) \
	X(STANDARD_REQUIREMENTS, "R-16", "Static scanning in testing, and again of what is deployed", BY_GATE, OWN) \
	X(STANDARD_REQUIREMENTS, "R-17", "Containers are immutable: the root file system is read-only", NULL, OWN) \
	X(STANDARD_REQUIREMENTS, "R-18", "What must change lives on volumes, where nothing can be executed", NULL, OWN) \
	X(STANDARD_REQUIREMENTS, "R-19", "Commands and system calls are restricted by lists", NULL, OWN) \
	X(STANDARD_REQUIREMENTS, "R-20", "A file changed after the start can't be executed", NULL, OWN) \
	X(STANDARD_REQUIREMENTS, "R-21", "Communication between services is set beforehand", BY_NETWORK, OWN) \
	X(STANDARD_REQUIREMENTS, "R-22", "Only the ports that a service publishes can be published", BY_ENGINE, OWN) \
	X(STANDARD_REQUIREMENTS, "R-23", "Traffic in and out, and between containers, is watched", BY_NETWORK, OWN) \
	X(STANDARD_REQUIREMENTS, "R-24", "Attacks are tied back to their cause in the code", BY_DETECTION, OWN) \
	X(STANDARD_REQUIREMENTS, "R-25", "The host: minimal, no logins, its health visible, its APIs closed", BY_HOST, OWN) \
	X(STANDARD_REQUIREMENTS, "R-26", "Logs and evidence for an audit are collected without effort", BY_SITE, OWN) \
	X(STANDARD_REQUIREMENTS, "R-27", "The security level is chosen from what the service handles", BY_SITE, OWN) \
	X(STANDARD_REQUIREMENTS, "R-28", "Checks against industry standards", "this report: its tables below", OWN) \
	X(STANDARD_REQUIREMENTS, "R-29", "Least hindrance: automatic, fast, explained", BY_SITE, OWN) \
	X(STANDARD_CIS, "4.1", "Ensure that a user for the container has been created", NULL, SECONDARY) \
	X(STANDARD_CIS, "4.2", "Ensure that containers use only trusted base images", BY_GATE, SECONDARY) \
	X(STANDARD_CIS, "4.3", "Ensure that unnecessary packages are not installed in the container", BY_BUILD, SECONDARY) \
	X(STANDARD_CIS, "4.4", "Ensure images are scanned and rebuilt to include security patches", BY_GATE, SECONDARY) \
	X(STANDARD_CIS, "4.5", "Ensure Content trust for Docker is Enabled", BY_GATE, SECONDARY) \
	X(STANDARD_CIS, "4.6", "Ensure that HEALTHCHECK instructions have been added to container images", BY_BUILD, SECONDARY) \
	X(STANDARD_CIS, "4.7", "Ensure update instructions are not used alone in the Dockerfile", BY_BUILD, SECONDARY) \
	X(STANDARD_CIS, "4.8", "Ensure setuid and setgid permissions are removed", NULL, SECONDARY) \
	X(STANDARD_CIS, "4.9", "Ensure that COPY is used instead of ADD in Dockerfiles", BY_BUILD, SECONDARY) \
	X(STANDARD_CIS, "4.10", "Ensure secrets are not stored in Dockerfiles", BY_GATE, SECONDARY) \
	X(STANDARD_CIS, "4.11", "Ensure only verified packages are installed", BY_BUILD, SECONDARY) \
	X(STANDARD_CIS, "4.12", "Ensure all signed artifacts are validated", BY_GATE, SECONDARY) \
	X(STANDARD_CIS, "5.1", "Ensure swarm mode is not Enabled, if not needed", BY_ENGINE, SECONDARY) \
	X(STANDARD_CIS, "5.2", "Ensure that, if applicable, an AppArmor Profile is enabled", NULL, SECONDARY) \
	X(STANDARD_CIS, "5.3", "Ensure that, if applicable, SELinux security options are set", NULL, SECONDARY) \
	X(STANDARD_CIS, "5.4", "Ensure that Linux kernel capabilities are restricted within containers", NULL, SECONDARY) \
	X(STANDARD_CIS, "5.5", "Ensure that privileged containers are not used", NULL, SECONDARY) \
	X(STANDARD_CIS, "5.6", "Ensure sensitive host system directories are not mounted on containers", NULL, SECONDARY) \
	X(STANDARD_CIS, "5.7", "Ensure sshd is not run within containers", NULL, SECONDARY) \
	X(STANDARD_CIS, "5.8", "Ensure privileged ports are not mapped within containers", BY_ENGINE, SECONDARY) \
	X(STANDARD_CIS, "5.9", "Ensure that only needed ports are open on the container", BY_ENGINE, SECONDARY) \
	X(STANDARD_CIS, "5.10", "Ensure that the host's network namespace is not shared", NULL, SECONDARY) \
	X(STANDARD_CIS, "5.11", "Ensure that the memory usage for containers is limited", NULL, SECONDARY) \
	X(STANDARD_CIS, "5.12", "Ensure that CPU priority is set appropriately on containers", NULL, SECONDARY) \
	X(STANDARD_CIS, "5.13", "Ensure that the container's root filesystem is mounted as read only", NULL, SECONDARY) \
	X(STANDARD_CIS, "5.14", "Ensure that incoming container traffic is bound to a specific host interface", BY_ENGINE, SECONDARY) \
	X(STANDARD_CIS, "5.15", "Ensure that the 'on-failure' container restart policy is set to '5'", BY_ENGINE, SECONDARY) \
	X(STANDARD_CIS, "5.16", "Ensure that the host's process namespace is not shared", NULL, SECONDARY) \
	X(STANDARD_CIS, "5.17", "Ensure that the host's IPC namespace is not shared", NULL, SECONDARY) \
	X(STANDARD_CIS, "5.18", "Ensure that host devices are not directly exposed to containers", NULL, SECONDARY) \
	X(STANDARD_CIS, "5.19", "Ensure that the default ulimit is overwritten at runtime if needed", NULL, SECONDARY) \
	X(STANDARD_CIS, "5.20", "Ensure mount propagation mode is not set to shared", NULL, SECONDARY) \
	X(STANDARD_CIS, "5.21", "Ensure that the host's UTS namespace is not shared", NULL, SECONDARY) \
	X(STANDARD_CIS, "5.22", "Ensure the default seccomp profile is not Disabled", NULL, SECONDARY) \
	X(STANDARD_CIS, "5.23", "Ensure that docker exec commands are not used with the privileged option", BY_ENGINE, SECONDARY) \
	X(STANDARD_CIS, "5.24", "Ensure that docker exec commands are not used with the user=root option", BY_ENGINE, SECONDARY) \
	X(STANDARD_CIS, "5.25", "Ensure that cgroup usage is confirmed", NULL, SECONDARY) \
	X(STANDARD_CIS, "5.26", "Ensure that the container is restricted from acquiring additional privileges", NULL, SECONDARY) \
	X(STANDARD_CIS, "5.27", "Ensure that container health is checked at runtime", BY_ENGINE, SECONDARY) \
	X(STANDARD_CIS, "5.28", "Ensure that Docker commands always make use of the latest version of their image", BY_GATE, SECONDARY) \
	X(STANDARD_CIS, "5.29", "Ensure that the PIDs cgroup limit is used", NULL, SECONDARY) \
	X(STANDARD_CIS, "5.30", "Ensure that Docker's default bridge 'docker0' is not used", BY_ENGINE, SECONDARY) \
	X(STANDARD_CIS, "5.31", "Ensure that the host's user namespaces are not shared", NULL, SECONDARY) \
	X(STANDARD_CIS, "5.32", "Ensure that the Docker socket is not mounted inside any containers", NULL, SECONDARY) \
	X(STANDARD_NIST, "4.1.1", "Image vulnerabilities", BY_GATE, SECONDARY) \
	X(STANDARD_NIST, "4.1.2", "Image configuration defects", BY_BUILD, SECONDARY) \
	X(STANDARD_NIST, "4.1.3", "Embedded malware", BY_GATE, SECONDARY) \
	X(STANDARD_NIST, "4.1.4", "Embedded clear text secrets", BY_GATE, SECONDARY) \
	X(STANDARD_NIST, "4.1.5", "Use of untrusted images", BY_GATE, SECONDARY) \
	X(STANDARD_NIST, "4.2.1", "Insecure connections to registries", BY_REGISTRY, SECONDARY) \
	X(STANDARD_NIST, "4.2.2", "Stale images in registries", BY_GATE, SECONDARY) \
	X(STANDARD_NIST, "4.2.3", "Insufficient authentication and authorization restrictions", BY_REGISTRY, SECONDARY) \
	X(STANDARD_NIST, "4.3.1", "Unbounded administrative access", BY_ORCHESTRATOR, SECONDARY) \
	X(STANDARD_NIST, "4.3.2", "Unauthorized access", BY_ORCHESTRATOR, SECONDARY) \
	X(STANDARD_NIST, "4.3.3", "Poorly separated inter-container network traffic", BY_NETWORK, SECONDARY) \
	X(STANDARD_NIST, "4.3.4", "Mixing of workload sensitivity levels", BY_ORCHESTRATOR, SECONDARY) \
	X(STANDARD_NIST, "4.3.5", "Orchestrator node trust", BY_ORCHESTRATOR, SECONDARY) \
	X(STANDARD_NIST, "4.4.1", "Vulnerabilities within the runtime software", "kanuki's maintainers, and whoever updates it", SECONDARY) \
	X(STANDARD_NIST, "4.4.2", "Unbounded network access from containers", BY_NETWORK, SECONDARY) \
	X(STANDARD_NIST, "4.4.3", "Insecure container runtime configurations", NULL, SECONDARY) \
	X(STANDARD_NIST, "4.4.4", "App vulnerabilities", BY_DETECTION, SECONDARY) \
	X(STANDARD_NIST, "4.4.5", "Rogue containers", BY_ORCHESTRATOR, SECONDARY) \
	X(STANDARD_NIST, "4.5.1", "Large attack surface", BY_HOST, SECONDARY) \
	X(STANDARD_NIST, "4.5.2", "Shared kernel", BY_HOST, SECONDARY) \
	X(STANDARD_NIST, "4.5.3", "Host OS component vulnerabilities", BY_HOST, SECONDARY) \
	X(STANDARD_NIST, "4.5.4", "Improper user access rights", BY_HOST, SECONDARY) \
	X(STANDARD_NIST, "4.5.5", "Host file system tampering", NULL, SECONDARY) \
	X(STANDARD_NIST, "4.6", "Hardware countermeasures", BY_HOST, SECONDARY) \
	X(STANDARD_PCI, "1.2.5", "Services, protocols and ports allowed are identified, approved and needed", BY_ASSESSOR, SECONDARY) \
	X(STANDARD_PCI, "1.3.1", "Inbound traffic to the card data environment is restricted to what is necessary", BY_ASSESSOR, SECONDARY) \
	X(STANDARD_PCI, "1.3.2", "Outbound traffic from the card data environment is restricted", BY_NETWORK, SECONDARY) \
	X(STANDARD_PCI, "1.4.2", "Inbound traffic from untrusted to trusted networks is restricted", BY_ASSESSOR, SECONDARY) \
	X(STANDARD_PCI, "2.2.1", "Configuration standards are developed, implemented and maintained", BY_ASSESSOR, SECONDARY) \
	X(STANDARD_PCI, "2.2.4", "Only necessary services, protocols, daemons and functions are enabled", BY_ASSESSOR, UNVERIFIED) \
	X(STANDARD_PCI, "2.2.6", "System security parameters are configured to prevent misuse", BY_ASSESSOR, SECONDARY) \
	X(STANDARD_PCI, "2.2.7", "Non-console administrative access is encrypted", BY_ASSESSOR, SECONDARY) \
	X(STANDARD_PCI, "3.5.1", "Stored account data is unreadable", "the application and its database", UNVERIFIED) \
	X(STANDARD_PCI, "5.2.1", "Anti-malware is deployed", BY_ASSESSOR, UNVERIFIED) \
	X(STANDARD_PCI, "6.3.3", "Security patches are installed", BY_ASSESSOR, UNVERIFIED) \
	X(STANDARD_PCI, "7.2.5", "Application and system accounts have the least privileges", BY_ASSESSOR, UNVERIFIED) \
	X(STANDARD_PCI, "8.2.2", "Shared accounts are used only by exception", BY_ASSESSOR, UNVERIFIED) \
	X(STANDARD_PCI, "8.3.1", "Access is authenticated", BY_ASSESSOR, UNVERIFIED) \
	X(STANDARD_PCI, "8.6.1", "Interactive use of system and application accounts is managed", BY_ASSESSOR, UNVERIFIED) \
	X(STANDARD_PCI, "8.6.2", "Passwords of such accounts are not in scripts and configuration", BY_ASSESSOR, UNVERIFIED) \
	X(STANDARD_PCI, "10.2.1", "Audit logs are on for all system components", BY_ASSESSOR, UNVERIFIED) \
	X(STANDARD_PCI, "11.3.1", "Internal vulnerability scans are made", BY_GATE, UNVERIFIED) \
	X(STANDARD_PCI, "11.5.2", "A change-detection mechanism is deployed", BY_ASSESSOR, UNVERIFIED) \
	X(STANDARD_PCI, "12.1.1", "An information security policy is known to all", BY_SITE, UNVERIFIED)
/* clang-format on */

#endif
