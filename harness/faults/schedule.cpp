#include "harness/faults/schedule.h"

#include <algorithm>
#include <charconv>

#include "harness/faults/sizes.h"
#include "harness/plan/payload.h"
#include "harness/plan/rng.h"
#include "protocol/text_safety.h"

namespace netchat::harness {

namespace {

constexpr uint32_t kCountMax = 10'000;
constexpr uint64_t kUse = 0xFA017;  // apart from the workload's uses of the same seed
// Where what the bots have said is too little, or all but over, a fault would meet nobody.
constexpr uint64_t kFromPerMille = 20, kToPerMille = 950;

std::string allNames() {
    std::string names;
    for (const FaultType* type : kFaultCatalogue) names += std::string(type->name) + ", ";
    return names + "network or all";
}

bool isMeant(std::string_view name, const FaultType& type, const std::set<FaultTarget>& targets) {
    if (name == "all") return targets.contains(type.target);
    if (name == "network") return type.target == FaultTarget::Connection;
    return name == type.name;
}

Status parseOne(std::string_view item, const std::set<FaultTarget>& targets, FaultCounts& counts) {
    const size_t equals = item.find('=');
    const std::string_view name = item.substr(0, equals);
    uint32_t count = 0;
    if (equals != std::string_view::npos) {
        const std::string_view digits = item.substr(equals + 1);
        const auto [end, error] =
            std::from_chars(digits.data(), digits.data() + digits.size(), count);
        if (error != std::errc() || end != digits.data() + digits.size() || count > kCountMax) {
            return Error{ErrorCode::BadValue, "after '" + std::string(name) +
                                                  "=' there must be a number up to 10000, not '" +
                                                  forLog(digits) + "'"};
        }
    }
    bool known = false;
    for (size_t i = 0; i < kFaultCatalogue.size(); ++i) {
        const FaultType& type = *kFaultCatalogue[i];
        if (!isMeant(name, type, targets)) continue;
        known = true;
        counts[i] = equals == std::string_view::npos ? type.usual : count;
    }
    if (known) return Ok{};
    return Error{ErrorCode::BadValue, "'" + forLog(item) + "' is not a fault; use " + allNames()};
}

void fill(FaultStep& step, Rng& rng) {
    step.direction = rng.below(2) == 0 ? Direction::Up : Direction::Down;
    step.seed = rng.next();
    step.forMs = between(rng, 100, 600);
    if (step.type->draw != nullptr) step.type->draw(step, rng);
}

std::string number(uint64_t value) {
    return std::to_string(value);
}

}  // namespace

bool isOfBot(FaultTarget target) {
    switch (target) {
        case FaultTarget::Connection:
        case FaultTarget::Bots:
            return true;
        case FaultTarget::Server:
        case FaultTarget::Database:
        case FaultTarget::DatabaseLinks:
        case FaultTarget::Node:
            return false;
    }
    return false;
}

Result<FaultCounts> parseFaults(std::string_view list, const std::set<FaultTarget>& targets) {
    FaultCounts counts{};
    for (size_t at = 0; at <= list.size();) {
        const size_t comma = std::min(list.find(',', at), list.size());
        if (auto status = parseOne(list.substr(at, comma - at), targets, counts); !status) {
            return status.error();
        }
        at = comma + 1;
    }
    if (counts == FaultCounts{}) return Error{ErrorCode::BadValue, "it names no fault"};
    return counts;
}

std::vector<FaultStep> planFaults(const FaultCounts& counts, uint64_t seed, uint32_t bots,
                                  uint64_t messages) {
    std::vector<FaultStep> steps;
    for (size_t place = 0; place < counts.size(); ++place) {
        Rng rng(mix(seed, kUse, place));
        for (uint64_t i = 0; i < counts[place]; ++i) {
            // One in each of as many equal parts of the run, somewhere in it.
            const uint64_t perMille = kFromPerMille + (kToPerMille - kFromPerMille) *
                                                          (i * 1000 + rng.below(1000)) /
                                                          (uint64_t{counts[place]} * 1000);
            FaultStep step{.type = kFaultCatalogue[place],
                           .afterSaid = messages * perMille / 1000,
                           .bot = static_cast<uint32_t>(rng.below(bots))};
            fill(step, rng);
            steps.push_back(step);
        }
    }
    std::stable_sort(steps.begin(), steps.end(), [](const FaultStep& a, const FaultStep& b) {
        return a.afterSaid < b.afterSaid;
    });
    return steps;
}

const FaultType* faultOn(FaultTarget target, const std::vector<FaultStep>& steps) {
    const auto found = std::find_if(steps.begin(), steps.end(), [&](const FaultStep& step) {
        return step.type->target == target;
    });
    return found == steps.end() ? nullptr : found->type;
}

std::string faultText(const FaultStep& step) {
    std::string text(step.type->name);
    if (step.type->target == FaultTarget::Connection) {
        text += step.direction == Direction::Up ? " up" : " down";
    }
    return step.type->sizes == nullptr ? text : text + step.type->sizes(step);
}

std::string stepText(const FaultStep& step) {
    std::string text = "after " + number(step.afterSaid) + " said: ";
    if (isOfBot(step.type->target)) text += "bot " + number(step.bot) + ": ";
    return text + faultText(step);
}

std::string scheduleText(const std::vector<FaultStep>& steps) {
    uint64_t fingerprint = 0;
    for (const FaultStep& step : steps) {
        for (const char c : stepText(step)) {
            fingerprint = mix(fingerprint, static_cast<unsigned char>(c));
        }
    }
    std::string counts;
    for (const FaultType* type : kFaultCatalogue) {
        const auto count = std::count_if(steps.begin(), steps.end(),
                                         [&](const FaultStep& step) { return step.type == type; });
        if (count == 0) continue;
        counts += (counts.empty() ? "" : ", ") + std::string(type->name) + " " +
                  number(static_cast<uint64_t>(count));
    }
    return number(steps.size()) + (steps.size() == 1 ? " fault (" : " faults (") + counts +
           "), fingerprint " + runName(fingerprint);
}

}  // namespace netchat::harness
