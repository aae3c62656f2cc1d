#include "harness/simulate/invariant_checker.h"

#include <algorithm>
#include <charconv>

#include "harness/plan/rng.h"

namespace netchat::simulate {

void InvariantChecker::violated(const std::string& invariant, const std::string& text) {
    if (first_) return;
    first_ = {invariant, text};
    trace_.say("VIOLATED " + invariant + ": " + text);
}

void InvariantChecker::shown(const std::string& who, const store::Entry& e, std::string_view room) {
    const std::string place = std::string(room) + " " + std::to_string(e.seq);
    trace_.mark(e.seq, e.user);
    trace_.mark(e.text);
    const KeptEntry* kept = log_.entry(room, e.seq, epoch_);
    if (!kept) return violated("unlogged", who + " sees " + place + ", which is not in the log");
    const bool same = kept->kind == e.kind && kept->text == e.text && kept->from == e.from &&
                      kept->user == e.user && kept->id == e.id && kept->sha256 == e.sha256 &&
                      kept->size == e.size && kept->time == e.time;
    if (!same) {
        return violated("altered", who + " sees in " + place + " '" +
                                       std::string(e.text.substr(0, 40)) + "', the log has '" +
                                       kept->text.substr(0, 40) + "'");
    }
    if (epoch_ != log_.epoch()) return;
    uint64_t& most = shownMost_[std::string(room)];
    most = std::max(most, e.seq);
}

void InvariantChecker::look() {
    for (const auto& [room, entries] : log_.rooms()) {
        size_t& seen = seen_[room];
        for (; seen < entries.size(); ++seen) {
            const KeptEntry& entry = entries[seen];
            trace_.mark(entry.text);
            if (!texts_.insert(entry.text).second) {
                violated("twice", "'" + entry.text.substr(0, 40) + "' is in the log again, as " +
                                      room + " " + std::to_string(seen + 1));
            }
            // Files take the time that they take.
            if (entry.kind == store::EntryKind::File) continue;
            // A classic client is another user on each connection, and what is left of the one
            // before may still be on its way.
            const uint64_t whose = entry.id.empty() ? entry.user : 0;
            uint64_t& last =
                saidLast_[sayerOf(entry.text) + " " + std::to_string(whose) + " " + room];
            const uint64_t number = numberOf(entry.text);
            if (outside_.count(number) != 0) continue;
            if (number < last && !logFailed_) {
                violated("order", "#" + std::to_string(number) + " is in the log of " + room +
                                      " after #" + std::to_string(last));
            }
            last = number;
        }
    }
    for (const auto& [room, most] : shownMost_) {
        if (lastSeq(room) < most) {
            violated("unlogged", room + " " + std::to_string(most) +
                                     " was shown, and the log ends at " +
                                     std::to_string(lastSeq(room)));
        }
    }
}

void InvariantChecker::beginAnew() {
    seen_.clear();
    shownMost_.clear();
    texts_.clear();
    saidLast_.clear();
}

// ---- texts

std::string textOf(const std::string& who, uint64_t number, uint64_t size) {
    std::string text = who + " #" + std::to_string(number) + " ";
    static constexpr std::string_view kWords = "lorem ipsum\tдолор 😀 sit\namet, !join ";
    while (text.size() < size) text += kWords;
    return text + ".";
}

std::string fileNameOf(const std::string& who, uint64_t number) {
    return who + "_" + std::to_string(number) + ".bin";
}

std::string fileBytesOf(uint64_t number, uint64_t size) {
    harness::Rng numbers(number % 3 == 0 ? 0 : number);
    std::string bytes;
    bytes.reserve(size + 8);
    while (bytes.size() < size) {
        const uint64_t word = numbers.next();
        bytes.append(reinterpret_cast<const char*>(&word), sizeof word);
    }
    bytes.resize(size);
    return bytes;
}

std::string sayerOf(std::string_view text) {
    return std::string(text.substr(0, text.find_first_of(" _")));
}

uint64_t numberOf(std::string_view text) {
    size_t at = text.find_first_of("#_");
    if (at == std::string_view::npos) return 0;
    uint64_t number = 0;
    std::from_chars(text.data() + at + 1, text.data() + text.size(), number);
    return number;
}

}  // namespace netchat::simulate
