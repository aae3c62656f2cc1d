#include "modes/client/fetch_budget.h"

#include <algorithm>

namespace netchat::client {

FetchBudget::Verdict FetchBudget::take(const event::File& file) {
    if (file.size > fileBytesMax_) return Verdict::TooLarge;
    const uint64_t size = std::max(file.size, kFileBytesMin);
    if (totalBytesMax_ == UINT64_MAX) return Verdict::Fetched;
    if (size > totalBytesMax_ - std::min(taken_, totalBytesMax_)) return Verdict::UsedUp;
    const std::string sender =
        file.user != 0 ? "#" + std::to_string(file.user) : std::string(file.from);
    const auto known = takenFrom_.find(sender);
    const uint64_t before = known == takenFrom_.end() ? 0 : known->second;
    if (before + size > totalBytesMax_ / kSenderShare) return Verdict::SenderUsedUp;
    taken_ += size;
    takenFrom_[sender] = before + size;
    return Verdict::Fetched;
}

std::string_view FetchBudget::reason(Verdict verdict) {
    switch (verdict) {
        case Verdict::Fetched:
        case Verdict::TooLarge:
            return {};
        case Verdict::SenderUsedUp:
            return "the files of one sender are more than a quarter of --auto-download-total";
        case Verdict::UsedUp:
            return "the files of this run are more than --auto-download-total";
    }
    return {};
}

}  // namespace netchat::client
