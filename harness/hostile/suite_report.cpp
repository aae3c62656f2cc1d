#include "harness/hostile/suite_report.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "harness/report/xml_text.h"
#include "protocol/size_text.h"
#include "protocol/text_safety.h"

namespace netchat::harness::hostile {

namespace {

using State = AttackResult::State;

constexpr size_t kNameWidth = 28;

std::string padded(std::string text, size_t width) {
    text.resize(std::max(text.size(), width), ' ');
    return text;
}

std::string fixed(double value, int digits) {
    std::array<char, 64> out{};
    std::snprintf(out.data(), out.size(), "%.*f", digits, value);
    return out.data();
}

std::string milliseconds(uint64_t ns) {
    return fixed(static_cast<double>(ns) / 1e6, 1) + " ms";
}

std::string_view stateName(State state) {
    return state == State::Held ? "ok" : state == State::Failed ? "FAIL" : "skipped";
}

std::string nameOf(const Attack& attack) {
    return std::to_string(attack.number) + " " + std::string(attack.name);
}

}  // namespace

std::string listText(const std::vector<const Attack*>& attacks) {
    std::string out;
    const Attack* before = nullptr;
    for (const Attack* attack : attacks) {
        if (!before || before->kind != attack->kind) {
            out += (before ? "\n" : "") + std::string(kindName(attack->kind)) + "\n";
        }
        before = attack;
        out += "  " + padded(nameOf(*attack), kNameWidth) + " " + std::string(attack->sends) +
               "\n  " + std::string(kNameWidth, ' ') + " -> " + std::string(attack->must) + "\n";
    }
    return out;
}

std::string resultHead() {
    return padded("attack", kNameWidth) + padded("", 9) + padded("time", 8) +
           padded("crowd p99", 11) + padded("got", 8) + padded("memory", 11) + "files\n";
}

std::string resultLine(const AttackResult& result) {
    std::string out = padded(nameOf(*result.attack), kNameWidth) + " " +
                      padded(std::string(stateName(result.state)), 8);
    if (result.state != State::Skipped) {
        out += padded(fixed(result.seconds, 2) + " s", 8) + padded(milliseconds(result.p99Ns), 11) +
               padded(std::to_string(result.delivered), 8);
    }
    if (result.health.there) {
        out += padded(sizeText(result.health.residentBytes), 11) +
               std::to_string(result.health.descriptors);
    }
    out.resize(out.find_last_not_of(' ') + 1);
    out += "\n";
    if (result.state == State::Failed) {
        out += "    sent: " + std::string(result.attack->sends) +
               "\n    must: " + std::string(result.attack->must) + "\n";
    }
    for (const std::string& finding : result.findings) out += "    " + neutralised(finding) + "\n";
    return out;
}

std::string summaryLine(const SuiteResult& result, const SuiteOptions& options) {
    uint64_t worst = 0;
    for (const auto& each : result.results) worst = std::max(worst, each.p99Ns);
    const size_t failed = result.count(State::Failed), skipped = result.count(State::Skipped);
    const size_t tried = result.results.size() - skipped;
    std::string out = tried == 0 ? "INCONCLUSIVE" : failed == 0 ? "PASS" : "FAIL";
    out += " " + std::to_string(tried - failed) + " of " + std::to_string(tried) + " attacks held";
    if (skipped > 0) out += ", " + std::to_string(skipped) + " skipped";
    return out + "; the crowd got " + std::to_string(result.delivered) + " messages, worst p99 " +
           milliseconds(worst) + " (at most " + std::to_string(options.p99Ms) + " ms)\n";
}

std::string junitText(const SuiteResult& result) {
    std::string out =
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"netchat harness hostile\" "
        "tests=\"" +
        std::to_string(result.results.size()) + "\" failures=\"" +
        std::to_string(result.count(State::Failed)) + "\" skipped=\"" +
        std::to_string(result.count(State::Skipped)) + "\">\n";
    for (const auto& each : result.results) {
        out += "  <testcase classname=\"netchat.hostile." +
               std::string(kindName(each.attack->kind)) + "\" name=\"" +
               xmlText(nameOf(*each.attack)) + "\" time=\"" + fixed(each.seconds, 3) + "\">";
        std::string text;
        for (const std::string& finding : each.findings) text += xmlText(finding) + "\n";
        if (each.state == State::Failed) {
            out += "\n    <failure message=\"must: " + xmlText(each.attack->must) + "\">" + text +
                   "</failure>\n  ";
        } else if (each.state == State::Skipped) {
            out += "<skipped message=\"" + xmlText(each.findings.front()) + "\"/>";
        }
        out += "</testcase>\n";
    }
    return out + "</testsuite>\n";
}

}  // namespace netchat::harness::hostile
