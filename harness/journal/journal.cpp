#include "harness/journal/journal.h"

#include <array>

namespace netchat::harness {

std::string_view kindName(Kind kind) {
    constexpr std::array<std::string_view, kKindCount> kNames = {"join",          "joined",
                                                                 "leave",         "left",
                                                                 "closed",        "lost",
                                                                 "sent",          "refused",
                                                                 "received",      "corrupted",
                                                                 "stranger",      "gap",
                                                                 "upload",        "upload-refused",
                                                                 "uploaded",      "announced",
                                                                 "file-received", "file-corrupted",
                                                                 "file-failed",   "stray-file",
                                                                 "temporary",     "fault",
                                                                 "cut",           "back",
                                                                 "bot-killed",    "bot-back",
                                                                 "server-killed", "server-back",
                                                                 "faults-over",   "resent",
                                                                 "in-log",        "file-in-log",
                                                                 "server-failed", "end"};
    return kNames[static_cast<size_t>(kind)];
}

void Journal::add(Record record, std::string_view text) {
    if (!text.empty()) {
        const auto [at, added] =
            interned_.try_emplace(std::string(text), static_cast<uint32_t>(strings_.size()));
        if (added) strings_.emplace_back(text);
        record.text = at->second;
    }
    records_.push_back(record);
}

}  // namespace netchat::harness
