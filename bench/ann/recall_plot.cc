#include "bench/ann/recall_plot.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>

#include "base/strings.h"

namespace lineal::bench {
namespace {

constexpr double kWidth = 800, kHeight = 520;
constexpr double kLeft = 80, kRight = 640, kTop = 50, kBottom = 460;
const char* const kColours[] = {"#0b6e4f", "#c0392b", "#2c5aa0", "#d68910", "#7d3c98",
                                "#117a8b", "#7b5230", "#555555", "#c2185b", "#6b8e23"};

std::string Fixed(double value, int digits) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", digits, value);
  return text;
}

std::string Escaped(const std::string& text) {
  std::string out;
  for (char c : text) {
    if (c == '<') {
      out += "&lt;";
    } else if (c == '&') {
      out += "&amp;";
    } else {
      out += c;
    }
  }
  return out;
}

std::string Text(double x, double y, const char* anchor, const std::string& text) {
  return StrCat("<text x=\"", Fixed(x, 1), "\" y=\"", Fixed(y, 1), "\" text-anchor=\"", anchor, "\">", Escaped(text),
                "</text>\n");
}

std::string Line(double x1, double y1, double x2, double y2, const char* colour) {
  return StrCat("<line x1=\"", Fixed(x1, 1), "\" y1=\"", Fixed(y1, 1), "\" x2=\"", Fixed(x2, 1), "\" y2=\"",
                Fixed(y2, 1), "\" stroke=\"", colour, "\"/>\n");
}

// What part of the plane is shown.
struct Window {
  double recall_min = 1;
  int decade_min = std::numeric_limits<int>::max(), decade_max = std::numeric_limits<int>::min();

  double X(double recall) const { return kLeft + (kRight - kLeft) * (recall - recall_min) / (1 - recall_min); }
  double Y(double qps) const {
    return kBottom - (kBottom - kTop) * (std::log10(qps) - decade_min) / (decade_max - decade_min);
  }
};

Window WindowOf(const std::vector<Entrant>& entrants) {
  Window window;
  for (const Entrant& entrant : entrants) {
    for (const Point& point : Frontier(entrant.result)) {
      const double recall = point.recall, qps = SpreadOf(point.qps).median;
      window.recall_min = std::min(window.recall_min, std::floor(recall * 20) / 20);
      window.decade_min = std::min(window.decade_min, static_cast<int>(std::floor(std::log10(qps))));
      window.decade_max = std::max(window.decade_max, static_cast<int>(std::floor(std::log10(qps))) + 1);
    }
  }
  // What finds less than half is of no use to anybody.
  window.recall_min = std::clamp(window.recall_min, 0.5, 0.95);
  if (window.decade_min > window.decade_max) window.decade_min = 0, window.decade_max = 1;
  return window;
}

std::string Axes(const Window& window) {
  std::string out;
  const double step = window.recall_min < 0.85 ? 0.05 : 0.01;
  for (double recall = window.recall_min; recall < 1 + step / 2; recall += step) {
    const double x = window.X(std::min(recall, 1.0));
    out += Line(x, kTop, x, kBottom, "#dddddd") + Text(x, kBottom + 18, "middle", Fixed(recall, 2));
  }
  for (int decade = window.decade_min; decade <= window.decade_max; ++decade) {
    const double qps = std::pow(10, decade);
    out += Line(kLeft, window.Y(qps), kRight, window.Y(qps), "#999999") +
           Text(kLeft - 8, window.Y(qps) + 4, "end", Fixed(qps, decade < 0 ? -decade : 0));
    if (decade == window.decade_max) break;
    for (int part = 2; part <= 9; ++part) {
      out += Line(kLeft, window.Y(qps * part), kRight, window.Y(qps * part), "#eeeeee");
    }
  }
  return out;
}

std::string Curve(const Window& window, const Result& result, const char* colour) {
  std::string line, dots;
  for (const Point& point : Frontier(result)) {
    if (point.recall < window.recall_min) continue;
    const std::string x = Fixed(window.X(point.recall), 1), y = Fixed(window.Y(SpreadOf(point.qps).median), 1);
    StrAppend(&line, line.empty() ? "" : " ", x, ",", y);
    StrAppend(&dots, "<circle cx=\"", x, "\" cy=\"", y, "\" r=\"3\" fill=\"", colour, "\"/>\n");
  }
  return StrCat("<polyline points=\"", line, "\" fill=\"none\" stroke=\"", colour, "\" stroke-width=\"2\"/>\n", dots);
}

}  // namespace

std::string RecallPlot(const DataSet& data, size_t k, const std::vector<Entrant>& entrants) {
  const Window window = WindowOf(entrants);
  std::string out =
      StrCat("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 ", Fixed(kWidth, 0), " ", Fixed(kHeight, 0),
             "\" font-family=\"sans-serif\" font-size=\"13\">\n<rect width=\"100%\" height=\"100%\" "
             "fill=\"white\"/>\n");
  out += Text((kLeft + kRight) / 2, 28, "middle", StrCat(data.name, ": ", data.base.rows(), " × ", data.base.dim)) +
         Axes(window) + Text((kLeft + kRight) / 2, kBottom + 42, "middle", StrCat("recall@", k)) +
         StrCat("<g transform=\"translate(20 ", Fixed((kTop + kBottom) / 2, 1), ") rotate(-90)\">",
                Text(0, 0, "middle", "queries per CPU-second of one thread"), "</g>\n");
  for (size_t i = 0; i < entrants.size(); ++i) {
    const char* colour = kColours[i % std::size(kColours)];
    const double y = kTop + 20 * static_cast<double>(i) + 10;
    out += Curve(window, entrants[i].result, colour) + Line(kRight + 14, y, kRight + 38, y, colour) +
           Text(kRight + 44, y + 4, "start", entrants[i].result.system);
  }
  return out + "</svg>\n";
}

}  // namespace lineal::bench
