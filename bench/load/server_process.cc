#include "bench/load/server_process.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>

#include "base/status.h"

namespace lineal::bench {
namespace {

std::string ProgramOf(const ServerProcessOptions& options) {
  if (!options.program.empty()) return options.program;
  const char* named = std::getenv("LINEAL_BIN");
  return named != nullptr ? named : LINEAL_DEFAULT_BIN;
}

std::vector<char*> Pointers(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

std::vector<std::string> EnvironmentOf(const ServerProcessOptions& options) {
  std::vector<std::string> out;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    // Keys and settings of whoever runs this are not the server's.
    if (std::strncmp(*entry, "LINEAL_", 7) != 0) out.emplace_back(*entry);
  }
  for (const auto& [name, value] : options.environment) out.push_back(StrCat(name, "=", value));
  return out;
}

absl::StatusOr<pid_t> Spawn(const ServerProcessOptions& options, int stdout_fd) {
  std::vector<std::string> arguments = {ProgramOf(options), "serve", "--data-dir",  options.data_dir,
                                        "--rest-port",      "0",     "--grpc-port", "0"};
  arguments.insert(arguments.end(), options.flags.begin(), options.flags.end());
  std::vector<std::string> environment = EnvironmentOf(options);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, stdout_fd, STDOUT_FILENO);
  const std::string log = options.data_dir + ".log";
  if (options.quiet) {
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
  }
  pid_t pid = -1;
  const int error = posix_spawnp(&pid, arguments[0].c_str(), &actions, nullptr, Pointers(arguments).data(),
                                 Pointers(environment).data());
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) return Unavailable("cannot start ", arguments[0], ": ", std::strerror(error));
  return pid;
}

// What follows `name` on the ready line, to the next space.
std::string FieldOf(const std::string& line, std::string_view name) {
  const size_t at = line.find(name);
  if (at == std::string::npos) return "";
  const size_t begin = at + name.size();
  return line.substr(begin, line.find_first_of(" \n", begin) - begin);
}

std::string ReadLine(int fd) {
  std::string line;
  char byte;
  while (read(fd, &byte, 1) == 1 && byte != '\n') line.push_back(byte);
  return line;
}

}  // namespace

absl::StatusOr<std::unique_ptr<ServerProcess>> ServerProcess::Start(const ServerProcessOptions& options) {
  int out[2];
  if (pipe2(out, O_CLOEXEC) != 0) return Unavailable("no pipe: ", std::strerror(errno));
  auto pid = Spawn(options, out[1]);
  close(out[1]);
  std::string line = pid.ok() ? ReadLine(out[0]) : "";
  close(out[0]);
  LINEAL_RETURN_IF_ERROR(pid.status());
  std::string rest = FieldOf(line, "rest=http://");
  std::string grpc = FieldOf(line, "grpc=");
  if (rest.empty() || grpc.empty()) {
    kill(*pid, SIGKILL);
    waitpid(*pid, nullptr, 0);
    return Unavailable("the server did not become ready; its log is ", options.data_dir, ".log");
  }
  return std::unique_ptr<ServerProcess>(new ServerProcess(*pid, std::move(rest), std::move(grpc)));
}

ServerProcess::~ServerProcess() { Stop(); }

double ServerProcess::CpuSeconds() const {
  clockid_t clock;
  timespec used;
  if (clock_getcpuclockid(pid_, &clock) != 0 || clock_gettime(clock, &used) != 0) return 0;
  return static_cast<double>(used.tv_sec) + 1e-9 * static_cast<double>(used.tv_nsec);
}

int ServerProcess::Stop() { return End(SIGTERM); }

void ServerProcess::Kill() { End(SIGKILL); }

int ServerProcess::End(int signal) {
  if (pid_ <= 0) return exit_status_;
  kill(pid_, signal);
  waitpid(pid_, &exit_status_, 0);
  pid_ = -1;
  return exit_status_;
}

}  // namespace lineal::bench
