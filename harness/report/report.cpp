#include "harness/report/report.h"

#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <sstream>

#include "harness/report/xml_text.h"
#include "protocol/size_text.h"
#include "protocol/text_safety.h"
#include "protocol/utf8.h"

namespace netchat::harness {

namespace {

constexpr size_t kShownMax = 10;  // violations of one property in the table

std::string fixed(double value, int digits) {
    std::array<char, 64> out{};
    std::snprintf(out.data(), out.size(), "%.*f", digits, value);
    return out.data();
}

std::string milliseconds(int64_t ns) {
    return fixed(static_cast<double>(ns) / 1e6, ns < 10'000'000 ? 2 : 0) + " ms";
}

std::string padded(std::string text, size_t width) {
    text.resize(std::max(text.size(), width), ' ');
    return text;
}

size_t classicBots(const Journal& journal) {
    return static_cast<size_t>(std::count_if(journal.bots.begin(), journal.bots.end(),
                                             [](const BotInfo& bot) { return bot.classic; }));
}

double deliveriesPerSecond(const Verdict& v) {
    return v.spanNs == 0
               ? 0
               : static_cast<double>(v.latency.count) * 1e9 / static_cast<double>(v.spanNs);
}

std::string propertyCell(const Verdict& verdict, Property property) {
    const PropertyResult& result = verdict[property];
    const std::string state = result.violated != 0  ? "VIOLATED " + std::to_string(result.violated)
                              : result.checked == 0 ? "not observed"
                                                    : "ok " + std::to_string(result.checked);
    return padded(std::string(propertyName(property)), 14) + state;
}

std::string runLine(const Journal& journal) {
    return std::to_string(journal.bots.size()) + " bots (" + std::to_string(classicBots(journal)) +
           " classic) in " + std::to_string(journal.rooms.size()) +
           (journal.rooms.size() == 1 ? " room" : " rooms") + " at " +
           neutralised(journal.info.server) + ", texts of " +
           std::to_string(journal.info.payload.size) + " B, seed " +
           std::to_string(journal.info.payload.seed);
}

std::string messageLine(const Verdict& v) {
    std::string line = std::to_string(v.sent) + " said; " + std::to_string(v.delivered) + " of " +
                       std::to_string(v.owed) + " owed deliveries; " +
                       std::to_string(v.optionalDelivered) + " of " + std::to_string(v.optional) +
                       " optional";
    if (v.refused != 0) line += "; " + std::to_string(v.refused) + " refused";
    return line;
}

std::string fileLine(const Journal& journal, const Verdict& v) {
    if (journal.files.empty()) return "none";
    return std::to_string(journal.files.size()) + " of " + sizeText(journal.files[0].size) + "; " +
           std::to_string(v.filesDelivered) + " of " + std::to_string(v.filesOwed) +
           " owed deliveries, " + sizeText(v.fileBytes);
}

// "50 kill-server, 7 cut"
std::string faultCounts(const Hardships& hard) {
    std::string out;
    for (const auto& [name, count] : hard.faults) {
        out += (out.empty() ? "" : ", ") + std::to_string(count) + " " + neutralised(name);
    }
    return out.empty() ? "none was injected" : out;
}

std::string faultLines(const Verdict& v) {
    const Hardships& hard = v.hardships;
    std::string out = "faults    " + faultCounts(hard) + "\n";
    out += "resumed   " + std::to_string(hard.cuts) + " connections cut, " +
           std::to_string(hard.returns) + " reconnected; " + std::to_string(hard.saidAgain) +
           " messages sent again; " + std::to_string(hard.resumes) + " transfers resumed, " +
           sizeText(hard.bytesAgain) + " sent again\n";
    if (hard.serverKills + hard.botKills != 0) {
        out += "killed    the server " + std::to_string(hard.serverKills) + " times, bots " +
               std::to_string(hard.botKills) +
               " times; during transfers: " + std::to_string(hard.killsAmidFiles) + "\n";
    }
    if (!hard.acknowledged.empty()) {
        out += "acked     before each kill of the server:";
        for (const uint64_t count : hard.acknowledged) out += " " + std::to_string(count);
        out += "\n";
    }
    return out + "settled   " + milliseconds(hard.settledNs) + " after the last fault\n";
}

// Runs without faults are not judged by what only faults bring about.
size_t propertiesOf(const Journal& journal) {
    return journal.info.faults.empty() ? kFaultlessPropertyCount : kPropertyCount;
}

std::string latencyLine(const Verdict& v) {
    if (v.latency.count == 0) return "not observed";
    return "p50 " + milliseconds(v.latency.p50) + ", p99 " + milliseconds(v.latency.p99) +
           ", max " + milliseconds(v.latency.max) + " over " +
           fixed(static_cast<double>(v.spanNs) / 1e9, 2) + " s (" +
           fixed(deliveriesPerSecond(v), 0) + " deliveries/s)";
}

Poco::JSON::Object::Ptr object() {
    return new Poco::JSON::Object(Poco::JSON_PRESERVE_KEY_ORDER);
}

// POCO writes invalid UTF-8 as it is.
std::string jsonText(std::string_view text) {
    return utf8::repaired(text);
}

Poco::JSON::Object::Ptr propertyObject(const Verdict& verdict, Property property) {
    const PropertyResult& result = verdict[property];
    auto out = object();
    out->set("name", std::string(propertyName(property)));
    out->set("holds", result.violated == 0);
    out->set("checked", Poco::UInt64(result.checked));
    out->set("violated", Poco::UInt64(result.violated));
    Poco::JSON::Array violations;
    for (const Violation& violation : verdict.violations) {
        if (violation.property == property) violations.add(jsonText(violation.text));
    }
    out->set("violations", violations);
    return out;
}

Poco::JSON::Object::Ptr hardshipsObject(const Journal& journal, const Verdict& v) {
    const Hardships& hard = v.hardships;
    auto out = object(), committed = object();
    for (const auto& [name, count] : hard.faults) committed->set(name, Poco::UInt64(count));
    out->set("schedule", jsonText(journal.info.faults));
    out->set("committed", committed);
    out->set("cuts", Poco::UInt64(hard.cuts));
    out->set("returns", Poco::UInt64(hard.returns));
    out->set("messages_said_again", Poco::UInt64(hard.saidAgain));
    out->set("transfers_resumed", Poco::UInt64(hard.resumes));
    out->set("bytes_sent_again", Poco::UInt64(hard.bytesAgain));
    out->set("server_kills", Poco::UInt64(hard.serverKills));
    out->set("bot_kills", Poco::UInt64(hard.botKills));
    out->set("kills_amid_files", Poco::UInt64(hard.killsAmidFiles));
    Poco::JSON::Array acknowledged;
    for (const uint64_t count : hard.acknowledged) acknowledged.add(Poco::UInt64(count));
    out->set("acknowledged_before_kills", acknowledged);
    out->set("settled_ns", Poco::Int64(hard.settledNs));
    return out;
}

}  // namespace

std::string tableReport(const Journal& journal, const Verdict& verdict) {
    std::string out = "run       " + runLine(journal) + "\n";
    out += "messages  " + messageLine(verdict) + "\n";
    out += "files     " + fileLine(journal, verdict) + "\n";
    out += "latency   " + latencyLine(verdict) + "\n";
    const size_t properties = propertiesOf(journal);
    if (!journal.info.faults.empty()) out += faultLines(verdict);
    for (size_t i = 0; i < properties; i += 2) {
        const std::string first = propertyCell(verdict, static_cast<Property>(i));
        const bool second = i + 1 < properties;
        out += "  " +
               (second ? padded(first, 36) + propertyCell(verdict, static_cast<Property>(i + 1))
                       : first) +
               "\n";
    }
    std::array<size_t, kPropertyCount> shown{};
    for (const Violation& violation : verdict.violations) {
        size_t& count = shown[static_cast<size_t>(violation.property)];
        if (++count > kShownMax) continue;
        out += std::string(propertyName(violation.property)) + ": " + neutralised(violation.text) +
               "\n";
    }
    for (size_t i = 0; i < kPropertyCount; ++i) {
        const uint64_t all = verdict.results[i].violated;
        if (all <= kShownMax) continue;
        out += std::string(propertyName(static_cast<Property>(i))) + ": and " +
               std::to_string(all - kShownMax) + " more\n";
    }
    for (const std::string& doubt : verdict.doubts) out += "doubt: " + neutralised(doubt) + "\n";
    out += std::string(outcomeName(verdict.outcome));
    if (!journal.info.command.empty()) out += "  again: " + neutralised(journal.info.command);
    return out + "\n";
}

std::string jsonReport(const Journal& journal, const Verdict& v) {
    auto root = object();
    root->set("outcome", std::string(outcomeName(v.outcome)));
    root->set("command", jsonText(journal.info.command));
    root->set("server", jsonText(journal.info.server));
    root->set("seed", Poco::UInt64(journal.info.payload.seed));
    root->set("bots", Poco::UInt64(journal.bots.size()));
    root->set("classic_bots", Poco::UInt64(classicBots(journal)));
    root->set("rooms", Poco::UInt64(journal.rooms.size()));
    root->set("text_bytes", Poco::UInt64(journal.info.payload.size));
    auto messages = object();
    messages->set("planned", Poco::UInt64(journal.info.messages));
    messages->set("said", Poco::UInt64(v.sent));
    messages->set("probes", Poco::UInt64(v.probes));
    messages->set("refused", Poco::UInt64(v.refused));
    messages->set("owed", Poco::UInt64(v.owed));
    messages->set("delivered", Poco::UInt64(v.delivered));
    messages->set("optional", Poco::UInt64(v.optional));
    messages->set("optional_delivered", Poco::UInt64(v.optionalDelivered));
    root->set("messages", messages);
    auto files = object();
    files->set("sent", Poco::UInt64(journal.files.size()));
    files->set("owed", Poco::UInt64(v.filesOwed));
    files->set("delivered", Poco::UInt64(v.filesDelivered));
    files->set("bytes", Poco::UInt64(v.fileBytes));
    root->set("files", files);
    auto latency = object();
    latency->set("count", Poco::UInt64(v.latency.count));
    latency->set("p50_ns", Poco::Int64(v.latency.p50));
    latency->set("p99_ns", Poco::Int64(v.latency.p99));
    latency->set("max_ns", Poco::Int64(v.latency.max));
    root->set("latency", latency);
    root->set("span_ns", Poco::Int64(v.spanNs));
    if (!journal.info.faults.empty()) root->set("faults", hardshipsObject(journal, v));
    Poco::JSON::Array properties, doubts;
    for (size_t i = 0; i < propertiesOf(journal); ++i) {
        properties.add(propertyObject(v, static_cast<Property>(i)));
    }
    for (const std::string& doubt : v.doubts) doubts.add(jsonText(doubt));
    root->set("properties", properties);
    root->set("doubts", doubts);
    std::ostringstream out;
    root->stringify(out, 2);
    return escapedJson(out.str()) + "\n";
}

std::string junitReport(const Journal& journal, const Verdict& verdict) {
    const size_t properties = propertiesOf(journal);
    size_t failures = 0;
    for (const PropertyResult& result : verdict.results) failures += result.violated != 0;
    const bool doubtful = verdict.outcome == Outcome::Inconclusive;
    std::string out =
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"netchat harness\" tests=\"" +
        std::to_string(properties + 1) + "\" failures=\"" + std::to_string(failures) +
        "\" errors=\"" + std::to_string(doubtful ? 1 : 0) + "\">\n";
    for (size_t i = 0; i < properties; ++i) {
        const auto property = static_cast<Property>(i);
        out += "  <testcase classname=\"netchat.harness\" name=\"" +
               std::string(propertyName(property)) + "\">";
        if (verdict[property].violated != 0) {
            out += "\n    <failure message=\"" + std::to_string(verdict[property].violated) +
                   " violations of: " + xmlText(propertyText(property)) + "\">";
            for (const Violation& violation : verdict.violations) {
                if (violation.property == property) out += xmlText(violation.text) + "\n";
            }
            out += "</failure>\n  ";
        } else if (verdict[property].checked == 0) {
            out += "<skipped message=\"not observed\"/>";
        }
        out += "</testcase>\n";
    }
    out += "  <testcase classname=\"netchat.harness\" name=\"conclusive\">";
    if (doubtful) {
        out += "\n    <error message=\"inconclusive\">";
        for (const std::string& doubt : verdict.doubts) out += xmlText(doubt) + "\n";
        out += "</error>\n  ";
    }
    return out + "</testcase>\n</testsuite>\n";
}

}  // namespace netchat::harness
