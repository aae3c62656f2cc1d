#include "modes/bot/expecting.h"

#include <algorithm>

#include "modes/bot/late.h"
#include "modes/net/clock.h"
#include "protocol/text_safety.h"

namespace netchat::bot {
namespace {

// Then timers and connections have their turn.
constexpr int64_t kTurnMs = 500;

std::vector<size_t> countsOf(const Step& step) {
    std::vector<size_t> counts;
    for (const BlockLine& line : step.block) counts.push_back(line.expectation.count);
    return counts;
}

bool isLoss(const EventRecord& event) {
    return event.kind == EventKind::Disconnected || event.kind == EventKind::Reconnecting;
}

std::string lineName(const BlockLine& line) {
    return "line " + std::to_string(line.place.line);
}

}  // namespace

Result<std::shared_ptr<Expecting>> Expecting::make(World& world, const Step& step, Actor& bot) {
    std::vector<Line> lines;
    const auto add = [&](const Expectation& wanted, const BlockLine* ofBlock) -> Status {
        Result<Matcher> matcher = Matcher::make(wanted, world.variables);
        if (!matcher)
            return Error{matcher.error().code,
                         (ofBlock ? lineName(*ofBlock) + ": " : "") + matcher.error().text};
        lines.push_back({wanted, std::move(*matcher), ofBlock});
        return Ok{};
    };
    Status status = Ok{};
    if (step.block.empty()) status = add(step.expectation, nullptr);
    for (const BlockLine& line : step.block) {
        if (status) status = add(line.expectation, &line);
    }
    if (!status) return status.error();
    return std::shared_ptr<Expecting>(new Expecting(world, step, bot, std::move(lines)));
}

Expecting::Expecting(World& world, const Step& step, Actor& bot, std::vector<Line> lines)
    : world_(world),
      step_(step),
      bot_(bot),
      lines_(std::move(lines)),
      assignment_(countsOf(step)),
      next_(bot.queue().cursor()) {
}

Progress Expecting::check() {
    if (size_t dropped = bot_.queue().dropped(); dropped > 0)
        return failed(kInconclusive,
                      bot_.name() + " has more than " + std::to_string(EventQueue::kEventsMax) +
                          " unread events (or 64 MiB of them), so " + std::to_string(dropped) +
                          " were dropped; use more `expect` lines, or JSON lines (--stdin jsonl)");
    if (world_.timeIsUp && !end_) end_ = bot_.queue().end();
    const int64_t turnEndsMs = net::monotonicMs() + kTurnMs;
    for (size_t end = end_.value_or(bot_.queue().end()); next_ < end;) {
        if (std::optional<Progress> settled = look(next_++)) return *settled;
        if (next_ == end || net::monotonicMs() < turnEndsMs) continue;
        Progress progress = waiting(whatIsMissing());
        progress.more = true;
        return progress;
    }
    return nothingYet();
}

std::optional<Progress> Expecting::look(size_t index) {
    const EventRecord& event = bot_.queue().at(index);
    const Pattern::GiveUp giveUp = afterCpuMs(kPatternMs);  // for all that is asked of this event
    std::optional<Progress> settled =
        step_.all ? lookForAll(index, giveUp) : lookForOne(event, giveUp);
    if (settled || step_.negated) return settled;
    return hopeless(event, giveUp);
}

std::optional<Progress> Expecting::lookForOne(const EventRecord& event,
                                              const Pattern::GiveUp& giveUp) {
    for (Line& line : lines_) {
        Captures captures;
        if (!fits(line, event, captures, giveUp)) continue;
        if (step_.negated)
            return failed(kNotHeld, "this event was not expected: " + described(event));
        if (++line.count == line.wanted.count) return metBy(line, event, std::move(captures));
    }
    return {};
}

std::optional<Progress> Expecting::lookForAll(size_t index, const Pattern::GiveUp& giveUp) {
    const EventRecord& event = bot_.queue().at(index);
    std::vector<size_t> wantedBy;
    for (size_t i = 0; i < lines_.size(); ++i) {
        Captures captures;
        if (fits(lines_[i], event, captures, giveUp)) wantedBy.push_back(i);
    }
    if (wantedBy.empty() || !assignment_.place(index, std::move(wantedBy))) return {};
    if (!assignment_.complete()) return {};
    return allMet();
}

bool Expecting::fits(const Line& line, const EventRecord& event, Captures& captures,
                     const Pattern::GiveUp& giveUp) {
    Result<bool> fits = line.matcher.matches(event, captures, giveUp);
    if (fits) return *fits;
    warn(event, line, fits.error());
    return false;
}

void Expecting::warn(const EventRecord& event, const Line& line, const Error& why) {
    world_.warn((line.ofBlock ? lineName(*line.ofBlock) + ": " : "") + why.text +
                (event.from.empty() ? "" : "; it came from " + forLog(event.from)) +
                ", and counts as no match");
}

// A file that will not come ends the wait for it: that of all lines, or of the last one possible.
std::optional<Progress> Expecting::hopeless(const EventRecord& event,
                                            const Pattern::GiveUp& giveUp) {
    bool any = false;
    for (size_t i = 0; i < lines_.size(); ++i) {
        Line& line = lines_[i];
        if (step_.all && assignment_.isFull(i)) continue;
        if (!line.matcher.isHopeless(event, giveUp)) continue;
        line.hopeless = any = true;
    }
    const bool allOfThem =
        std::all_of(lines_.begin(), lines_.end(), [](const Line& line) { return line.hopeless; });
    if (any && (step_.all || allOfThem)) return failed(kFile, described(event));
    return {};
}

void Expecting::use(const EventRecord& event, Captures captures) {
    for (auto& [name, value] : captures) world_.variables[name] = std::move(value);
    if (isLoss(event)) bot_.forgiveLoss();
}

Progress Expecting::metBy(const Line& line, const EventRecord& event, Captures captures) {
    use(event, std::move(captures));
    bot_.queue().consumeTo(next_);
    if (line.ofBlock && line.ofBlock->reaction) return react(*line.ofBlock);
    return met();
}

Progress Expecting::allMet() {
    for (size_t i = 0; i < lines_.size(); ++i) {
        const EventRecord& event = bot_.queue().at(assignment_.lastOf(i));
        Captures captures;
        (void)lines_[i].matcher.matches(event, captures);  // it did, so it does
        use(event, std::move(captures));
    }
    bot_.queue().consumeTo(next_);
    return met();
}

Progress Expecting::react(const BlockLine& line) {
    const Reaction& reaction = *line.reaction;
    Result<std::string> value = expand(reaction.value, world_.variables);
    if (!value) return failed(kNotHeld, lineName(line) + ": " + value.error().text);
    if (reaction.what == Reaction::What::Set) {
        world_.variables[reaction.name] = std::move(*value);
        return met();
    }
    Result<int> code = parseExitCode(*value);
    if (!code) return failed(kNotHeld, lineName(line) + ": " + code.error().text);
    return ended(*code, line.place.line);
}

Progress Expecting::nothingYet() const {
    if (!step_.negated && bot_.state() == Actor::State::Lost)
        return failed(kNoServer, bot_.name() + " " + bot_.lostWhy());
    if (!step_.negated && bot_.state() == Actor::State::Away)
        return failed(kTimedOut, bot_.name() + " is not connected, so no more events can come");
    return waiting(whatIsMissing());
}

std::string Expecting::whatIsMissing() const {
    if (step_.all) {
        std::string names;
        size_t missing = 0;
        for (size_t i = 0; i < lines_.size(); ++i) {
            if (assignment_.isFull(i)) continue;
            ++missing;
            names += (names.empty() ? "" : ", ") + lineName(*lines_[i].ofBlock);
        }
        return "only " + std::to_string(lines_.size() - missing) + " of " +
               std::to_string(lines_.size()) + " lines were matched (missing: " + names + ")";
    }
    if (!step_.block.empty()) return "no line was matched";
    if (step_.expectation.count == 1) return "no such event came";
    return "only " + std::to_string(lines_[0].count) + " of " +
           std::to_string(step_.expectation.count) + " came";
}

}  // namespace netchat::bot
