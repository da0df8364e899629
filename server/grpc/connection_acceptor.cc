#include "server/grpc/connection_acceptor.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "base/log.h"
#include "base/status.h"

namespace lineal::server {
namespace {

constexpr int kBacklog = 4096;
constexpr int kAcceptsInARow = 64;
constexpr int kTickMs = 1000;
constexpr int kBackOffMs = 100;
// Looking for closed connections costs a system call for each; at the cap it is done at most this often.
constexpr int64_t kReapEveryNs = 50'000'000;

struct AddressList {
  addrinfo* head = nullptr;
  ~AddressList() {
    if (head != nullptr) freeaddrinfo(head);
  }
};

// The listening socket, or -1 with errno.
int ListenOn(const addrinfo& address) {
  int fd = socket(address.ai_family, address.ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, address.ai_protocol);
  if (fd < 0) return -1;
  const int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(fd, address.ai_addr, address.ai_addrlen) == 0 && listen(fd, kBacklog) == 0) return fd;
  const int error = errno;
  close(fd);
  errno = error;
  return -1;
}

uint16_t PortOf(int fd) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) return 0;
  if (address.ss_family == AF_INET6) return ntohs(reinterpret_cast<sockaddr_in6*>(&address)->sin6_port);
  return ntohs(reinterpret_cast<sockaddr_in*>(&address)->sin_port);
}

}  // namespace

absl::StatusOr<std::unique_ptr<ConnectionAcceptor>> ConnectionAcceptor::Listen(const Options& options) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  AddressList addresses;
  const std::string port = StrCat(options.port);
  const int found = getaddrinfo(options.host.c_str(), port.c_str(), &hints, &addresses.head);
  if (found != 0) return Unavailable("address ", options.host, " is not known: ", gai_strerror(found));
  int fd = -1;
  for (addrinfo* address = addresses.head; address != nullptr && fd < 0; address = address->ai_next) {
    fd = ListenOn(*address);
  }
  if (fd < 0) return Unavailable("cannot listen on ", options.host, ":", port, ": ", std::strerror(errno));
  const int wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (wake_fd < 0) {
    close(fd);
    return Unavailable("cannot make an eventfd: ", std::strerror(errno));
  }
  return std::unique_ptr<ConnectionAcceptor>(new ConnectionAcceptor(options, fd, wake_fd, PortOf(fd)));
}

ConnectionAcceptor::ConnectionAcceptor(const Options& options, int listener_fd, int wake_fd, uint16_t port)
    : options_(options), listener_fd_(listener_fd), wake_fd_(wake_fd), port_(port) {}

ConnectionAcceptor::~ConnectionAcceptor() {
  Stop();
  close(listener_fd_);
  close(wake_fd_);
}

void ConnectionAcceptor::Start(Hooks hooks) {
  hooks_ = std::move(hooks);
  thread_ = ServiceThread("grpc-accept", [this] { Loop(); });
}

void ConnectionAcceptor::Stop() {
  if (stopping_.exchange(true)) return;
  const uint64_t one = 1;
  [[maybe_unused]] ssize_t written = write(wake_fd_, &one, sizeof one);
  thread_.Join();
  shutdown(listener_fd_, SHUT_RDWR);
}

void ConnectionAcceptor::Loop() {
  while (!stopping_) {
    Wait();
    if (stopping_) return;
    const int64_t now_ns = options_.clock->MonotonicNs();
    AcceptSome();
    if (now_ns - ticked_ns_ < kTickMs * 1'000'000ll && ticked_ns_ != 0) continue;
    ticked_ns_ = now_ns;
    Reap(now_ns);
    hooks_.tick(open_.size());
  }
}

void ConnectionAcceptor::Wait() {
  pollfd events[2] = {{wake_fd_, POLLIN, 0}, {listener_fd_, POLLIN, 0}};
  poll(events, backing_off_ ? 1 : 2, backing_off_ ? kBackOffMs : kTickMs);
}

void ConnectionAcceptor::AcceptSome() {
  for (int i = 0; i < kAcceptsInARow && !stopping_; ++i) {
    const int fd = accept4(listener_fd_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd >= 0) {
      backing_off_ = false;
      Admit(fd);
      continue;
    }
    if (errno == EAGAIN || errno == EWOULDBLOCK) {
      backing_off_ = false;
      return;
    }
    if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
      if (!backing_off_) Log(LogLevel::kWarning, "gRPC cannot accept", {{"error", std::strerror(errno)}});
      backing_off_ = true;
      return;
    }
    // What is left says something about that one connection only (it was reset before we got to it, say).
  }
}

void ConnectionAcceptor::Admit(int fd) {
  if (open_.size() >= options_.connections_max) Reap(options_.clock->MonotonicNs());
  if (open_.size() >= options_.connections_max) {
    // Counted first: whoever sees the connection end may look at the count next.
    hooks_.refused();
    close(fd);
    return;
  }
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  open_.Add(fd);
  hooks_.hand_over(listener_fd_, fd);
}

void ConnectionAcceptor::Reap(int64_t now_ns) {
  if (now_ns - reaped_ns_ < kReapEveryNs && reaped_ns_ != 0) return;
  reaped_ns_ = now_ns;
  open_.Reap();
}

}  // namespace lineal::server
