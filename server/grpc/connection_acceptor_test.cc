#include "server/grpc/connection_acceptor.h"

#include <fcntl.h>
#include <grpcpp/client_context.h>
#include <netinet/in.h>
#include <poll.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "grpc/health/v1/health.grpc.pb.h"
#include "server/grpc/test_server.h"

namespace lineal::server {
namespace {

// A connected socket, closed with it.
class Client {
 public:
  explicit Client(uint16_t port) : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  }
  Client(Client&& other) noexcept : fd_(std::exchange(other.fd_, -1)), connected_(other.connected_) {}
  ~Client() {
    if (fd_ >= 0) close(fd_);
  }
  bool connected() const { return connected_; }
  // Whether the server closes the connection within `ms` (gRPC's own first bytes are read over).
  bool ClosedWithin(int ms) {
    pollfd event{fd_, POLLIN, 0};
    char bytes[256];
    while (poll(&event, 1, ms) == 1) {
      if (recv(fd_, bytes, sizeof bytes, 0) <= 0) return true;
    }
    return false;
  }

 private:
  int fd_;
  bool connected_ = false;
};

bool Healthy(const std::shared_ptr<grpc::Channel>& channel, int64_t wait_ms) {
  auto health = grpc::health::v1::Health::NewStub(channel);
  grpc::health::v1::HealthCheckResponse answer;
  grpc::ClientContext call;
  call.set_wait_for_ready(true);
  call.set_deadline(gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC), gpr_time_from_millis(wait_ms, GPR_TIMESPAN)));
  return health->Check(&call, {}, &answer).ok();
}

TEST(ConnectionTable, ForgetsAClosedDescriptorEvenWhenItsNumberIsUsedAgain) {
  ConnectionTable table;
  int pair[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
  table.Add(pair[0]);
  table.Add(pair[1]);
  table.Reap();
  EXPECT_EQ(table.size(), 2u);
  const int number = pair[0];
  close(pair[0]);
  const int other = socket(AF_UNIX, SOCK_STREAM, 0);
  EXPECT_EQ(other, number);
  table.Reap();
  EXPECT_EQ(table.size(), 1u);
  close(other);
  close(pair[1]);
  table.Reap();
  EXPECT_EQ(table.size(), 0u);
}

TEST(ConnectionAcceptor, ClosesConnectionsOverTheCapAndTakesNewOnesWhenOthersEnd) {
  TestServerOptions options;
  options.grpc.connections_max = 3;
  TestServer server(options);
  {
    std::vector<Client> clients;
    for (int i = 0; i < 3; ++i) clients.emplace_back(server.server().port());
    Client fourth(server.server().port());
    EXPECT_TRUE(fourth.ClosedWithin(5000));
    EXPECT_FALSE(clients[0].ClosedWithin(0));
    const std::string text = server.metrics.Render(server.database);
    EXPECT_NE(text.find("connection_cap"), std::string::npos);
  }
  EXPECT_TRUE(Healthy(server.Connect(), 10'000));
}

TEST(ConnectionAcceptor, SaysWhatIsWrongWithAnAddress) {
  ConnectionAcceptor::Options options;
  options.host = "no such host";
  options.clock = SystemClock();
  EXPECT_TRUE(absl::IsUnavailable(ConnectionAcceptor::Listen(options).status()));
}

// The server below runs in a process of its own, which has few descriptors.
constexpr char kChildTest[] = "ConnectionAcceptorChild.DISABLED_ServesWithFewDescriptors";
constexpr int kChildDescriptors = 40;

struct Child {
  pid_t pid = -1;
  int to = -1;    // closing it ends the child
  int from = -1;  // it writes its port here

  Child() {
    int in[2];
    int out[2];
    if (pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0) return;
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in[0], 0);
    posix_spawn_file_actions_adddup2(&actions, out[1], 3);
    std::string filter = std::string("--gtest_filter=") + kChildTest;
    std::string disabled = "--gtest_also_run_disabled_tests";
    std::string program = "/proc/self/exe";
    char* argv[] = {program.data(), filter.data(), disabled.data(), nullptr};
    if (posix_spawn(&pid, program.c_str(), &actions, nullptr, argv, environ) != 0) pid = -1;
    posix_spawn_file_actions_destroy(&actions);
    close(in[0]);
    close(out[1]);
    to = in[1];
    from = out[0];
  }
  // Its exit status.
  int End() {
    close(to);
    close(from);
    int status = -1;
    waitpid(pid, &status, 0);
    return status;
  }
  uint16_t Port() const {
    uint16_t port = 0;
    return read(from, &port, sizeof port) == sizeof port ? port : 0;
  }
};

TEST(ConnectionAcceptorChild, DISABLED_ServesWithFewDescriptors) {
  TestServer server;
  const rlimit few{kChildDescriptors, kChildDescriptors};
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &few), 0);
  const uint16_t port = server.server().port();
  ASSERT_EQ(write(3, &port, sizeof port), static_cast<ssize_t>(sizeof port));
  char byte;
  while (read(0, &byte, 1) > 0) {
  }
}

TEST(ConnectionAcceptor, AcceptsAgainAfterTheProcessRanOutOfDescriptors) {
  Child child;
  ASSERT_GT(child.pid, 0);
  const uint16_t port = child.Port();
  ASSERT_NE(port, 0);
  const std::string address = "127.0.0.1:" + std::to_string(port);
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 200);
  auto connect = [&] { return grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments); };
  {
    std::vector<Client> flood;
    for (int i = 0; i < 2 * kChildDescriptors; ++i) flood.emplace_back(port);
    EXPECT_FALSE(Healthy(connect(), 500));
  }
  EXPECT_TRUE(Healthy(connect(), 10'000));
  EXPECT_EQ(child.End(), 0);
}

}  // namespace
}  // namespace lineal::server
