#include "harness/faults/schedule.h"

#include <algorithm>
#include <charconv>

#include "harness/plan/payload.h"
#include "harness/plan/rng.h"
#include "protocol/text_safety.h"

namespace netchat::harness {

namespace {

constexpr uint32_t kCountMax = 10'000;
constexpr uint64_t kUse = 0xFA017;  // apart from the workload's uses of the same seed
// Where what the bots have said is too little, or all but over, a fault would meet nobody.
constexpr uint64_t kFromPerMille = 20, kToPerMille = 950;

struct Kind {
    std::string_view name;
    uint32_t usual;  // how many, without a number
    std::unique_ptr<Fault> (*make)(const FaultStep&, int64_t);
};

constexpr std::array<Kind, kFaultKindCount> kKinds = {{
    {"delay", 5, makeDelay},
    {"jitter", 5, makeJitter},
    {"throttle", 5, makeThrottle},
    {"slice", 5, makeSlice},
    {"cut", 10, makeCut},
    {"reset", 10, makeReset},
    {"half-open", 3, makeHalfOpen},
    {"stall", 5, makeStall},
    {"kill-server", 3, nullptr},
    {"kill-bots", 3, nullptr},
}};

const Kind& kindOf(FaultKind kind) {
    return kKinds[static_cast<size_t>(kind)];
}

std::string allNames() {
    std::string names;
    for (const Kind& kind : kKinds) names += std::string(kind.name) + ", ";
    return names + "network or all";
}

Status parseOne(std::string_view item, FaultCounts& counts) {
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
    for (size_t i = 0; i < kKinds.size(); ++i) {
        const bool network = !isOfProcess(static_cast<FaultKind>(i));
        if (name != kKinds[i].name && name != "all" && !(name == "network" && network)) continue;
        known = true;
        counts[i] = equals == std::string_view::npos ? kKinds[i].usual : count;
    }
    if (known) return Ok{};
    return Error{ErrorCode::BadValue, "'" + forLog(item) + "' is not a fault; use " + allNames()};
}

// Small numbers as often as large ones: the ends of headers and the middles of files.
uint64_t anySize(Rng& chance, uint64_t bitsMax) {
    const uint64_t bits = 1 + chance.below(bitsMax);
    return 1 + chance.below(uint64_t{1} << bits);
}

void fill(FaultStep& order, Rng& chance) {
    const auto between = [&](int64_t least, int64_t most) {
        return least + static_cast<int64_t>(chance.below(static_cast<uint64_t>(most - least + 1)));
    };
    order.direction = chance.below(2) == 0 ? Direction::Up : Direction::Down;
    order.seed = chance.next();
    order.forMs = between(100, 600);
    switch (order.kind) {
        case FaultKind::Delay:
            order.amountMs = between(20, 200);
            break;
        case FaultKind::Jitter:
            order.amountMs = between(5, 60);
            break;
        case FaultKind::Throttle:
            order.bytes = static_cast<uint64_t>(between(2'000, 200'000));
            break;
        case FaultKind::Slice:
            order.bytes = static_cast<uint64_t>(between(50, 400));
            break;
        case FaultKind::Cut:
        case FaultKind::Reset:
        case FaultKind::HalfOpen:
            order.bytes = anySize(chance, 20);
            break;
        case FaultKind::Stall:
            order.direction = Direction::Down;
            order.forMs = between(300, 1'500);
            break;
        case FaultKind::KillServer:
        case FaultKind::KillBots:
            break;
    }
}

std::string number(uint64_t value) {
    return std::to_string(value);
}

}  // namespace

std::string_view faultName(FaultKind kind) {
    return kindOf(kind).name;
}

bool isOfProcess(FaultKind kind) {
    return kind == FaultKind::KillServer || kind == FaultKind::KillBots;
}

std::unique_ptr<Fault> makeFault(const FaultStep& order, int64_t nowMs) {
    const Kind& kind = kindOf(order.kind);
    return kind.make == nullptr ? nullptr : kind.make(order, nowMs);
}

Result<FaultCounts> parseFaults(std::string_view list) {
    FaultCounts counts{};
    for (size_t at = 0; at <= list.size();) {
        const size_t comma = std::min(list.find(',', at), list.size());
        if (auto status = parseOne(list.substr(at, comma - at), counts); !status) {
            return status.error();
        }
        at = comma + 1;
    }
    if (counts == FaultCounts{}) return Error{ErrorCode::BadValue, "it names no fault"};
    return counts;
}

std::vector<FaultStep> planFaults(const FaultCounts& counts, uint64_t seed, uint32_t bots,
                                  uint64_t messages) {
    std::vector<FaultStep> orders;
    for (size_t kind = 0; kind < counts.size(); ++kind) {
        Rng chance(mix(seed, kUse, kind));
        for (uint64_t i = 0; i < counts[kind]; ++i) {
            // One in each of as many equal parts of the run, somewhere in it.
            const uint64_t perMille = kFromPerMille + (kToPerMille - kFromPerMille) *
                                                          (i * 1000 + chance.below(1000)) /
                                                          (uint64_t{counts[kind]} * 1000);
            FaultStep order{.kind = static_cast<FaultKind>(kind),
                            .afterSaid = messages * perMille / 1000,
                            .bot = static_cast<uint32_t>(chance.below(bots))};
            fill(order, chance);
            orders.push_back(order);
        }
    }
    std::stable_sort(orders.begin(), orders.end(), [](const FaultStep& a, const FaultStep& b) {
        return a.afterSaid < b.afterSaid;
    });
    return orders;
}

bool hasFault(const std::vector<FaultStep>& orders, FaultKind kind) {
    return std::any_of(orders.begin(), orders.end(),
                       [&](const FaultStep& order) { return order.kind == kind; });
}

std::string faultText(const FaultStep& order) {
    const std::string name(faultName(order.kind));
    const std::string way = name + (order.direction == Direction::Up ? " up" : " down");
    const std::string time = " for " + number(static_cast<uint64_t>(order.forMs)) + " ms";
    const std::string amount = number(static_cast<uint64_t>(order.amountMs)) + " ms";
    switch (order.kind) {
        case FaultKind::Delay:
            return way + " by " + amount + time;
        case FaultKind::Jitter:
            return way + " by up to " + amount + time;
        case FaultKind::Throttle:
            return way + " to " + number(order.bytes) + " bytes a second" + time;
        case FaultKind::Slice:
            return way + " of " + number(order.bytes) + " bytes";
        case FaultKind::Cut:
        case FaultKind::Reset:
        case FaultKind::HalfOpen:
            return way + " after " + number(order.bytes) + " bytes";
        case FaultKind::Stall:
            return way + time;
        case FaultKind::KillServer:
        case FaultKind::KillBots:
            break;
    }
    return name;
}

std::string orderText(const FaultStep& order) {
    std::string text = "after " + number(order.afterSaid) + " said: ";
    if (order.kind != FaultKind::KillServer) text += "bot " + number(order.bot) + ": ";
    return text + faultText(order);
}

std::string scheduleText(const std::vector<FaultStep>& orders) {
    FaultCounts counts{};
    uint64_t fingerprint = 0;
    for (const FaultStep& order : orders) {
        ++counts[static_cast<size_t>(order.kind)];
        for (const char c : orderText(order)) {
            fingerprint = mix(fingerprint, static_cast<unsigned char>(c));
        }
    }
    std::string kinds;
    for (size_t kind = 0; kind < counts.size(); ++kind) {
        if (counts[kind] == 0) continue;
        kinds += (kinds.empty() ? "" : ", ") + std::string(kKinds[kind].name) + " " +
                 number(counts[kind]);
    }
    return number(orders.size()) + (orders.size() == 1 ? " fault (" : " faults (") + kinds +
           "), fingerprint " + runName(fingerprint);
}

}  // namespace netchat::harness
