#include "server/process/stop_signals.h"

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <string>

#include "base/check.h"
#include "base/log.h"

namespace lineal::server {
namespace {

constexpr int kStops[] = {SIGTERM, SIGINT, SIGHUP};
std::atomic<int> g_write_end{-1};

void OnSignal(int signal) {
  const int saved_errno = errno;
  const char number = static_cast<char>(signal);
  [[maybe_unused]] const ssize_t written = write(g_write_end.load(), &number, 1);
  errno = saved_errno;
}

void Handle(int signal, void (*handler)(int)) {
  struct sigaction action {};
  action.sa_handler = handler;
  action.sa_flags = SA_RESTART;
  LINEAL_CHECK(sigaction(signal, &action, nullptr) == 0);
}

}  // namespace

StopSignals::StopSignals() {
  LINEAL_CHECK(pipe2(pipe_, O_CLOEXEC) == 0);
  LINEAL_CHECK(g_write_end.exchange(pipe_[1]) == -1);
  Handle(SIGPIPE, SIG_IGN);
  for (int signal : kStops) Handle(signal, OnSignal);
  thread_ = ServiceThread("signals", [this] { Watch(); });
}

StopSignals::~StopSignals() {
  for (int signal : kStops) Handle(signal, SIG_DFL);
  const char quit = 0;
  LINEAL_CHECK(write(pipe_[1], &quit, 1) == 1);
  thread_.Join();
  g_write_end = -1;
  close(pipe_[0]);
  close(pipe_[1]);
}

void StopSignals::Watch() {
  for (;;) {
    char number = 0;
    const ssize_t size = read(pipe_[0], &number, 1);
    if (size < 0 && errno == EINTR) continue;
    if (size != 1 || number == 0) return;
    if (requested()) _exit(128 + number);
    Log(LogLevel::kInfo, "stopping; a second signal ends the process at once", {{"signal", std::to_string(number)}});
    Request();
  }
}

void StopSignals::Wait() {
  std::unique_lock lock(mutex_);
  wake_.wait(lock, [this] { return requested_; });
}

bool StopSignals::requested() const {
  std::lock_guard lock(mutex_);
  return requested_;
}

void StopSignals::Request() {
  std::lock_guard lock(mutex_);
  requested_ = true;
  wake_.notify_all();
}

}  // namespace lineal::server
