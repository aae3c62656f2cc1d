#include "harness/bench/bench_report.h"

#include <Poco/JSON/Object.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <sstream>

namespace netchat::harness {

namespace {

using Kind = BenchOptions::Kind;

std::string dialectName(const BenchOptions& options) {
    return std::string(options.dialect == Dialect::V2 ? "v2" : "classic") +
           (options.tls ? "-tls" : "");
}

double medianValue(std::vector<double> values) {
    if (values.empty()) return 0;
    std::sort(values.begin(), values.end());
    const size_t half = values.size() / 2;
    return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

// "12.3 M", "456 k", "789", "4.5".
std::string brief(double value) {
    char text[32];
    if (value >= 1e6) {
        std::snprintf(text, sizeof text, "%.2f M", value / 1e6);
    } else if (value >= 1e4) {
        std::snprintf(text, sizeof text, "%.0f k", value / 1e3);
    } else {
        std::snprintf(text, sizeof text, value < 10 ? "%.1f" : "%.0f", value);
    }
    return text;
}

// Nothing where there is nothing to say.
std::string orDash(double value, const std::string& unit = {}) {
    return value > 0 ? brief(value) + unit : "-";
}

std::string percent(double share) {
    char text[32];
    std::snprintf(text, sizeof text, share < 0.1 ? "%.2f%%" : "%.0f%%", share * 100);
    return text;
}

std::string times(double ratio) {
    char text[32];
    std::snprintf(text, sizeof text, "%.2f", ratio);
    return ratio > 0 ? text : "-";
}

// A column: its names in the two tables, its width in the terminal's (left of the line if
// negative), and what stands in it.
struct Cell {
    const char* brief;
    const char* full;
    int width;
    std::string text;
};

std::vector<Cell> cellsOf(const BenchSubject& subject, const BenchOptions& options,
                          const BenchFigures& f, bool floor) {
    const bool files = options.kind == Kind::Files;
    const bool idle = options.kind == Kind::Idle;
    // Of files the unit is KiB, of idle members there is none.
    std::vector<Cell> cells = {
        {"workload", "workload", -13, subject.workload},
        {"dialect", "dialect", -8, dialectName(options)},
        {"durability", "durability", -10, subject.durability},
        {"loops", "loops", 5, subject.loops},
        {"messages/s", "messages/s", 10, orDash(f.messagesPerSecond)},
        {"deliveries/s", "deliveries/s", 12, orDash(f.deliveriesPerSecond, files ? "B" : "")},
        {"server ns", "server CPU, ns each", 10, orDash(f.serverNs, files ? "/KiB" : "")},
    };
    if (floor)
        cells.push_back(
            {"x floor", "× floor", 7, times(f.floorNs > 0 ? f.serverNs / f.floorNs : 0)});
    const std::vector<Cell> rest = {
        {"busiest", "of its busiest thread", 8, orDash(f.busiestThreadNs)},
        {"cores", "cores", 6, idle ? percent(f.serverCores) : times(f.serverCores)},
        {"user", "user", 5, f.serverNs > 0 ? percent(f.userShare) : "-"},
        {"p50 us", "p50 µs", 7, orDash(f.p50Us)},
        {"p99 us", "p99 µs", 7, orDash(f.p99Us)},
        {"alone", "p99 µs without files", 7, orDash(f.aloneP99Us)},
        {"self ns", "generator CPU, ns each", 10, orDash(f.selfNs, files ? "/KiB" : "")},
        {"connects/s", "connects/s", 10, orDash(f.connectsPerSecond)},
        {"B/idle", "RSS per member, B", 7, orDash(f.residentPerMember)},
        {"B/used", "after the load", 7, orDash(f.residentPerMemberAfter)},
        {"lost", "lost", 5, std::to_string(f.lost + f.disordered)},
    };
    cells.insert(cells.end(), rest.begin(), rest.end());
    return cells;
}

std::string aligned(const std::vector<Cell>& cells, bool names) {
    std::string line;
    for (const Cell& cell : cells) {
        const std::string text = names ? std::string(cell.brief) : cell.text;
        const auto width = static_cast<size_t>(std::abs(cell.width));
        const std::string pad(width > text.size() ? width - text.size() : 0, ' ');
        if (!line.empty()) line += ' ';
        line += cell.width < 0 ? text + pad : pad + text;
    }
    return line + "\n";
}

std::string piped(const std::vector<Cell>& cells, bool names) {
    std::string line = "|";
    for (const Cell& cell : cells) line += " " + (names ? cell.full : cell.text) + " |";
    return line + "\n";
}

}  // namespace

BenchFigures figuresOf(const BenchOptions& options, const BenchResult& result) {
    BenchFigures out;
    const bool files = options.kind == Kind::Files;
    const auto perUnit = [&](int64_t ns) {
        if (result.deliveries == 0) return 0.0;
        const double units = static_cast<double>(result.deliveries) / (files ? 1024 : 1);
        return static_cast<double>(ns) / units;
    };
    if (result.seconds > 0) {
        out.deliveriesPerSecond = static_cast<double>(result.deliveries) / result.seconds;
        out.messagesPerSecond = static_cast<double>(result.messages) / result.seconds;
        out.serverCores = static_cast<double>(result.server.cpuNs) / 1e9 / result.seconds;
        out.transferredBytesPerSecond =
            static_cast<double>(result.transferredBytes) / result.seconds;
    }
    out.serverNs = perUnit(result.server.cpuNs);
    out.busiestThreadNs = perUnit(result.server.busiestThreadNs());
    out.selfNs = perUnit(result.self.cpuNs);
    out.userShare = result.server.userShare();
    out.residentPerMember = result.residentPerMember;
    out.residentPerMemberAfter = result.residentPerMemberAfter;
    if (result.connectSeconds > 0) {
        out.connectsPerSecond = static_cast<double>(result.members) / result.connectSeconds;
    }
    constexpr double kUs = 1e3;
    out.p50Us = static_cast<double>(result.p50Ns) / kUs;
    out.p99Us = static_cast<double>(result.p99Ns) / kUs;
    out.maxUs = static_cast<double>(result.maxNs) / kUs;
    out.sendLagMaxUs = static_cast<double>(result.sendLagMaxNs) / kUs;
    out.lost = result.lost;
    out.disordered = result.disordered;
    return out;
}

BenchFigures medianOf(const std::vector<BenchFigures>& runs) {
    const auto median = [&](double BenchFigures::*figure) {
        std::vector<double> values;
        for (const BenchFigures& run : runs) values.push_back(run.*figure);
        return medianValue(std::move(values));
    };
    BenchFigures out;
    for (double BenchFigures::*figure :
         {&BenchFigures::deliveriesPerSecond, &BenchFigures::messagesPerSecond,
          &BenchFigures::serverNs, &BenchFigures::busiestThreadNs, &BenchFigures::selfNs,
          &BenchFigures::userShare, &BenchFigures::serverCores, &BenchFigures::residentPerMember,
          &BenchFigures::residentPerMemberAfter, &BenchFigures::connectsPerSecond,
          &BenchFigures::p50Us, &BenchFigures::p99Us, &BenchFigures::maxUs,
          &BenchFigures::aloneP99Us, &BenchFigures::sendLagMaxUs,
          &BenchFigures::transferredBytesPerSecond, &BenchFigures::floorNs}) {
        out.*figure = median(figure);
    }
    for (const BenchFigures& run : runs) {
        out.lost += run.lost;
        out.disordered += run.disordered;
    }
    return out;
}

std::string benchHead(bool floor) {
    return aligned(cellsOf({}, {}, {}, floor), true);
}

std::string benchLine(const BenchSubject& subject, const BenchOptions& options,
                      const BenchFigures& figures, bool floor) {
    return aligned(cellsOf(subject, options, figures, floor), false);
}

std::string benchMarkdownHead(bool floor) {
    const auto cells = cellsOf({}, {}, {}, floor);
    std::string line = "|";
    for (const Cell& cell : cells) line += cell.width < 0 ? "---|" : "---:|";
    return piped(cells, true) + line + "\n";
}

std::string benchMarkdownLine(const BenchSubject& subject, const BenchOptions& options,
                              const BenchFigures& figures, bool floor) {
    return piped(cellsOf(subject, options, figures, floor), false);
}

std::string benchJson(const BenchSubject& subject, const BenchOptions& options,
                      const BenchFigures& f) {
    Poco::JSON::Object::Ptr out = new Poco::JSON::Object;
    out->set("workload", subject.workload);
    out->set("dialect", dialectName(options));
    out->set("durability", subject.durability);
    out->set("loops", subject.loops);
    out->set("rooms", options.rooms);
    out->set("senders", options.senders);
    out->set("receivers", options.receivers);
    out->set("messages_per_s", f.messagesPerSecond);
    out->set(options.kind == Kind::Files ? "bytes_per_s" : "deliveries_per_s",
             f.deliveriesPerSecond);
    out->set(options.kind == Kind::Files ? "server_cpu_ns_per_kib" : "server_cpu_ns_per_delivery",
             f.serverNs);
    out->set("busiest_thread_ns", f.busiestThreadNs);
    if (f.floorNs > 0) out->set("floor_cpu_ns", f.floorNs);
    out->set("server_user_share", f.userShare);
    out->set("server_busy", f.serverCores);
    if (options.kind == Kind::Files) {
        constexpr double kKibPerGb = 1e9 / 1024, kSecondsPerNs = 1e-9;
        out->set("server_cpu_s_per_gb", f.serverNs * kKibPerGb * kSecondsPerNs);
        out->set("mb_per_s", f.deliveriesPerSecond / 1e6);
    }
    if (options.transfers > 0) {
        out->set("alone_p99_us", f.aloneP99Us);
        out->set("transfers_bytes_per_s", f.transferredBytesPerSecond);
    }
    out->set(options.kind == Kind::Files ? "self_cpu_ns_per_kib" : "self_cpu_ns_per_delivery",
             f.selfNs);
    out->set("p50_us", f.p50Us);
    out->set("p99_us", f.p99Us);
    out->set("max_us", f.maxUs);
    if (options.kind == Kind::Paced) out->set("send_lag_max_us", f.sendLagMaxUs);
    out->set("rss_per_member", f.residentPerMember);
    out->set("rss_per_member_after", f.residentPerMemberAfter);
    out->set("connects_per_s", f.connectsPerSecond);
    out->set("lost", f.lost);
    out->set("out_of_order", f.disordered);
    std::ostringstream text;
    out->stringify(text);
    return text.str() + "\n";
}

}  // namespace netchat::harness
