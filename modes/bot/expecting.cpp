#include "modes/bot/expecting.h"

#include "modes/net/clock.h"

namespace netchat::bot {
namespace {

using client::EventKind;

// A regular expression may take this long for one event.
constexpr int64_t kPatternMs = 1'000;

}  // namespace

Expecting::Expecting(World& world, const Step& step, Actor& bot, Matcher matcher)
    : world_(world),
      step_(step),
      bot_(bot),
      matcher_(std::move(matcher)),
      next_(bot.queue().cursor()) {
}

Progress Expecting::check() {
    if (size_t dropped = bot_.queue().dropped(); dropped > 0)
        return failed(kInconclusive,
                      bot_.name() + " has more than " + std::to_string(EventQueue::kEventsMax) +
                          " unread events (or 64 MiB of them), so " + std::to_string(dropped) +
                          " were dropped; more `expect` lines, or JSON lines "
                          "(--stdin jsonl), keep up");
    while (next_ < bot_.queue().end()) {
        if (std::optional<Progress> settled = look(bot_.queue().at(next_++))) return *settled;
    }
    return nothingYet();
}

std::optional<Progress> Expecting::look(const EventRecord& event) {
    Captures captures;
    // The loop's clock stands still during a turn: this one must not.
    int64_t giveUpMs = net::monotonicMs() + kPatternMs;
    Result<bool> fits =
        matcher_.matches(event, captures, [&] { return net::monotonicMs() > giveUpMs; });
    if (!fits) return failed(kNotHeld, fits.error().text);
    if (!*fits) return hopeless(event);
    if (step_.negated) return failed(kNotHeld, "this must not come, and came: " + described(event));
    if (++count_ < step_.expectation.count) return {};
    for (auto& [name, value] : captures) world_.variables[name] = std::move(value);
    const bool loss =
        event.kind == EventKind::Disconnected || event.kind == EventKind::Reconnecting;
    if (loss) bot_.forgiveLoss();
    bot_.queue().consumeTo(next_);
    return met();
}

std::optional<Progress> Expecting::hopeless(const EventRecord& event) const {
    if (step_.negated || !matcher_.isHopeless(event)) return {};
    return failed(kFile, described(event));
}

Progress Expecting::nothingYet() const {
    if (!step_.negated && bot_.state() == Actor::State::Lost)
        return failed(kNoServer, bot_.name() + " " + bot_.lostWhy());
    if (!step_.negated && bot_.state() == Actor::State::Away)
        return failed(kTimedOut, bot_.name() + " is not connected, so nothing more can come");
    if (step_.expectation.count == 1) return waiting("nothing of the kind came");
    return waiting("only " + std::to_string(count_) + " of " +
                   std::to_string(step_.expectation.count) + " came");
}

}  // namespace netchat::bot
