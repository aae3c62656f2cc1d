#pragma once

// Somebody who takes part in a run, as the runner sees them: a bot on its own loop, or one in
// another process.

#include <cstdint>
#include <string>

namespace netchat::harness {

class BotHandle {
  public:
    enum class State : uint8_t {
        Idle,      // not started
        Coming,    // asked to be in its rooms, and not yet certain to be in all of them
        There,     // in all its rooms
        Going,     // asked to leave its rooms, all or for good
        Away,      // out, and coming back
        Finished,  // out for good
        Broken,    // its connection was refused or lost
    };

    virtual ~BotHandle() = default;
    virtual void start() = 0;
    // Says what its plan has for now, as far as the window lets it; `nowNs` after the talking
    // began.
    virtual void talk(int64_t startNs, int64_t nowNs) = 0;
    virtual void probe() = 0;
    virtual void finish() = 0;

    virtual uint32_t index() const = 0;
    virtual State state() const = 0;
    // Nothing of its plan is left to say, upload or come back for.
    virtual bool done() const = 0;
    // There, as far as it can know while nobody else speaks.
    virtual bool waitsForAProbe() const = 0;
    virtual bool connected() const = 0;
    virtual bool everConnected() const = 0;
    // Why it is Broken.
    virtual const std::string& reason() const = 0;
};

}  // namespace netchat::harness
