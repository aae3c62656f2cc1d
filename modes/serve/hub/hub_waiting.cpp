// What waits for the log's answer, and what goes on meanwhile. A user's commands keep their order:
// who leaves a room after saying something there has said it before leaving.

#include "modes/serve/hub/copied_command.h"
#include "modes/serve/hub/hub.h"

namespace netchat::serve {

namespace {

bool isEntry(const Command& command) {
    return std::holds_alternative<Say>(command) || std::holds_alternative<DropFile>(command);
}

size_t commandCost(const Command& command) {
    if (const auto* const say = std::get_if<Say>(&command)) return costOf(say->text);
    if (const auto* const tell = std::get_if<Tell>(&command)) return costOf(tell->text);
    return costOf({});
}

bool onlyAsks(const Command& command) {
    return std::holds_alternative<CatchUp>(command) ||
           std::holds_alternative<AskHistory>(command) ||
           std::holds_alternative<AskSearch>(command) || std::holds_alternative<AskWho>(command) ||
           std::holds_alternative<AskRooms>(command) || std::holds_alternative<Barrier>(command);
}

}  // namespace

void Hub::carryOut(const Command& command) {
    std::visit([this](const auto& c) { on(c); }, command);
}

// A command that is no entry comes after what was said before it. While the log has not answered,
// only its own user's entries count.
bool Hub::mayRun(const Command& command) {
    if (reads_.has(sessionOf(command))) return false;
    if (isEntry(command)) return true;
    commitDrafts();
    return !underWay_ || !hasDrafts(command);
}

bool Hub::hasDrafts(const Command& command) const {
    // A user who comes back by another connection comes after what was said by the first.
    if (const auto* const greet = std::get_if<Greet>(&command)) {
        return underWay_->users.count(directory_.numberBySecret(greet->secret)) > 0;
    }
    const User* const user = directory_.bySession(sessionOf(command));
    return user && underWay_->users.count(user->number) > 0;
}

void Hub::wait(SessionId session, const Command& command) {
    unanswered(session, commandCost(command));
    auto batch = copied(command);
    const Command* const own = &batch->commands.front();
    waiting_.add(session, {std::move(batch), own});
}

void Hub::runWaiting(const WaitingCommands::Waiting& next) {
    answered(sessionOf(*next.command), commandCost(*next.command));
    current_ = next.batch;
    carryOut(*next.command);
}

void Hub::resume() {
    waiting_.resume([this](const Command& command) { return mayRun(command); },
                    [this](const WaitingCommands::Waiting& next) { runWaiting(next); });
}

void Hub::resumeReleased() {
    while (!released_.empty()) {
        const SessionId session = released_.back();
        released_.pop_back();
        waiting_.resume(
            session, [this](const Command& command) { return mayRun(command); },
            [this](const WaitingCommands::Waiting& next) { runWaiting(next); });
    }
}

// The session is gone, and is shown nothing any more. What it has said counts all the same.
void Hub::endInterest(SessionId session) {
    endReads(session);
    waiting_.discard(session, [this, session](const Command& command) {
        const bool drops = onlyAsks(command);
        if (drops) answered(session, commandCost(command));
        return drops;
    });
    resumeReleased();
}

// ---- how much of it there is

void Hub::unanswered(SessionId session, size_t bytes) {
    if (unanswered_.add(session, bytes)) emit(session, Hold{session, true});
}

void Hub::answered(SessionId session, size_t bytes) {
    for (const SessionId freed : unanswered_.remove(session, bytes)) {
        emit(freed, Hold{freed, false});
    }
}

void Hub::releaseRooms(const std::vector<Pending>& drafts) {
    for (const Pending& pending : drafts) {
        if (!pending.room) continue;
        Room& room = *pending.room;
        if (--room.drafts == 0) dropIfUnused(room.id);
    }
}

}  // namespace netchat::serve
