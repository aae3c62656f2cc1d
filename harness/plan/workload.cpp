#include "harness/plan/workload.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "harness/plan/rng.h"
#include "protocol/names.h"

namespace netchat::harness {

namespace {

constexpr uint32_t kBotsMax = 15'000;  // each costs a descriptor here, and there are 20,000
constexpr uint32_t kRoomsMax = 10'000;
constexpr uint32_t kFilesMax = 10'000;
constexpr uint64_t kMessagesMax = 50'000'000;
// Each v2 bot is in this many rooms besides the lobby at most, where there are so many.
constexpr uint32_t kRoomsPerBot = 2;

// Different uses of one seed must not meet.
enum class Use : uint64_t { Dialects = 1, Rooms, Says, Files, Churn };

Rng chanceFor(uint64_t seed, Use use) {
    return Rng(mix(seed, static_cast<uint64_t>(use)));
}

Status checkOptions(const WorkloadOptions& o) {
    const auto refuse = [](const std::string& text) {
        return Status(Error{ErrorCode::TooMany, text});
    };
    const auto between = [](auto value, auto least, auto most) {
        return value >= least && value <= most;
    };
    if (!between(o.bots, 1U, kBotsMax)) return refuse("--bots must be from 1 to 15000");
    if (!between(o.rooms, 1U, kRoomsMax)) return refuse("--rooms must be from 1 to 10000");
    if (o.files > kFilesMax) return refuse("--files must be at most 10000");
    if (o.window == 0) return refuse("--window must be at least 1");
    if (o.churn > o.bots) return refuse("--churn must not be more than --bots");
    if (uint64_t{o.bots} * o.messages > kMessagesMax) {
        return refuse("--bots times --messages must be at most 50000000");
    }
    if (!between(o.textBytes, kPayloadBytesMin, limits::kTextBytesMax - 1)) {
        return refuse("--size must be from " + std::to_string(kPayloadBytesMin) +
                      " to 1048575 bytes: a shorter message cannot name its sender");
    }
    if (!between(o.classicShare, 0.0, 1.0)) return refuse("--classic-share must be from 0 to 1");
    if (!std::isfinite(o.perSecond) || o.perSecond < 0)
        return refuse("--rate must not be negative");
    if (o.files != 0 && o.fileBytes == 0) return refuse("--file-size must not be 0");
    return Ok{};
}

// The first `count` of 0 … size-1 in an order that the seed decides.
std::vector<uint32_t> someOf(uint32_t size, uint32_t count, Rng chance) {
    std::vector<uint32_t> all(size);
    std::iota(all.begin(), all.end(), 0U);
    for (uint32_t i = 0; i < count; ++i) std::swap(all[i], all[i + chance.below(size - i)]);
    all.resize(count);
    return all;
}

void planBots(Workload& workload, const WorkloadOptions& o) {
    workload.bots.resize(o.bots);
    const std::string run = runName(o.seed) + o.nickTag;
    workload.auditor = "auditor-" + run;
    const auto classic = static_cast<uint32_t>(std::lround(o.classicShare * o.bots));
    for (const uint32_t bot : someOf(o.bots, classic, chanceFor(o.seed, Use::Dialects))) {
        workload.bots[bot].classic = true;
    }
    Rng chance = chanceFor(o.seed, Use::Rooms);
    for (uint32_t i = 0; i < o.bots; ++i) {
        BotPlan& bot = workload.bots[i];
        bot.nick = (bot.classic ? "c" : "v") + std::to_string(i) + "-" + run;
        bot.rooms = {0};
        if (bot.classic || o.rooms == 1) continue;
        // Neighbours share rooms, so that each room has members while the bots last.
        const uint32_t others = o.rooms - 1;
        bot.rooms.push_back(static_cast<uint16_t>(1 + i % others));
        if (others < kRoomsPerBot) continue;
        const auto more = static_cast<uint16_t>(1 + chance.below(others));
        if (more != bot.rooms.back()) bot.rooms.push_back(more);
    }
}

void planSays(Workload& workload, const WorkloadOptions& o) {
    Rng chance = chanceFor(o.seed, Use::Says);
    const double gapNs = o.perSecond > 0 ? 1e9 / o.perSecond : 0;
    uint64_t said = 0;
    for (uint32_t number = 1; number <= o.messages; ++number) {
        for (BotPlan& bot : workload.bots) {
            const uint16_t room = bot.rooms[chance.below(bot.rooms.size())];
            const auto due = static_cast<int64_t>(gapNs * static_cast<double>(said++));
            bot.says.push_back({number, room, due});
        }
    }
    workload.messages = said;
}

void planFiles(Workload& workload, const WorkloadOptions& o) {
    const std::string run = runName(o.seed);
    const auto senders = someOf(o.bots, o.bots, chanceFor(o.seed, Use::Files));
    Rng chance(mix(o.seed, static_cast<uint64_t>(Use::Files), 1));
    for (uint32_t file = 0; file < o.files; ++file) {
        const uint32_t sender = senders[file % o.bots];
        const auto& rooms = workload.bots[sender].rooms;
        const uint32_t after =
            o.spreadFiles ? static_cast<uint32_t>(uint64_t{o.messages} * file / o.files) : 0;
        workload.files.push_back({run + "-" + std::to_string(file) + ".bin", o.fileBytes, sender,
                                  rooms[chance.below(rooms.size())], after});
    }
}

void planProbers(Workload& workload) {
    const auto& bots = workload.bots;
    for (uint32_t i = 0; i < bots.size() && workload.probers.size() < 2; ++i) {
        if (!bots[i].absence) workload.probers.push_back(i);
    }
    for (uint32_t i = 0; i < bots.size() && workload.probers.size() < 2; ++i) {
        if (bots[i].absence) workload.probers.push_back(i);
    }
}

void planChurn(Workload& workload, const WorkloadOptions& o) {
    Rng chance = chanceFor(o.seed, Use::Churn);
    for (const uint32_t bot : someOf(o.bots, o.churn, chanceFor(o.seed, Use::Churn))) {
        workload.bots[bot].absence = Absence{static_cast<uint32_t>(chance.below(o.messages + 1))};
    }
}

}  // namespace

Result<Workload> plan(const WorkloadOptions& options) {
    if (const auto status = checkOptions(options); !status) return status.error();
    Workload workload;
    workload.payload = {options.seed, options.textBytes, options.asciiOnly};
    workload.window = options.window;
    workload.rooms.emplace_back(kLobby);
    const std::string run = runName(options.seed);
    for (uint32_t i = 1; i < options.rooms; ++i) {
        workload.rooms.push_back("room" + std::to_string(i) + "-" + run);
    }
    planBots(workload, options);
    planSays(workload, options);
    planFiles(workload, options);
    planChurn(workload, options);
    planProbers(workload);
    return workload;
}

}  // namespace netchat::harness
