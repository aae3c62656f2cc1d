#pragma once

// An `expect` under way: it looks at each of its bot's unread events once, and consumes up to the
// last match.

#include "modes/bot/matcher.h"
#include "modes/bot/steps.h"

namespace netchat::bot {

// Loop thread only. The world, the step and the bot must outlive it.
class Expecting {
  public:
    Expecting(World& world, const Step& step, Actor& bot, Matcher matcher);

    Progress check();

  private:
    std::optional<Progress> look(const EventRecord& event);
    std::optional<Progress> hopeless(const EventRecord& event) const;
    Progress nothingYet() const;

    World& world_;
    const Step& step_;
    Actor& bot_;
    Matcher matcher_;
    size_t next_;  // the first event not looked at
    size_t count_ = 0;
};

}  // namespace netchat::bot
