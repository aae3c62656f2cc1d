#include "modes/client/unacked_queue.h"

#include <algorithm>
#include <utility>

namespace netchat::client {

void UnackedQueue::add(Said said) {
    if (said.state != Said::State::Sent) ++held_;
    list_.push_back(std::move(said));
}

// Acknowledgements come in the order of saying, or nearly: the front is where to look.
bool UnackedQueue::remove(std::string_view id) {
    const auto found =
        std::find_if(list_.begin(), list_.end(), [&](const Said& said) { return said.id == id; });
    if (found == list_.end()) return false;
    if (found->state != Said::State::Sent) --held_;
    list_.erase(found);
    return true;
}

UnackedQueue::Refusal UnackedQueue::refused(std::string_view id) {
    const auto found =
        std::find_if(list_.begin(), list_.end(), [&](const Said& said) { return said.id == id; });
    if (found == list_.end() || found->answersDue == 0) return Refusal::Final;
    --found->answersDue;
    found->answersInDoubt = std::min(found->answersInDoubt, found->answersDue);
    if (found->state != Said::State::Sent) return Refusal::Early;
    if (found->answersDue == 0) return Refusal::Final;
    return found->answersDue > found->answersInDoubt ? Refusal::Early : Refusal::Unclear;
}

void UnackedQueue::holdAll() {
    for (Said& said : list_) {
        if (said.state == Said::State::Sent) said.state = Said::State::Unsure;
        said.answersDue = said.answersInDoubt = 0;
    }
    held_ = list_.size();
}

void UnackedQueue::sayAgainIn(std::string_view room) {
    for (Said& said : list_) {
        if (said.kind != Said::Kind::Say || said.where != room) continue;
        said.answersInDoubt = said.answersDue;
        if (said.state != Said::State::Sent) continue;
        said.state = Said::State::Unsure;
        ++held_;
    }
}

std::vector<Said> UnackedQueue::takeUnsure() {
    std::vector<Said> unsure;
    for (Said& said : list_) {
        if (said.state == Said::State::Unsure) unsure.push_back(std::move(said));
    }
    std::erase_if(list_, [](const Said& said) { return said.state == Said::State::Unsure; });
    held_ -= unsure.size();
    return unsure;
}

// ---- what always holds

std::string UnackedQueue::checkInvariants() const {
    size_t held = 0;
    for (const Said& said : list_) {
        if (said.answersInDoubt > said.answersDue)
            return "more answers to " + said.id + " are in doubt than due";
        const bool sent = said.state == Said::State::Sent;
        if (sent && said.answersDue == 0) return said.id + " was sent, and no answer is due";
        if (said.state == Said::State::Held && said.answersDue > 0)
            return said.id + " was not sent, and an answer is due";
        if (!sent) ++held;
    }
    return held == held_ ? "" : "what is not sent is miscounted";
}

}  // namespace netchat::client
