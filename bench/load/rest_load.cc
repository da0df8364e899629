#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <chrono>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "base/status.h"
#include "base/strings.h"
#include "bench/load/load_run.h"

namespace lineal::bench {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using tcp = asio::ip::tcp;

constexpr double kMetricsSecondsMax = 30;

// Bodies are kept as they come and read after the run, so that reading them is not measured.
struct RestRun {
  const QuestionSet* questions;
  RunClock clock;
  LoadRun run;
  std::vector<std::string> bodies;

  void Fail(const std::string& error) {
    if (run.errors++ == 0) run.first_error = error;
  }
};

template <class Context>
tcp::endpoint EndpointOf(Context&& context, const std::string& address) {
  const size_t colon = address.rfind(':');
  tcp::resolver resolver(context);
  return *resolver.resolve(address.substr(0, colon), address.substr(colon + 1)).begin();
}

asio::awaitable<void> Ask(tcp::endpoint endpoint, RestRun* state) {
  tcp::socket socket(co_await asio::this_coro::executor);
  co_await socket.async_connect(endpoint, asio::use_awaitable);
  socket.set_option(tcp::no_delay(true));
  boost::beast::flat_buffer buffer;
  while (!state->clock.over()) {
    const size_t question = state->clock.NextQuestion();
    const int64_t started_ns = SystemClock()->MonotonicNs();
    co_await asio::async_write(socket, asio::buffer(state->questions->http_requests[question]), asio::use_awaitable);
    http::response<http::string_body> response;
    co_await http::async_read(socket, buffer, response, asio::use_awaitable);
    if (response.result_int() != 200) {
      state->Fail(StrCat(response.result_int(), " ", response.body().substr(0, 200)));
      if (!response.keep_alive()) break;
      continue;
    }
    state->clock.Note(started_ns, &state->run);
    state->bodies[question] = std::move(response.body());
  }
}

std::vector<uint64_t> IdsIn(const std::string& body) {
  std::vector<uint64_t> ids;
  const auto answer = nlohmann::json::parse(body, nullptr, false);
  if (answer.is_discarded()) return ids;
  for (const auto& point : answer["result"]["points"]) ids.push_back(point["id"].get<uint64_t>());
  return ids;
}

using Response = http::response<http::string_body>;

asio::awaitable<void> Exchange(const std::string* address, const std::string* request, Response* response) {
  auto executor = co_await asio::this_coro::executor;
  tcp::socket socket(executor);
  co_await socket.async_connect(EndpointOf(executor, *address), asio::use_awaitable);
  co_await asio::async_write(socket, asio::buffer(*request), asio::use_awaitable);
  boost::beast::flat_buffer buffer;
  co_await http::async_read(socket, buffer, *response, asio::use_awaitable);
}

// One request on a connection of its own.
absl::StatusOr<Response> Fetch(const std::string& address, const std::string& request, double seconds_max) {
  Response response;
  std::string error = "no answer in time";
  asio::io_context context(1);
  asio::co_spawn(context, Exchange(&address, &request, &response), [&error](std::exception_ptr thrown) {
    error.clear();
    if (!thrown) return;
    try {
      std::rethrow_exception(thrown);
    } catch (const std::exception& exception) {
      error = exception.what();
    }
  });
  context.run_for(std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::duration<double>(seconds_max)));
  if (!error.empty()) return Unavailable("asking ", address, ": ", error);
  return response;
}

}  // namespace

absl::StatusOr<double> ReadCounter(const std::string& rest_address, const std::string& name) {
  const std::string request = StrCat("GET /metrics HTTP/1.1\r\nHost: ", rest_address, "\r\n\r\n");
  LINEAL_ASSIGN_OR_RETURN(const Response response, Fetch(rest_address, request, kMetricsSecondsMax));
  const std::string& text = response.body();
  const size_t line = text.find(StrCat("\n", name, " "));
  if (line == std::string::npos) return NotFound("/metrics has no counter ", name);
  return std::strtod(text.c_str() + line + 1 + name.size(), nullptr);
}

absl::StatusOr<std::vector<uint64_t>> AskRestOnce(const std::string& rest_address, const std::string& http_request,
                                                  double seconds_max) {
  LINEAL_ASSIGN_OR_RETURN(const Response response, Fetch(rest_address, http_request, seconds_max));
  if (response.result_int() == 200) return IdsIn(response.body());
  const std::string what =
      StrCat("the search was answered ", response.result_int(), " ", response.body().substr(0, 200));
  return response.result_int() >= 500 ? Unavailable(what) : Internal(what);
}

LoadRun RunRest(const RunOptions& options, const QuestionSet& questions) {
  RestRun state{&questions, RunClock(options, questions.messages.size()), {}, {}};
  state.run.protocol = "REST";
  state.run.connections = options.connections;
  state.run.answers.resize(questions.messages.size());
  state.bodies.resize(questions.messages.size());
  asio::io_context context(1);
  const tcp::endpoint endpoint = EndpointOf(context, options.address);
  for (size_t i = 0; i < options.connections; ++i) {
    asio::co_spawn(context, Ask(endpoint, &state), [&state](std::exception_ptr thrown) {
      if (!thrown) return;
      try {
        std::rethrow_exception(thrown);
      } catch (const std::exception& error) {
        state.Fail(error.what());
      }
    });
  }
  context.run();
  for (size_t i = 0; i < state.bodies.size(); ++i) {
    if (!state.bodies[i].empty()) state.run.answers[i] = IdsIn(state.bodies[i]);
  }
  state.run.seconds = state.clock.measured_seconds();
  state.run.Seal(questions);
  return std::move(state.run);
}

}  // namespace lineal::bench
