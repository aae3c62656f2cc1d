#include "modes/client/outstanding.h"

#include <algorithm>
#include <utility>

namespace netchat::client {

void Outstanding::add(Said said) {
    if (said.state != Said::State::Sent) ++held_;
    list_.push_back(std::move(said));
}

// Acknowledgements come in the order of saying, or nearly: the front is where to look.
bool Outstanding::remove(std::string_view id) {
    const auto found =
        std::find_if(list_.begin(), list_.end(), [&](const Said& said) { return said.id == id; });
    if (found == list_.end()) return false;
    if (found->state != Said::State::Sent) --held_;
    list_.erase(found);
    return true;
}

bool Outstanding::refusedOnce(std::string_view id) {
    const auto found =
        std::find_if(list_.begin(), list_.end(), [&](const Said& said) { return said.id == id; });
    if (found == list_.end() || found->answersDue == 0) return false;
    --found->answersDue;
    return found->answersDue > 0 || found->state != Said::State::Sent;
}

void Outstanding::holdAll() {
    sayAgain();
    for (Said& said : list_) said.answersDue = 0;
}

void Outstanding::sayAgain() {
    for (Said& said : list_) {
        if (said.state == Said::State::Sent) said.state = Said::State::Unsure;
    }
    held_ = list_.size();
}

std::vector<Said> Outstanding::takeUnsure() {
    std::vector<Said> unsure;
    for (Said& said : list_) {
        if (said.state == Said::State::Unsure) unsure.push_back(std::move(said));
    }
    std::erase_if(list_, [](const Said& said) { return said.state == Said::State::Unsure; });
    held_ -= unsure.size();
    return unsure;
}

}  // namespace netchat::client
