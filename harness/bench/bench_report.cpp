#include "harness/bench/bench_report.h"

#include <Poco/JSON/Object.h>

#include <algorithm>
#include <cstdio>
#include <sstream>

namespace netchat::harness {

namespace {

using Kind = BenchOptions::Kind;

std::string_view dialectName(Dialect dialect) {
    return dialect == Dialect::V2 ? "v2" : "classic";
}

double medianOf(std::vector<double> values) {
    if (values.empty()) return 0;
    std::sort(values.begin(), values.end());
    const size_t half = values.size() / 2;
    return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

// "12.3 M", "456 k", "789".
std::string brief(double value) {
    char text[32];
    if (value >= 1e6) {
        std::snprintf(text, sizeof text, "%.2f M", value / 1e6);
    } else if (value >= 1e4) {
        std::snprintf(text, sizeof text, "%.0f k", value / 1e3);
    } else {
        std::snprintf(text, sizeof text, "%.0f", value);
    }
    return text;
}

// Nothing where there is nothing to say.
std::string orDash(double value, std::string text) {
    return value > 0 ? std::move(text) : "-";
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
    }
    out.serverNs = perUnit(result.server.cpuNs());
    out.selfNs = perUnit(result.self.cpuNs());
    if (result.server.cpuNs() > 0) {
        out.userShare =
            static_cast<double>(result.server.userNs) / static_cast<double>(result.server.cpuNs());
    }
    out.residentPerMember = result.residentPerMember;
    if (result.connectSeconds > 0) {
        out.connectsPerSecond = static_cast<double>(result.members) / result.connectSeconds;
    }
    constexpr double kUs = 1e3;
    out.p50Us = static_cast<double>(result.p50Ns) / kUs;
    out.p99Us = static_cast<double>(result.p99Ns) / kUs;
    out.maxUs = static_cast<double>(result.maxNs) / kUs;
    out.lost = result.lost;
    out.disordered = result.disordered;
    return out;
}

BenchFigures medianOf(const std::vector<BenchFigures>& runs) {
    const auto median = [&](double BenchFigures::*figure) {
        std::vector<double> values;
        for (const BenchFigures& run : runs) values.push_back(run.*figure);
        return medianOf(std::move(values));
    };
    BenchFigures out;
    for (double BenchFigures::*figure :
         {&BenchFigures::deliveriesPerSecond, &BenchFigures::messagesPerSecond,
          &BenchFigures::serverNs, &BenchFigures::selfNs, &BenchFigures::userShare,
          &BenchFigures::residentPerMember, &BenchFigures::connectsPerSecond, &BenchFigures::p50Us,
          &BenchFigures::p99Us, &BenchFigures::maxUs}) {
        out.*figure = median(figure);
    }
    for (const BenchFigures& run : runs) {
        out.lost += run.lost;
        out.disordered += run.disordered;
    }
    return out;
}

std::string benchHead() {
    char line[200];
    std::snprintf(line, sizeof line, "%-12s %-8s %-10s %10s %12s %10s %6s %10s %10s %10s %8s %5s\n",
                  "workload", "dialect", "durability", "messages/s", "deliveries/s", "server ns",
                  "user", "p50 us", "p99 us", "self ns", "B/member", "lost");
    return line;
}

std::string benchLine(std::string_view workload, const BenchOptions& options,
                      std::string_view durability, const BenchFigures& f) {
    const std::string perSecond =
        brief(f.deliveriesPerSecond) + (options.kind == Kind::Files ? "B" : "");
    char line[256];
    std::snprintf(
        line, sizeof line, "%-12s %-8s %-10s %10s %12s %10s %6s %10s %10s %10s %8s %5llu\n",
        std::string(workload).c_str(), std::string(dialectName(options.dialect)).c_str(),
        std::string(durability).c_str(),
        orDash(f.messagesPerSecond, brief(f.messagesPerSecond)).c_str(),
        orDash(f.deliveriesPerSecond, perSecond).c_str(),
        orDash(f.serverNs, brief(f.serverNs)).c_str(),
        orDash(f.serverNs, std::to_string(static_cast<int>(f.userShare * 100)) + "%").c_str(),
        orDash(f.p50Us, brief(f.p50Us)).c_str(), orDash(f.p99Us, brief(f.p99Us)).c_str(),
        orDash(f.selfNs, brief(f.selfNs)).c_str(),
        orDash(f.residentPerMember, brief(f.residentPerMember)).c_str(),
        static_cast<unsigned long long>(f.lost + f.disordered));
    return line;
}

std::string benchJson(std::string_view workload, const BenchOptions& options,
                      std::string_view durability, const BenchFigures& f) {
    Poco::JSON::Object::Ptr out = new Poco::JSON::Object;
    out->set("workload", std::string(workload));
    out->set("dialect", std::string(dialectName(options.dialect)));
    out->set("durability", std::string(durability));
    out->set("rooms", options.rooms);
    out->set("senders", options.senders);
    out->set("receivers", options.receivers);
    out->set("messages_per_s", f.messagesPerSecond);
    out->set(options.kind == Kind::Files ? "bytes_per_s" : "deliveries_per_s",
             f.deliveriesPerSecond);
    out->set(options.kind == Kind::Files ? "server_cpu_ns_per_kib" : "server_cpu_ns_per_delivery",
             f.serverNs);
    out->set("server_user_share", f.userShare);
    out->set(options.kind == Kind::Files ? "self_cpu_ns_per_kib" : "self_cpu_ns_per_delivery",
             f.selfNs);
    out->set("p50_us", f.p50Us);
    out->set("p99_us", f.p99Us);
    out->set("max_us", f.maxUs);
    out->set("rss_per_member", f.residentPerMember);
    out->set("connects_per_s", f.connectsPerSecond);
    out->set("lost", f.lost);
    out->set("out_of_order", f.disordered);
    std::ostringstream text;
    out->stringify(text);
    return text.str() + "\n";
}

}  // namespace netchat::harness
