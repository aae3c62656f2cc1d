#pragma once

// An `expect` under way, of one expectation or of a block: it looks at each of its bot's unread
// events once, and consumes up to the one that met it.
//
//     one, any   the first event that a line wants (the last of its -count=) meets the step
//     all        each line has events of its own; the event that gave the last line its own does
//
// A regular expression that takes too long on a text, which is a stranger's, does not fit it.

#include <memory>
#include <optional>
#include <vector>

#include "modes/bot/assignment.h"
#include "modes/bot/matcher.h"
#include "modes/bot/step_progress.h"

namespace netchat::bot {

// Loop thread only. The world, the step and the bot must outlive it.
class Expecting {
  public:
    // An Error is a value of a variable that cannot be what it stands for.
    static Result<std::shared_ptr<Expecting>> make(World& world, const Step& step, Actor& bot);

    // Looks at what has come since. Progress::more: its time for this turn was up before the end.
    Progress check();

  private:
    struct Line {
        const Expectation& wanted;
        Matcher matcher;
        const BlockLine* ofBlock;  // null for an `expect` that is no block
        size_t count = 0;          // of the events that fitted
        bool hopeless = false;
    };

    Expecting(World& world, const Step& step, Actor& bot, std::vector<Line> lines);

    std::optional<Progress> look(size_t index);
    std::optional<Progress> lookForOne(const EventRecord& event, const Pattern::GiveUp& giveUp);
    std::optional<Progress> lookForAll(size_t index, const Pattern::GiveUp& giveUp);
    bool fits(const Line& line, const EventRecord& event, Captures& captures,
              const Pattern::GiveUp& giveUp);
    void warn(const EventRecord& event, const Line& line, const Error& why);
    std::optional<Progress> hopeless(const EventRecord& event, const Pattern::GiveUp& giveUp);
    Progress metBy(const Line& line, const EventRecord& event, Captures captures);
    Progress allMet();
    Progress react(const BlockLine& line);
    void use(const EventRecord& event, Captures captures);
    Progress nothingYet() const;
    std::string whatIsMissing() const;

    World& world_;
    const Step& step_;
    Actor& bot_;
    std::vector<Line> lines_;
    Assignment assignment_;      // of an `expect all`
    size_t next_;                // the first event not looked at
    std::optional<size_t> end_;  // of those that came in time, once the time is up
};

}  // namespace netchat::bot
