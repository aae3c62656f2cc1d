#include "modes/bot/runner.h"

#include <cstdio>

#include "modes/bot/late.h"
#include "modes/bot/leaving.h"
#include "protocol/duration.h"
#include "protocol/names.h"
#include "protocol/text_safety.h"

namespace netchat::bot {
namespace {

// A stranger can cause them, and must not fill a log.
constexpr size_t kWarningsMax = 20;

std::string seconds(int64_t ms) {
    char text[32];
    std::snprintf(text, sizeof text, "%.1f s", static_cast<double>(ms) / 1000);
    return text;
}

std::string counted(size_t count, const char* what) {
    return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

}  // namespace

Runner::Runner(net::EventLoop& loop, ChatFactory factory, Script script, RunSettings settings,
               std::function<void(const Outcome&)> finished)
    : loop_(loop),
      factory_(std::move(factory)),
      script_(std::move(script)),
      settings_(std::move(settings)),
      finished_(std::move(finished)),
      self_(std::make_shared<Runner*>(this)) {
    world_.actors.resize(script_.bots.size());
    world_.variables = settings_.variables;
    world_.since = settings_.since.joinSince();
    world_.nowMs = [this] { return loop_.nowMs(); };
    world_.warn = [this](const std::string& what) { warn(what); };
    world_.put = settings_.put;
}

Runner::~Runner() {
    *self_ = nullptr;
    loop_.cancel(deadline_);
    loop_.cancel(poll_);
    loop_.cancel(wholeRun_);
}

void Runner::start() {
    state_ = State::Running;
    startedMs_ = loop_.nowMs();
    if (settings_.deadlineMs)
        wholeRun_ = loop_.after(*settings_.deadlineMs - settings_.spentMs, [this] { runTimeUp(); });
    advanceSoon();
}

void Runner::runTimeUp() {
    wholeRun_ = 0;
    if (state_ == State::Closing) return close();
    if (state_ != State::Running) return;
    if (next_ == script_.steps.size()) return end(finalOutcome());
    if (!begun_) step_ = script_.steps[next_];
    fail(kTimedOut,
         "the run did not finish within its deadline of " + durationText(*settings_.deadlineMs));
    loop_.cancel(deadline_);
    deadline_ = loop_.after(kByeAtOnceMs, [this] { close(); });
}

int64_t Runner::elapsedMs() const {
    return loop_.nowMs() - startedMs_;
}

// Events come in the middle of a client's work: steps go on after it.
void Runner::advanceSoon() {
    if (advancing_) return;
    advancing_ = true;
    loop_.post([self = self_] {
        if (*self) (*self)->advance();
    });
}

void Runner::advance() {
    advancing_ = false;
    while (state_ == State::Running && oneStep()) {
    }
    if (state_ == State::Closing) closeWhenGone();
}

// False: something has to happen first.
bool Runner::oneStep() {
    if (next_ == script_.steps.size()) {
        end(finalOutcome());
        return false;
    }
    if (!begun_ && !begin()) return false;
    Progress progress = check_();
    if (progress.state == Progress::State::Waiting) {
        if (auto lost = lostMeanwhile(step())) progress = *lost;
    }
    if (progress.state == Progress::State::Waiting) {
        loop_.cancel(poll_);
        poll_ = loop_.after(kPollMs, [this] { advance(); });
        return false;
    }
    conclude(progress);
    return true;
}

bool Runner::begin() {
    step_ = script_.steps[next_];
    if (settings_.verbose) settings_.print(where(step_) + ": " + forLog(step_.source, 200));
    const Status filled = fillNumbers(step_, world_.variables);
    if (!filled) return fail(kNotHeld, filled.error().text), false;
    const Step& step = step_;
    if (step.verb == Verb::Exit) {
        exitWith(static_cast<int>(step.value.value_or(0)), step.place.line);
        return false;
    }
    if (step.verb == Verb::Bots) {
        for (size_t index : step.bots) addActor(index);
        if (state_ != State::Running) return false;
    }
    begun_ = true;
    world_.timeIsUp = false;
    check_ = beginStep(world_, script_, step);
    deadline_ = step.verb == Verb::Sleep ? loop_.after(static_cast<int64_t>(step.value.value_or(0)),
                                                       [this] { advance(); })
                                         : loop_.after(step.waitMs, [this] { timeUp(); });
    return true;
}

void Runner::addActor(size_t index) {
    const BotSpec& spec = script_.bots[index];
    client::Options options = settings_.client;
    Result<std::string> nick = expand(spec.nick, world_.variables);
    options.classic = spec.classic;
    if (spec.headerWidth) options.headerWidth = *spec.headerWidth;
    if (spec.encoding) options.encoding = *spec.encoding;
    options.downloads = settings_.downloads / safeFileName(spec.name);
    std::error_code error;
    std::filesystem::create_directories(options.downloads, error);
    if (error) return fail(kFile, "cannot make the folder " + options.downloads.string());
    if (!nick) return fail(kNotHeld, nick.error().text);
    Status status = spec.classic ? checkClassicName(*nick) : checkNick(*nick);
    if (!status) return fail(kNotHeld, status.error().text);
    options.nick = *nick;
    std::optional<client::StateFile> memory;
    if (!spec.classic && !addMemory(options, memory)) return;
    world_.actors[index] = std::make_unique<Actor>(
        spec.name, options, factory_, [this] { return elapsedMs(); }, [this] { advanceSoon(); });
    if (memory) world_.actors[index]->goOn(std::move(*memory));
}

// False: this bot cannot go on where it stopped, and the script has failed.
bool Runner::addMemory(client::Options& options, std::optional<client::StateFile>& memory) {
    auto state = client::recall(settings_.since, settings_.stateFolder, options, settings_.print);
    if (!state) return fail(kNoServer, state.error().text), false;
    if (*state) memory.emplace(std::move(**state));
    return true;
}

// A step of a bot that has lost its server cannot be met any more; `expect` looks at what is queued
// first, and so judges for itself.
std::optional<Progress> Runner::lostMeanwhile(const Step& step) {
    bool ownCare = step.verb == Verb::Expect || step.verb == Verb::Disconnect ||
                   step.verb == Verb::Bots || step.verb == Verb::Reconnect || step.bots.empty();
    if (ownCare) return {};
    const Actor& bot = *world_.actors[step.bots[0]];
    if (bot.state() != Actor::State::Lost) return {};
    return failed(kNoServer, bot.name() + " " + bot.lostWhy());
}

// What was waited for did not come because the server did not come back.
std::optional<Progress> Runner::awayNow(const Step& step) const {
    const bool quiet = step.verb == Verb::Expect && step.negated;
    if (quiet || step.bots.empty() || !world_.actors[step.bots[0]]) return {};
    const Actor& bot = *world_.actors[step.bots[0]];
    if (bot.state() == Actor::State::Connecting && !bot.lostWhy().empty()) {
        return failed(kNoServer,
                      bot.name() + " " + bot.lostWhy() + ", for " + durationText(step.waitMs));
    }
    if (bot.state() != Actor::State::Mending) return {};
    return failed(kNoServer, bot.name() + " " + bot.lostWhy() + ", and did not reconnect within " +
                                 durationText(step.waitMs));
}

void Runner::timeUp() {
    if (state_ != State::Running || !begun_) return;
    world_.timeIsUp = true;
    Progress progress = check_();  // what came in this very turn counts
    if (progress.more) {
        deadline_ = loop_.after(0, [this] { timeUp(); });
        return;
    }
    const Step& step = this->step();
    if (progress.state == Progress::State::Waiting) {
        if (auto away = awayNow(step)) return conclude(*away), advanceSoon();
        bool quiet = step.verb == Verb::Expect && step.negated;
        progress = quiet
                       ? met()
                       : failed(kTimedOut, progress.text + " within " + durationText(step.waitMs));
    }
    conclude(progress);
    advanceSoon();
}

void Runner::conclude(const Progress& progress) {
    if (state_ != State::Running) return;  // a signal came while the step was carried out
    loop_.cancel(deadline_);
    loop_.cancel(poll_);
    const Step& step = this->step();
    bool turned = step.negated && step.verb != Verb::Expect;
    switch (progress.state) {
        case Progress::State::Refused:
            if (!turned) return fail(progress.code, progress.text);
            break;
        case Progress::State::Failed:
            return fail(progress.code, progress.text);
        case Progress::State::Ended:
            return exitWith(progress.code, progress.line);
        default:
            if (turned)
                return fail(kNotHeld, step.verb == Verb::Compare
                                          ? "the files are equal, but should differ"
                                          : "this was accepted, but should have been refused");
            break;
    }
    begun_ = false;
    check_ = nullptr;
    ++next_;
    ++done_;
}

void Runner::exitWith(int code, size_t line) {
    ++done_;
    Outcome outcome = finalOutcome();
    if (code != 0)
        outcome = {code, forLog(script_.name, 200) + ":" + std::to_string(line) + ": exit " +
                             std::to_string(code)};
    end(outcome);
}

void Runner::warn(const std::string& what) {
    if (warnings_ == kWarningsMax) return;
    settings_.print(where(step()) + ": warning: " + what);
    if (++warnings_ == kWarningsMax) settings_.print("further warnings are not shown");
}

std::string Runner::where(const Step& step) const {
    return forLog(script_.name, 200) + ":" + std::to_string(step.place.line);
}

void Runner::fail(int code, const std::string& why) {
    const Step& step = this->step();
    settings_.print(where(step) + ": " + forLog(step.source, 300));
    settings_.print("  " + why);
    printExpected();
    for (size_t index : step.bots) {
        if (!world_.actors[index]) continue;
        std::vector<std::string> lines = world_.actors[index]->queue().lastLines();
        settings_.print("  " + script_.bots[index].name +
                        (lines.empty() ? " has received nothing"
                                       : "'s last events (* marks events that no step has used):"));
        for (const std::string& line : lines) settings_.print("    " + line);
    }
    end({code, why});
}

void Runner::printExpected() {
    const auto print = [&](const std::string& label, const Expectation& expectation) {
        if (Result<Matcher> matcher = Matcher::make(expectation, world_.variables))
            settings_.print("  expected" + label + ": " + forLog(matcher->text(), 300));
    };
    if (step().verb != Verb::Expect) return;
    if (step().block.empty()) return print("", step().expectation);
    for (const BlockLine& line : step().block)
        print(" in line " + std::to_string(line.place.line), line.expectation);
}

Outcome Runner::finalOutcome() const {
    for (const auto& actor : world_.actors) {
        const bool gone = actor && (actor->state() == Actor::State::Lost ||
                                    actor->state() == Actor::State::Mending);
        if (gone && !actor->lossForgiven())
            return {kNoServer, actor->name() + " " + actor->lostWhy()};
    }
    return {};
}

void Runner::end(Outcome outcome) {
    if (state_ != State::Running) return;
    state_ = State::Closing;
    outcome_ = std::move(outcome);
    loop_.cancel(deadline_);
    loop_.cancel(poll_);
    for (const auto& actor : world_.actors) {
        if (!actor) continue;
        if (actor->state() == Actor::State::Online) actor->bye();
        const bool coming =
            actor->state() == Actor::State::Connecting || actor->state() == Actor::State::Mending;
        if (coming) actor->disconnect();
    }
    deadline_ = loop_.after(kByeMs, [this] { close(); });
    advanceSoon();
}

void Runner::closeWhenGone() {
    for (const auto& actor : world_.actors) {
        if (!actor) continue;
        Actor::State state = actor->state();
        if (state == Actor::State::Leaving || state == Actor::State::Cutting) return;
    }
    close();
}

void Runner::close() {
    if (state_ != State::Closing) return;
    loop_.cancel(deadline_);
    loop_.cancel(wholeRun_);
    state_ = State::Closed;
    settings_.print(summary());
    finished_(outcome_);
}

std::string Runner::summary() const {
    size_t bots = 0;
    for (const auto& actor : world_.actors) bots += actor ? 1 : 0;
    std::string facts = counted(bots, "bot") + ", " + seconds(elapsedMs());
    if (outcome_.code == kMet) return "ok: " + counted(done_, "step") + ", " + facts;
    return "failed (exit " + std::to_string(outcome_.code) + ") at step " +
           std::to_string(std::min(next_ + 1, script_.steps.size())) + " of " +
           std::to_string(script_.steps.size()) + ", " + facts + ": " + outcome_.text;
}

}  // namespace netchat::bot
