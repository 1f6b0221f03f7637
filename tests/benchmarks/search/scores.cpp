#include "tests/benchmarks/search/scores.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fstream>
#include <numeric>

namespace gyro::benchmark {
namespace {

constexpr std::size_t kFields = 13;

std::vector<std::string> split(const std::string& line) {
  std::vector<std::string> out(1);
  for (const char c : line) {
    if (c == ',') {
      out.emplace_back();
    } else {
      out.back() += c;
    }
  }
  return out;
}

template <class T>
bool read_number(const std::string& text, T& to) {
  const char* const end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, to);
  return parsed.ec == std::errc() && parsed.ptr == end;
}

bool read_line(const std::string& line, Score& to) {
  const auto fields = split(line);
  if (fields.size() != kFields) return false;
  to.case_name = fields[0];
  to.entrant = fields[1];
  to.stopped_by = fields[12];
  return read_number(fields[2], to.budget) && read_number(fields[3], to.seed) &&
         read_number(fields[4], to.threads) && read_number(fields[5], to.identity) &&
         read_number(fields[6], to.retained) && read_number(fields[7], to.seconds) &&
         read_number(fields[8], to.runs) && read_number(fields[9], to.steps) &&
         read_number(fields[10], to.first_retained) && read_number(fields[11], to.first_seconds);
}

}  // namespace

std::string csv_header() {
  return "case,strategy,budget,seed,threads,identity,retained,seconds,runs,steps,first_retained,"
         "first_seconds,stopped_by\n";
}

std::string csv_line(const Score& s) {
  return fmt::format("{},{},{},{},{},{:.7f},{:.7f},{:.4f},{},{},{:.7f},{:.4f},{}\n", s.case_name,
                     s.entrant, s.budget, s.seed, s.threads, s.identity, s.retained, s.seconds,
                     s.runs, s.steps, s.first_retained, s.first_seconds, s.stopped_by);
}

Result<std::vector<Score>> read_scores(const std::string& path) {
  std::vector<Score> out;
  std::ifstream file(path);
  std::string line;
  while (std::getline(file, line)) {
    if (Score score; !file.eof() && read_line(line, score)) out.push_back(std::move(score));
  }
  if (file.bad()) return fail(ErrorCode::Unreadable, "cannot be read", path);
  return out;
}

bool has_line(const std::vector<Score>& scores, const Score& like) {
  return std::any_of(scores.begin(), scores.end(), [&](const Score& s) {
    return s.case_name == like.case_name && s.entrant == like.entrant && s.budget == like.budget &&
           s.seed == like.seed && s.threads == like.threads;
  });
}

Spread spread_of(const std::vector<double>& values) {
  Spread out;
  out.count = static_cast<int>(values.size());
  if (values.empty()) return out;
  out.mean = std::accumulate(values.begin(), values.end(), 0.0) / out.count;
  double squares = 0;
  for (const double v : values) squares += (v - out.mean) * (v - out.mean);
  if (out.count > 1) out.deviation = std::sqrt(squares / (out.count - 1));
  return out;
}

}  // namespace gyro::benchmark
