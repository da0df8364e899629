#include "bench/peers/peer_process.h"

#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <vector>

#include "base/file_system.h"
#include "base/status.h"

namespace lineal::bench {
namespace {

std::vector<char*> Pointers(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

// The libraries' own pools are of as many threads as everybody's.
std::vector<std::string> EnvironmentFor(size_t threads) {
  std::vector<std::string> out;
  for (char** entry = environ; *entry != nullptr; ++entry) out.emplace_back(*entry);
  out.push_back(StrCat("UV_THREADPOOL_SIZE=", threads));
  out.push_back(StrCat("LANCE_CPU_THREADS=", threads));
  out.push_back(StrCat("TOKIO_WORKER_THREADS=", threads));
  return out;
}

std::string PlaceOf(const std::string& name) { return StrCat(LINEAL_BENCH_PEERS, "/", name); }

}  // namespace

absl::Status PeerProcess::CheckInstalled(const std::string& name) {
  const std::string place = PlaceOf(name);
  if (PosixFileSystem()->Exists(place + "/node_modules")) return absl::OkStatus();
  return Unavailable("is not installed: `./dev bench ann --systems ", name, "` installs it into ", place);
}

absl::StatusOr<std::unique_ptr<PeerProcess>> PeerProcess::Start(const std::string& name, const std::string& folder,
                                                                size_t threads) {
  LINEAL_RETURN_IF_ERROR(CheckInstalled(name));
  int sockets[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) != 0) {
    return Unavailable("no sockets: ", std::strerror(errno));
  }
  std::vector<std::string> arguments = {"node", "--expose-gc", "--max-old-space-size=8192",
                                        StrCat(PlaceOf(name), "/", name, ".mjs"), folder};
  std::vector<std::string> environment = EnvironmentFor(threads);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, sockets[1], STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, sockets[1], STDOUT_FILENO);
  pid_t pid = -1;
  const int error =
      posix_spawnp(&pid, "node", &actions, nullptr, Pointers(arguments).data(), Pointers(environment).data());
  posix_spawn_file_actions_destroy(&actions);
  close(sockets[1]);
  if (error != 0) {
    close(sockets[0]);
    return Unavailable("cannot start node: ", std::strerror(error));
  }
  return std::unique_ptr<PeerProcess>(new PeerProcess(pid, sockets[0]));
}

PeerProcess::~PeerProcess() {
  close(socket_);
  kill(pid_, SIGTERM);
  waitpid(pid_, nullptr, 0);
}

absl::StatusOr<nlohmann::json> PeerProcess::Read() {
  for (;;) {
    for (size_t end; (end = received_.find('\n')) != std::string::npos;) {
      const std::string line = received_.substr(0, end);
      received_.erase(0, end + 1);
      nlohmann::json message = nlohmann::json::parse(line, nullptr, false);
      if (!message.is_object()) continue;
      if (message.contains("error")) return Unavailable(message["error"].get<std::string>());
      return message;
    }
    char buffer[4096];
    const ssize_t count = read(socket_, buffer, sizeof buffer);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return Unavailable("its program ended; what it said is above");
    received_.append(buffer, static_cast<size_t>(count));
  }
}

absl::StatusOr<nlohmann::json> PeerProcess::Ask(const nlohmann::json& question) {
  const std::string line = question.dump() + "\n";
  for (size_t sent = 0; sent < line.size();) {
    const ssize_t count = send(socket_, line.data() + sent, line.size() - sent, MSG_NOSIGNAL);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return Unavailable("its program ended; what it said is above");
    sent += static_cast<size_t>(count);
  }
  return Read();
}

}  // namespace lineal::bench
