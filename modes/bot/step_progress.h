#pragma once

// How far a step of a script is, and what steps act upon.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "modes/bot/actor.h"
#include "modes/bot/outcome.h"
#include "modes/bot/script.h"

namespace netchat::bot {

// How far a step has come.
struct Progress {
    enum class State {
        Waiting,
        Met,
        Refused,  // the server, or a look at one's own disk, said no
        Failed,   // it can no longer be met
        Ended,    // met, and the script is to end with `code`
    };
    State state = State::Waiting;
    int code = kMet;
    std::string text = {};
    size_t line = 0;    // of an Ended: where the script says so
    bool more = false;  // of a Waiting: it has not looked at everything that is there
};

inline Progress waiting(std::string text = {}) {
    return {Progress::State::Waiting, kMet, std::move(text)};
}
inline Progress met() {
    return {Progress::State::Met};
}
inline Progress refused(int code, std::string text) {
    return {Progress::State::Refused, code, std::move(text)};
}
inline Progress failed(int code, std::string text) {
    return {Progress::State::Failed, code, std::move(text)};
}
inline Progress ended(int code, size_t line) {
    return {Progress::State::Ended, code, {}, line};
}

// Asked after every event, and every kPollMs while it waits. The text of a Waiting is why it was
// not met, should the time be up. Loop thread only.
using Check = std::function<Progress()>;

// For what no event tells, such as the kernel having taken all that was said.
inline constexpr int64_t kPollMs = 20;
// A classic server acknowledges nothing, a new user neither. With a v2 bot in the lobby, that one
// sees the classic bot come, unless the room is too large for it to be told; without one, this is
// how long a server gets.
inline constexpr int64_t kClassicSettleMs = 200;
inline constexpr int64_t kClassicWitnessMs = 1'000;

// What steps act upon. Actors are those of Script::bots, null before their `bot` line.
struct World {
    std::vector<std::unique_ptr<Actor>> actors;
    Variables variables;
    std::function<int64_t()> nowMs;
    std::optional<uint64_t> since = {};  // what its bots join their rooms with
    bool timeIsUp = false;               // of the step: what comes from now on comes too late
    std::function<void(const std::string&)> warn = [](const std::string&) {};
    // A line of the script's own output; how the run ends where it cannot be written.
    std::function<Outcome(const std::string&)> put = [](const std::string&) { return Outcome{}; };
};

}  // namespace netchat::bot
