#include "modes/connect/transfer_choice.h"

#include <algorithm>
#include <charconv>

namespace netchat::connect {

namespace {

// 0: it is no number.
size_t numberOf(std::string_view text) {
    size_t number = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, number);
    return error == std::errc() && stop == end ? number : 0;
}

}  // namespace

size_t TransferNumbers::of(bool upload, std::string_view key) {
    const auto [entry, isNew] = numbers_.try_emplace({upload, std::string(key)}, last_ + 1);
    if (isNew) ++last_;
    return entry->second;
}

void TransferNumbers::keepOnly(std::span<const Key> underWay) {
    std::map<std::pair<bool, std::string>, size_t> kept;
    for (const Key& one : underWay) {
        const auto known = numbers_.find({one.upload, std::string(one.key)});
        if (known != numbers_.end()) kept.insert(*known);
    }
    numbers_ = std::move(kept);
    if (numbers_.empty()) last_ = 0;
}

std::optional<size_t> chosenTransfer(std::string_view which,
                                     std::span<const NumberedTransfer> underWay) {
    if (which.empty()) return underWay.size() == 1 ? std::optional<size_t>(0) : std::nullopt;
    if (const size_t number = numberOf(which); number != 0) {
        for (size_t i = 0; i < underWay.size(); ++i) {
            if (underWay[i].number == number) return i;
        }
    }
    size_t count = 0;
    const auto onlyOne = [&](auto fits) {
        std::optional<size_t> found;
        count = 0;
        for (size_t i = 0; i < underWay.size(); ++i) {
            if (!fits(underWay[i].name) && !fits(underWay[i].shown)) continue;
            found = i;
            ++count;
        }
        return count == 1 ? found : std::nullopt;
    };
    const auto named = onlyOne([&](std::string_view name) { return name == which; });
    if (count > 0) return named;
    return onlyOne([&](std::string_view name) { return name.starts_with(which); });
}

}  // namespace netchat::connect
