#include "modes/client/pending_requests.h"

#include <utility>

#include "protocol/message.h"

namespace netchat::client {

namespace {

// Whose answers and refusals do not say which of several they are for.
bool isOneAtATime(std::string_view verb) {
    return verb != v2::Nick::kVerb && verb != v2::Ping::kVerb;
}

bool isAboutRoom(std::string_view verb) {
    return verb == v2::Who::kVerb || verb == v2::History::kVerb || verb == v2::Search::kVerb;
}

}  // namespace

template <class Fits>
std::optional<PendingRequests::Question> PendingRequests::take(Fits fits) {
    const auto found = std::find_if(questions_.begin(), questions_.end(), fits);
    if (found == questions_.end()) return std::nullopt;
    Question question = std::move(*found);
    questions_.erase(found);
    return question;
}

void PendingRequests::ask(std::string_view verb, std::string_view about, std::string_view words,
                          std::string frame) {
    const uint64_t behind = isAboutRoom(verb) ? lastOf(about) : 0;
    questions_.push_back(
        {verb, std::string(about), std::string(words), std::move(frame), behind, false});
}

bool PendingRequests::isDue(size_t index) const {
    const Question& question = questions_[index];
    if (!isOneAtATime(question.verb)) return true;
    const auto end = questions_.begin() + static_cast<std::ptrdiff_t>(index);
    const bool first = std::none_of(questions_.begin(), end, [&](const Question& earlier) {
        return earlier.verb == question.verb;
    });
    return first && !waits(question.about, question.behind);
}

std::optional<PendingRequests::Question> PendingRequests::answered(std::string_view verb,
                                                                   std::string_view about) {
    return take([&](const Question& question) {
        const bool named = verb != v2::Nick::kVerb;  // the server may write it in another form
        return question.sent && question.verb == verb && (!named || question.about == about);
    });
}

std::optional<PendingRequests::Question> PendingRequests::refused(std::string_view verb,
                                                                  std::string_view room,
                                                                  std::string_view nick) {
    const std::string_view about = verb == v2::Nick::kVerb ? nick : room;
    const bool alone = isOneAtATime(verb) || about.empty();
    return take([&](const Question& question) {
        return question.sent && question.verb == verb && (alone || question.about == about);
    });
}

bool PendingRequests::goOn(std::string_view verb, std::string_view about, std::string frame) {
    const auto found =
        std::find_if(questions_.begin(), questions_.end(), [&](const Question& question) {
            return question.sent && question.verb == verb && question.about == about;
        });
    if (found == questions_.end()) return false;
    found->frame = std::move(frame);
    found->sent = false;
    return true;
}

bool PendingRequests::isAsked(std::string_view verb, std::string_view about) const {
    return std::any_of(questions_.begin(), questions_.end(), [&](const Question& question) {
        return question.verb == verb && question.about == about;
    });
}

void PendingRequests::forget(std::string_view verb, std::string_view about) {
    take(
        [&](const Question& question) { return question.verb == verb && question.about == about; });
}

bool PendingRequests::isSent() const {
    return std::all_of(questions_.begin(), questions_.end(),
                       [](const Question& question) { return question.sent; });
}

void PendingRequests::connectionEnded() {
    for (Question& question : questions_) question.sent = false;
}

void PendingRequests::defer(RoomRequest request) {
    request.number = ++lastNumber_;
    rooms_.push_back(std::move(request));
}

void PendingRequests::beganAnew() {
    for (RoomRequest& request : rooms_) {
        if (request.since) request.since = 0;
    }
}

bool PendingRequests::holdsUp(std::string_view room) const {
    return lastOf(room) != 0 ||
           std::any_of(questions_.begin(), questions_.end(), [&](const Question& question) {
               return !question.sent && isAboutRoom(question.verb) && question.about == room;
           });
}

bool PendingRequests::isFirst(const RoomRequest& request) const {
    if (waits(request.room, request.number - 1)) return false;
    return std::none_of(questions_.begin(), questions_.end(), [&](const Question& question) {
        return !question.sent && isAboutRoom(question.verb) && question.about == request.room &&
               question.behind < request.number;
    });
}

uint64_t PendingRequests::lastOf(std::string_view room) const {
    uint64_t last = 0;
    for (const RoomRequest& request : rooms_) {
        if (request.room == room) last = request.number;
    }
    return last;
}

bool PendingRequests::waits(std::string_view room, uint64_t number) const {
    return std::any_of(rooms_.begin(), rooms_.end(), [&](const RoomRequest& request) {
        return request.room == room && request.number <= number;
    });
}

bool PendingRequests::waitsToJoin(std::string_view room) const {
    return std::any_of(rooms_.begin(), rooms_.end(), [&](const RoomRequest& request) {
        return request.room == room && request.kind == RoomRequest::Kind::Join;
    });
}

}  // namespace netchat::client
