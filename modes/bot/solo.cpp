#include "modes/bot/solo.h"

#include "modes/bot/leaving.h"
#include "modes/client/transfer.h"
#include "protocol/duration.h"
#include "protocol/text_safety.h"

namespace netchat::bot {
namespace {

namespace event = client::event;

constexpr int64_t kSoloPollMs = 2;
// Of so many files that failed it is known whether they came after all.
constexpr size_t kFailedFilesMax = 10'000;

template <class E>
std::string reason(const E& event) {
    std::string text = forLog(event.text, 300);
    if (!event.code.empty()) text += " (" + forLog(event.code) + ")";
    return text;
}

}  // namespace

Solo::Solo(net::EventLoop& loop, const ChatFactory& factory, SoloSettings settings,
           std::function<void(const Outcome&)> finished)
    : loop_(loop),
      settings_(std::move(settings)),
      finished_(std::move(finished)),
      self_(std::make_shared<Solo*>(this)),
      chat_(factory(settings_.client, *this)) {
    if (settings_.acks && settings_.memory) settings_.memory->keepToSeen();
}

Solo::~Solo() {
    *self_ = nullptr;
    loop_.cancel(patience_);
    loop_.cancel(poll_);
    loop_.cancel(deadline_);
}

void Solo::start() {
    state_ = State::Connecting;
    chat_->start();
    if (!settings_.client.classic) {
        for (const std::string& room : settings_.rooms) {
            if (missingRooms_.insert(room).second) chat_->join(room, settings_.since.joinSince());
        }
    }
    patience_ = loop_.after(settings_.client.connectTimeoutMs + settings_.timeoutMs,
                            [this] { patience(); });
    if (settings_.deadlineMs)
        deadline_ = loop_.after(*settings_.deadlineMs - settings_.spentMs, [this] { deadline(); });
}

void Solo::deadline() {
    deadline_ = 0;
    if (state_ == State::Leaving) return finish(outcome_);
    if (state_ != State::Done) onDeadline();
}

void Solo::onDeadline() {
    leaveAtOnce({kTimedOut, "the run has not ended within its deadline of " +
                                durationText(*settings_.deadlineMs) +
                                (wasReady() ? "" : ": the server has not let us into our rooms")});
}

void Solo::onEvent(const client::Event& event) {
    ++events_;
    if (state_ == State::Done) return;
    followFile(event);
    remember(event, onHeard(event));
    follow(event);
}

void Solo::follow(const client::Event& event) {
    if (const auto* end = std::get_if<event::Disconnected>(&event)) return ended(*end);
    const auto* const refused = std::get_if<event::Refused>(&event);
    if (refused != nullptr && state_ == State::Joining && refused->re == "join") {
        return leave(
            {kNoServer, "could not join " + forLog(refused->room) + ": " + reason(*refused)});
    }
    std::visit(
        client::Overloaded{
            [this](const event::Reconnecting& away) { tellAway(away); },
            [this](const event::LogChanged& changed) { print(forLog(changed.text, 300)); },
            [this](const event::Connected& one) { connected(one); },
            [this](const event::Joined& joined) { missingRooms_.erase(std::string(joined.room)); },
            client::IgnoreOthers{},
        },
        event);
    later(&Solo::afterEvent);
}

void Solo::connected(const event::Connected& connected) {
    if (std::exchange(away_, false) && state_ != State::Connecting) print("connected again");
    if (!connected.text.empty()) print(forLog(connected.text, 300));
    if (state_ == State::Connecting) state_ = State::Joining;
}

void Solo::tellAway(const event::Reconnecting& away) {
    if (std::exchange(away_, true)) return;
    const bool atFirst = state_ == State::Connecting;
    print((atFirst ? "cannot get in yet: " : "lost the server: ") + reason(away) +
          (atFirst ? "; trying again" : "; coming back"));
}

// A file that comes after all is no failure any more.
void Solo::followFile(const client::Event& event) {
    std::visit(
        client::Overloaded{
            [this](const event::FileReceived& file) {
                failedFiles_.erase(std::string(file.sha256));
            },
            [this](const event::Uploaded& file) { failedFiles_.erase(std::string(file.id)); },
            [this](const event::FileFailed& file) {
                fileFailed(file.sha256, file, " was not received: ");
            },
            [this](const event::Refused& refused) {
                const std::string_view key = refused.id.empty() ? refused.sha256 : refused.id;
                const bool offer = refused.re == "offer" || refused.re == "data";
                if (offer) fileFailed(key, refused, " was not sent: ");
                if (refused.re == "get") fileFailed(key, refused, " was not received: ");
            },
            client::IgnoreOthers{},
        },
        event);
}

template <class E>
void Solo::fileFailed(std::string_view key, const E& event, const char* how) {
    if (event.code == client::kCancelled || failedFiles_.size() == kFailedFilesMax) return;
    const std::string name = event.name.empty() ? "a file" : forLog(event.name);
    failedFiles_[std::string(key)] = name + how + reason(event);
}

// What could not be reached or understood counts more.
Outcome Solo::withFiles(Outcome outcome) const {
    const bool better = outcome.code == kMet || outcome.code == kTimedOut;
    if (!wantsFiles() || failedFiles_.empty() || !better) return outcome;
    const std::string more = failedFiles_.size() == 1
                                 ? ""
                                 : " (and " + std::to_string(failedFiles_.size() - 1) + " more)";
    const std::string before = outcome.text.empty() ? "" : outcome.text + "; ";
    return {kFile, before + failedFiles_.begin()->second + more};
}

// Right after it was put out: who is killed in between hears that one again, and no more.
void Solo::remember(const client::Event& event, bool putOut) {
    if (!settings_.memory) return;
    client::StateFile& memory = *settings_.memory;
    const auto entry = memory.take(event, [this] { return chat_->state(); });
    if (entry && putOut) memory.seen(entry->room, entry->seq);
    saveMemory();
}

void Solo::saveMemory() {
    const Status saved = settings_.memory->save();
    if (!saved) print(saved.error().text + "; the next run cannot go on from this one");
    if (!saved) settings_.memory.reset();
}

Status Solo::acknowledge(std::string_view room, uint64_t seq) {
    if (!settings_.memory) return Error{ErrorCode::Internal, "there is no file for it"};
    client::StateFile& memory = *settings_.memory;
    if (memory.seenIn(room).value_or(0) >= seq) return Ok{};
    memory.seen(room, seq);
    return memory.save();
}

void Solo::fetch(std::string_view sha256, std::string_view name, uint64_t size) {
    if (settings_.memory) {
        settings_.memory->wanted(sha256, name, size);
        saveMemory();
    }
    chat_->get(sha256, name, size);
}

// Events come in the middle of a client's work: what they lead to is done after it.
void Solo::later(void (Solo::*what)()) {
    loop_.post([self = self_, what] {
        if (*self) ((*self)->*what)();
    });
}

void Solo::becomeReady() {
    state_ = State::Ready;
    loop_.cancel(patience_);
    onReady();
}

void Solo::afterEvent() {
    if (state_ == State::Joining && missingRooms_.empty()) return becomeReady();
    if (state_ != State::Draining || !chat_->idle() || chat_->unacknowledged() > 0) return;
    if (awaitsAnswers()) return;
    leave(onDrained());
}

void Solo::ended(const event::Disconnected& ended) {
    if (state_ == State::Leaving) return finish(outcome_);
    if (ended.code.empty() && keepsWithoutServer()) return;
    std::string what = state_ == State::Connecting ? "could not connect: " : "lost the server: ";
    finish({kNoServer, what + reason(ended)});
}

void Solo::drain() {
    if (state_ == State::Connecting) return leave({});
    if (state_ != State::Joining && state_ != State::Ready) return;
    loop_.cancel(patience_);
    state_ = State::Draining;
    eventsSeen_ = events_;
    patience_ = loop_.after(settings_.timeoutMs, [this] { patience(); });
    poll();
    later(&Solo::afterEvent);
}

void Solo::patience() {
    if (away_) {  // the client has a bound of its own for that
        patience_ = loop_.after(settings_.timeoutMs, [this] { patience(); });
        return;
    }
    if (state_ == State::Draining && events_ != eventsSeen_) {
        eventsSeen_ = events_;
        patience_ = loop_.after(settings_.timeoutMs, [this] { patience(); });
        return;
    }
    if (state_ == State::Connecting || state_ == State::Joining)
        return leave({kTimedOut, "the server has not let us into our rooms in time"});
    leave({kTimedOut, "the server has given no sign for " + durationText(settings_.timeoutMs) +
                          "; " + std::to_string(chat_->unacknowledged()) +
                          " of the messages may not be in the log"});
}

void Solo::poll() {
    loop_.cancel(poll_);
    poll_ = loop_.after(kSoloPollMs, [this] { polled(); });
}

void Solo::polled() {
    if (state_ == State::Ready) onPoll();
    if (state_ != State::Draining) return;
    afterEvent();
    if (state_ == State::Draining) poll();
}

void Solo::leave(Outcome outcome) {
    leaveWithin(kByeMs, std::move(outcome));
}

void Solo::leaveAtOnce(Outcome outcome) {
    leaveWithin(kByeAtOnceMs, std::move(outcome));
}

void Solo::leaveWithin(int64_t byeMs, Outcome outcome) {
    if (state_ == State::Leaving || state_ == State::Done) return;
    outcome_ = std::move(outcome);
    state_ = State::Leaving;
    loop_.cancel(patience_);
    patience_ = loop_.after(byeMs, [this] { finish(outcome_); });
    chat_->bye();
}

void Solo::finish(Outcome outcome) {
    if (state_ == State::Done) return;
    state_ = State::Done;
    outcome_ = withFiles(std::move(outcome));
    loop_.cancel(patience_);
    loop_.cancel(std::exchange(deadline_, 0));
    finished_(outcome_);
}

}  // namespace netchat::bot
