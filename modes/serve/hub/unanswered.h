#pragma once

// What the log has not answered yet, of each session and of all: what was said, and the commands
// that wait behind it or behind a page. Whoever has too much of it is held: not read, until it is
// below half. The hub's thread only.

#include <cstddef>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "modes/serve/base/ids.h"
#include "protocol/limits.h"

namespace netchat::serve {

// What is kept of each beside its text, about: a command that waits has an arena of its own.
inline constexpr size_t kUnansweredBytes = 1280;
inline size_t costOf(std::string_view text) {
    return text.size() + kUnansweredBytes;
}

struct UnansweredLimits {
    size_t count = limits::kUnansweredMax;
    size_t bytes = limits::kUnansweredBytesMax;
    size_t allBytes = limits::kUnansweredBytesInAllMax;
};

class Unanswered {
  public:
    explicit Unanswered(UnansweredLimits limits) : limits_(limits) {}

    // True: the session is held from now on.
    [[nodiscard]] bool add(SessionId session, size_t bytes) {
        Load& load = bySession_[session];
        ++load.count;
        load.bytes += bytes;
        ++count_;
        allBytes_ += bytes;
        const bool tooMuch = load.count >= limits_.count || load.bytes >= limits_.bytes ||
                             allBytes_ >= limits_.allBytes;
        if (!tooMuch || load.held) return false;
        ++held_;
        return load.held = true;
    }

    // Those that are held no longer. One of all of them may be the first to make room for others.
    [[nodiscard]] std::vector<SessionId> remove(SessionId session, size_t bytes) {
        const bool wasFull = allBytes_ * 2 >= limits_.allBytes;
        Load& load = bySession_[session];
        --load.count;
        load.bytes -= bytes;
        --count_;
        allBytes_ -= bytes;
        std::vector<SessionId> freed;
        if (held_ > 0 && allBytes_ * 2 < limits_.allBytes) {
            if (wasFull) {
                for (auto& [each, its] : bySession_) free(each, its, freed);
                std::erase_if(bySession_, [](const auto& entry) { return entry.second.isNone(); });
                return freed;
            }
            free(session, load, freed);
        }
        if (load.isNone()) bySession_.erase(session);
        return freed;
    }

    size_t count() const { return count_; }
    size_t held() const { return held_; }

  private:
    struct Load {
        size_t count = 0, bytes = 0;
        bool held = false;
        bool isNone() const { return count == 0 && !held; }
    };

    void free(SessionId session, Load& load, std::vector<SessionId>& freed) {
        if (!load.held || load.count * 2 >= limits_.count || load.bytes * 2 >= limits_.bytes)
            return;
        load.held = false;
        --held_;
        freed.push_back(session);
    }

    const UnansweredLimits limits_;
    std::unordered_map<SessionId, Load> bySession_;
    size_t count_ = 0, allBytes_ = 0, held_ = 0;
};

}  // namespace netchat::serve
